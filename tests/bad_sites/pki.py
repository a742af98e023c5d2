"""Certificates for sites of the corpus, made when they are asked for and kept for the session.

A specification is a map: ``names`` (DNS names or addresses, default chi.example.org), ``days``
(until it expires, 365), ``since`` (days after which it is valid, -1), ``key`` (``ec``,
``rsa1024``), ``chain`` (what stands in the file, in order, of ``server``, ``intermediate``,
``root``, ``stranger``; default server, intermediate), ``private`` (``own``, ``other``,
``encrypted``, ``none``, ``only``), ``points`` (whether the server's says where its issuer is),
``cut`` (lines to drop at the end), ``der`` (no PEM).
Specifications with the same names and kind of key share one key.
"""

from __future__ import annotations

import datetime
import functools
import ipaddress
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

DAY = datetime.timedelta(days=1)


def make(specification: dict[str, Any]) -> bytes:
    """The content of the file that a specification describes."""
    return _make(json.dumps(specification, sort_keys=True))


@functools.cache
def _make(text: str) -> bytes:
    wanted = json.loads(text)
    key = _own(wanted.get("key", "ec"), tuple(wanted.get("names", ())))
    server = _server(wanted, key)
    if wanted.get("der"):
        return server.public_bytes(serialization.Encoding.DER)
    known = {"server": server, **{name: _authority(name)[0] for name in ("root", "stranger")}}
    known["intermediate"] = _authority("intermediate")[0]
    private = wanted.get("private", "own")
    chain = [] if private == "only" else wanted.get("chain", ["server", "intermediate"])
    parts = [known[name].public_bytes(serialization.Encoding.PEM) for name in chain]
    if private != "none":
        parts.append(_private(_key("ec") if private == "other" else key, private == "encrypted"))
    content = b"".join(parts)
    lines = content.splitlines(keepends=True)
    return b"".join(lines[: len(lines) - wanted.get("cut", 0)])


def _server(wanted: dict[str, Any], key: Any) -> x509.Certificate:
    issuer, issuer_key = _authority("intermediate")
    names = [_name(name) for name in wanted.get("names", ["chi.example.org"])]
    builder = _builder("chi.example.org", issuer.subject, key, wanted)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if wanted.get("points"):
        place = x509.UniformResourceIdentifier("http://ca.example.org/intermediate.crt")
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@functools.cache
def _authority(name: str) -> tuple[x509.Certificate, Any]:
    key = _key("ec")
    above = _authority("root") if name == "intermediate" else None
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Example {name}")])
    builder = _builder(f"Example {name}", above[0].subject if above else subject, key, {})
    builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    return builder.sign(above[1] if above else key, hashes.SHA256()), key


def _builder(
    name: str, issuer: x509.Name, key: Any, wanted: dict[str, Any]
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + wanted.get("since", -400) * DAY)
        .not_valid_after(now + wanted.get("days", 365) * DAY)
    )


@functools.cache
def _own(kind: str, names: tuple[str, ...]) -> Any:
    return _key(kind)


def _key(kind: str) -> Any:
    if kind == "rsa1024":
        return rsa.generate_private_key(65537, 1024)
    return ec.generate_private_key(ec.SECP256R1())


def _private(key: Any, encrypted: bool) -> bytes:
    algorithm = (
        serialization.BestAvailableEncryption(b"not a secret")
        if encrypted
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, algorithm
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
