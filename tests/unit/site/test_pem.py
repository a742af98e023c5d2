from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cc_ansible.site import pem

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def make(name: str, *names: str) -> tuple[bytes, bytes]:
    """A certificate that signed itself, and its key."""
    key: Any = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    kinds: list[x509.GeneralName] = []
    for each in names:
        try:
            kinds.append(x509.IPAddress(ipaddress.ip_address(each)))
        except ValueError:
            kinds.append(x509.DNSName(each))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName(kinds), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "haproxy.pem"


def test_certificates_and_keys_are_found_with_their_lines(file: Path) -> None:
    certificate, key = make("one", "one.example.org")
    file.write_bytes(b"Bag Attributes\n" + certificate + key)
    bundle = pem.read(file)
    assert not bundle.problems
    assert [one.origin.line for one in bundle.certificates] == [2]
    assert bundle.keys[0].origin.line == 2 + certificate.count(b"\n")
    assert bundle.keys[0].fits(bundle.certificates[0])


def test_the_key_of_another_does_not_fit(file: Path) -> None:
    file.write_bytes(make("one", "a.example.org")[0] + make("two", "a.example.org")[1])
    bundle = pem.read(file)
    assert not bundle.keys[0].fits(bundle.certificates[0])


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("chi.example.org", True),
        ("CHI.example.org", True),
        ("api.wild.example.org", True),
        ("wild.example.org", False),
        ("a.b.wild.example.org", False),
        ("198.51.100.10", True),
        ("198.51.100.11", False),
        ("2001:db8:0::1", True),
        ("example.org", False),
    ],
)
def test_names(file: Path, name: str, covered: bool) -> None:
    names = ("chi.example.org", "*.wild.example.org", "198.51.100.10", "2001:db8::1")
    file.write_bytes(make("one", *names)[0])
    assert pem.read(file).certificates[0].covers(name) is covered


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello\n", "no certificate"),
        (b"\x30\x82\x01\x0a", "DER"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "without an end"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
    ],
)
def test_what_is_no_certificate_is_told_without_its_content(
    file: Path, content: bytes, says: str
) -> None:
    file.write_bytes(content)
    bundle = pem.read(file)
    assert [says in problem.what for problem in bundle.problems] == [True]
    assert "AAAA" not in str(bundle.problems)
    assert all(problem.fix for problem in bundle.problems)


def test_an_encrypted_key_is_seen_and_not_asked_for(file: Path) -> None:
    head = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
    file.write_bytes(head + b"-----END ENCRYPTED PRIVATE KEY-----\n")
    bundle = pem.read(file)
    assert [key.content for key in bundle.keys] == [None]
    assert not bundle.problems
