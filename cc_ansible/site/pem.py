"""Certificates and keys in PEM files, with the lines at which they start."""

from __future__ import annotations

import datetime
import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin

if TYPE_CHECKING:
    from cryptography import x509

_BLOCK = re.compile(
    rb"^-----BEGIN (?P<kind>[A-Z0-9 ]+)-----\s*$(?P<body>.*?)(?P<end>^-----END (?P=kind)-----)",
    re.MULTILINE | re.DOTALL,
)
_BEGIN = re.compile(rb"^-----BEGIN [A-Z0-9 ]+-----", re.MULTILINE)
SMALLEST_RSA, SMALLEST_CURVE = 2048, 224
BROKEN_HASHES = ("md5", "sha1")


@dataclass(frozen=True)
class Problem:
    """Something in a file that cannot be used, without any of its content."""

    what: str
    origin: Origin
    fix: str


@dataclass(frozen=True)
class Certificate:
    """A certificate and where it starts."""

    content: x509.Certificate
    origin: Origin

    @property
    def subject(self) -> str:
        """Whom it names."""
        return self.content.subject.rfc4514_string() or "no name"

    @property
    def names(self) -> list[str]:
        """DNS names and addresses for which it is."""
        from cryptography import x509

        found = _extension(self.content, "SubjectAlternativeName")
        if not found:
            return []
        addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
        return [*found.get_values_for_type(x509.DNSName), *addresses]

    @property
    def end(self) -> datetime.datetime:
        """When it expires."""
        return self.content.not_valid_after_utc

    @property
    def start(self) -> datetime.datetime:
        """From when on it is valid."""
        return self.content.not_valid_before_utc

    def covers(self, name: str) -> bool:
        """Whether it is for a DNS name or an address."""
        try:
            return str(ipaddress.ip_address(name)) in self.names
        except ValueError:
            wanted = name.lower().rstrip(".")
            rest = wanted.partition(".")[2]
            return any(own.lower() in (wanted, f"*.{rest}") for own in self.names)

    def signed(self, other: Certificate) -> bool:
        """Whether this one's key signed another certificate."""
        try:
            other.content.verify_directly_issued_by(self.content)
        except Exception:
            return False
        return True

    @property
    def has_issuer_elsewhere(self) -> bool:
        """Whether it says where the certificate that signed it is to be had."""
        from cryptography.x509.oid import AuthorityInformationAccessOID

        found = _extension(self.content, "AuthorityInformationAccess") or ()
        return any(e.access_method == AuthorityInformationAccessOID.CA_ISSUERS for e in found)

    @property
    def weakness(self) -> str:
        """Why OpenSSL would refuse it; empty when it does not."""
        used = self.content.signature_hash_algorithm
        if used and used.name in BROKEN_HASHES and not self.signed(self):
            return f"is signed with {used.name.upper()}"
        return key_weakness(self.content.public_key())


@dataclass(frozen=True)
class Key:
    """A private key and where it starts; ``content`` is None when it is encrypted."""

    content: Any
    origin: Origin

    def fits(self, certificate: Certificate) -> bool:
        """Whether it is the key of a certificate."""
        if self.content is None:
            return True
        return bool(self.content.public_key() == certificate.content.public_key())


@dataclass
class Bundle:
    """What one PEM file holds, in its order."""

    file: Path
    certificates: list[Certificate] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def key_weakness(public: Any) -> str:
    """Why a public key is too short; empty when it is not."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    size = getattr(public, "key_size", SMALLEST_RSA)
    least = {rsa.RSAPublicKey: SMALLEST_RSA, ec.EllipticCurvePublicKey: SMALLEST_CURVE}
    for kind, minimum in least.items():
        if isinstance(public, kind) and size < minimum:
            return f"has a key of {size} bits; {minimum} is the least"
    return ""


def read(file: Path) -> Bundle:
    """The certificates and keys of a file that exists; what is wrong is among its ``problems``."""
    bundle = Bundle(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
        bundle.problems.append(Problem(text, Origin(file), "Check its permissions."))
        return bundle
    ends = set()
    for block in _BLOCK.finditer(data):
        ends.add(block.start())
        _block(bundle, block, _origin(file, data, block.start()))
    for begin in _BEGIN.finditer(data):
        inside = any(b.start() <= begin.start() < b.end() for b in _BLOCK.finditer(data))
        if not inside:
            noun = "key" if b"KEY" in begin[0] else "certificate"
            where = _origin(file, data, begin.start())
            fix = f"Copy the {noun} again, all its lines."
            bundle.problems.append(Problem(f"has a {noun} without an end", where, fix))
    if not ends and not bundle.problems:
        bundle.problems.append(_no_pem(file, data))
    return bundle


def _no_pem(file: Path, data: bytes) -> Problem:
    if data[:1] == b"\x30":
        fix = f"Convert it: `openssl x509 -inform der -in {file.name} -out {file.name}`."
        return Problem("is in DER form, not PEM", Origin(file), fix)
    what = "is empty" if not data.strip() else "holds no certificate and no key in PEM form"
    return Problem(what, Origin(file, 1, 1), "Write -----BEGIN CERTIFICATE----- blocks into it.")


def _block(bundle: Bundle, block: re.Match[bytes], origin: Origin) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    kind = block["kind"].decode()
    try:
        if kind in ("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"):
            found = x509.load_pem_x509_certificate(block[0])
            bundle.certificates.append(Certificate(found, origin))
        elif kind.endswith("PRIVATE KEY"):
            locked = kind.startswith("ENCRYPTED") or b"ENCRYPTED" in block["body"]
            content = None if locked else load_pem_private_key(block[0], password=None)
            bundle.keys.append(Key(content, origin))
    except Exception:  # whatever the parser thinks of it; its words may show content
        noun = "key" if kind.endswith("KEY") else "certificate"
        text = f"has a {noun} that cannot be read"
        bundle.problems.append(Problem(text, origin, f"Copy the {noun} again, all its lines."))


def _origin(file: Path, data: bytes, offset: int) -> Origin:
    return Origin(file, data.count(b"\n", 0, offset) + 1, 1)


def _extension(certificate: x509.Certificate, name: str) -> Any:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(getattr(x509, name)).value
    except (x509.ExtensionNotFound, ValueError):
        return None
