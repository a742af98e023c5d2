"""Quick questions to a cloud: a token, its endpoints, their certificates."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from small_cloud import World

from cc_ansible.verify import api
from cc_ansible.verify.result import Result, Status

Ask = Callable[..., list[Result]]


@pytest.fixture
def endpoints(world: World) -> Ask:
    """Results for a cloud with these endpoints."""

    def ask(*paths: str) -> list[Result]:
        token, connection = api.token(world.start(extra=paths))
        assert not token.failed and connection is not None
        return api.endpoints(connection)

    return ask


def test_a_token_says_where_it_is_from(world: World) -> None:
    result, connection = api.token(world.start())
    assert (result.name, result.status) == ("token", Status.PASSED)
    assert result.detail == f"from http://{world.address}"
    assert connection is not None and result.seconds > 0


def test_a_wrong_password_is_told_from_a_dead_keystone(world: World, tmp_path: Path) -> None:
    result, connection = api.token(world.start(password="wrong"))
    assert connection is None
    assert "401" in result.detail
    assert result.cause.startswith("Keystone refuses the credentials")
    assert "cc-ansible post-deploy" in result.fix
    assert result.runbook == "docs/verify.md#token"
    file = tmp_path / "clouds.yaml"
    file.write_text(file.read_text().replace(world.address, "127.0.0.1:1"))
    result, _ = api.token(file)
    assert result.cause == "Nothing listens there: HAProxy is down, or does not know this service."
    assert "127.0.0.1:1" in result.detail and "refused" in result.detail


def test_a_site_without_credentials_says_how_to_get_them(tmp_path: Path) -> None:
    result, connection = api.token(tmp_path / "gone.yaml")
    assert connection is None
    assert result.cause == "This machine has no credentials of the site."
    assert "cc-ansible post-deploy" in result.fix


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (200, ""), (300, ""), (302, ""), (401, ""), (404, ""),
        (500, "its database or RabbitMQ is out of reach"),
        (502, "takes the request and does not answer it"),
        (503, "HAProxy has no server for it that works"),
        (504, "takes the request and does not answer it"),
    ],
)  # fmt: skip
def test_an_api_that_refuses_runs_and_one_that_breaks_does_not(
    code: int, cause: str, endpoints: Ask
) -> None:
    for result in endpoints(f"/{code}"):
        assert f"/{code} answers {code}" in result.detail
        assert result.failed is bool(cause)
        assert cause in result.cause


def test_each_service_has_a_result_for_its_internal_and_its_public_address(endpoints: Ask) -> None:
    results = endpoints("/200", "/503", "/200/x")
    assert [(each.name, each.failed) for each in results] == [
        ("endpoint name-of-type0 internal", False),
        ("endpoint name-of-type0 public", False),
        ("endpoint name-of-type1 internal", True),
        ("endpoint name-of-type1 public", True),
        ("endpoint name-of-type2 internal", False),
        ("endpoint name-of-type2 public", False),
    ]


def test_an_address_is_asked_once_and_without_its_template(endpoints: Ask, world: World) -> None:
    assert not endpoints("/200/%(tenant_id)s")[0].failed
    assert world.asked.count("GET /200/") == 1


SILENT = {
    "refused": ("http://127.0.0.1:1/", "Nothing listens there: HAProxy is down"),
    "unresolved": ("http://no-such-name.invalid/", "Its name does not resolve"),
}


@pytest.mark.parametrize("how", SILENT)
def test_what_does_not_answer_says_why(how: str) -> None:
    url, cause = SILENT[how]
    found = api.ask(url)
    assert found.trouble is not None and found.status is None
    assert found.trouble.cause.startswith(cause)


def test_a_port_that_takes_connections_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cc_ansible.verify.cloud.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        found = api.ask(f"http://127.0.0.1:{mute.getsockname()[1]}/")
    assert found.trouble is not None
    assert found.trouble.cause.startswith("It does not answer in time")
    assert "timed out" in found.trouble.seen


# --- certificates ----------------------------------------------------------------------------


def pem(days: float) -> bytes:
    """Key and certificate of 127.0.0.1, valid for so many days from now on."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days)).sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return secret + made.public_bytes(serialization.Encoding.PEM)


@contextmanager
def secure(file: Path, days: float) -> Iterator[str]:
    """A TLS server; its address."""
    file.write_bytes(pem(days))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    with context.wrap_socket(connection, server_side=True):
                        pass
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("days", "detail"), [(-2, "expired on"), (20.5, "expires in 20 days"), (90.5, "")]
)
def test_certificates_of_endpoints_are_judged_trusted_or_not(
    days: float, detail: str, tmp_path: Path
) -> None:
    with secure(tmp_path / "c.pem", days) as address:
        urls = [f"https://{address}/v3", f"https://{address}/v2", "http://127.0.0.1:1"]
        (result,) = api.tls(urls, datetime.datetime.now(datetime.UTC))
    assert result.name == f"certificate of {address}"
    assert result.failed is bool(detail)
    assert (detail or "valid for 90 days") in result.detail
    assert not detail or result.runbook == "docs/verify.md#certificates"


def test_an_endpoint_whose_certificate_is_not_trusted_says_so(tmp_path: Path) -> None:
    with secure(tmp_path / "c.pem", -2) as address:
        found = api.ask(f"https://{address}/")
    assert found.trouble is not None
    assert found.trouble.cause.startswith("Its certificate ")
    assert "certificate verify failed" in found.trouble.seen


def test_a_port_without_tls_is_no_certificate(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        threading.Thread(target=talk, daemon=True).start()
        (result,) = api.tls([f"https://127.0.0.1:{port}"], datetime.datetime.now(datetime.UTC))
    assert result.failed and "TLS" in result.cause
