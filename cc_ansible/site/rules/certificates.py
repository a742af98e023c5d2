"""Rules about TLS certificates: there, whole, in order, for the site's names, and still valid."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import Origin
from cc_ansible.site import pem, yamlfile
from cc_ansible.site.facts import Facts, facts
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.pem import Bundle, Certificate
from cc_ansible.site.subject import Subject

MISSING = error("certificate-missing", "Where TLS is on, there is a certificate")
INVALID = error("certificate-invalid", "Certificates and their keys are whole and fit")
CHAIN = error("certificate-chain", "Each certificate is followed by the one that signed it")
INTERMEDIATE = warning("certificate-intermediate", "Certificates come with those that signed them")
NAME = error("certificate-name", "Certificates are for the names under which the site answers")
WEAK = error("certificate-weak", "Certificates are as strong as clients ask for")
EXPIRED = error("certificate-expired", "Certificates are valid today")
EXPIRING = warning("certificate-expiring", "Certificates are valid for another month")
NOT_READ = warning("unread-authority", "Files of authorities have the suffix that is looked for")

SOON = datetime.timedelta(days=30)
NEW = "Get a certificate, or make one with `cc-ansible certificates`."


@dataclass(frozen=True)
class Front:
    """One of the two sides on which HAProxy speaks TLS."""

    flag: str
    file: str
    names: tuple[str, ...]
    side: str


FRONTS = (
    Front(
        "kolla_enable_tls_external",
        "kolla_external_fqdn_cert",
        ("kolla_external_fqdn", "kolla_external_vip_address"),
        "external",
    ),
    Front(
        "kolla_enable_tls_internal",
        "kolla_internal_fqdn_cert",
        ("kolla_internal_fqdn", "kolla_internal_vip_address"),
        "internal",
    ),
)
PAIRS = (
    ("kolla_enable_tls_backend", "backend", ("kolla_tls_backend_cert", "kolla_tls_backend_key")),
    ("rabbitmq_enable_tls", "rabbitmq", ("", "")),
)


def fronts(subject: Subject) -> Iterator[Finding]:
    """The certificates that users and services see."""
    asked = facts(subject)
    managed = asked.on("kolla_externally_managed_cert")
    for front in FRONTS:
        if not asked.on(front.flag) or managed or _is_automatic(asked, front.side):
            continue
        file = _inside(subject, asked.value(front.file))
        if file is None or yamlfile.is_encrypted(file):
            continue
        if not file.is_file():
            place = asked.place(front.file, front.flag)
            yield _missing(subject, front.flag, file, place)
            continue
        bundle = pem.read(file)
        yield from _whole(bundle)
        yield from _keys(bundle, bundle)
        yield from _chain(bundle)
        if bundle.certificates:
            server = _server(bundle)
            yield from _names(asked, front, server)
            yield from _strength(server)
        for certificate in bundle.certificates:
            yield from _dates(subject, certificate)


def pairs(subject: Subject) -> Iterator[Finding]:
    """The certificates between HAProxy and services, and of RabbitMQ, with keys of their own."""
    asked = facts(subject)
    for flag, stem, variables in PAIRS:
        if not asked.on(flag) or asked.on("kolla_externally_managed_cert"):
            continue
        directory = _inside(subject, asked.value("kolla_certificates_dir"))
        if directory is None:
            continue
        files = [
            _inside(subject, asked.value(name)) if name else directory / f"{stem}-{kind}.pem"
            for name, kind in zip(variables, ("cert", "key"), strict=True)
        ]
        own = any(directory.glob("**/*-cert.pem"))
        lacking = [file for file in files if file and not file.is_file()]
        # Services and hosts may have certificates of their own instead.
        for file in () if own and len(lacking) == len(files) else lacking:
            yield _missing(subject, flag, file, asked.place(flag))
        if all(file and file.is_file() and not yamlfile.is_encrypted(file) for file in files):
            yield from _pair(subject, *(file for file in files if file))


def authorities(subject: Subject) -> Iterator[Finding]:
    """Certificates of authorities that containers are to trust."""
    asked = facts(subject)
    base = _inside(subject, asked.value("kolla_certificates_dir"))
    if base is None or not asked.on("kolla_copy_ca_into_containers"):
        return
    directory = base / "ca"
    files = [file for file in sorted(directory.glob("*")) if not file.name.startswith(".")]
    if not files:
        flag = "kolla_copy_ca_into_containers"
        yield _missing(subject, flag, directory / "ca.crt", asked.place(flag))
    debian = asked.value("kolla_base_distro") in ("debian", "ubuntu")
    for file in files:
        if debian and file.suffix != ".crt":
            yield NOT_READ.broken(
                f"Containers do not look at {directory.name}/{file.name}.",
                Origin(file),
                fix=f"Rename it to {file.stem}.crt.",
            )
        elif file.is_file() and not yamlfile.is_encrypted(file):
            bundle = pem.read(file)
            yield from _whole(bundle)
            for certificate in bundle.certificates:
                yield from _dates(subject, certificate)


def _whole(bundle: Bundle) -> Iterator[Finding]:
    for problem in bundle.problems:
        text = f"{bundle.file.name} {problem.what}."
        yield INVALID.broken(text, problem.origin, fix=problem.fix)


def _keys(bundle: Bundle, keys: Bundle) -> Iterator[Finding]:
    """Exactly one key, not encrypted, that belongs to the server's certificate."""
    name = keys.file.name
    if not keys.keys:
        nothing = keys.problems and not keys.certificates
        if not nothing and not any("key" in problem.what for problem in keys.problems):
            where = Origin(keys.file, 1, 1)
            yield INVALID.broken(f"{name} has no key.", where, fix="Append the private key to it.")
        return
    if not bundle.certificates and not bundle.problems:
        where = Origin(bundle.file, 1, 1)
        fix = "Put the certificate before the key."
        yield INVALID.broken(f"{bundle.file.name} has no certificate.", where, fix=fix)
    for key in keys.keys:
        if key.content is None:
            fix = f"Decrypt it: `openssl pkey -in {name}`; keep the file private."
            yield INVALID.broken(f"The key in {name} is encrypted.", key.origin, fix=fix)
        elif bundle.certificates and not any(key.fits(one) for one in bundle.certificates):
            fix = "Use the key that the certificate was requested with."
            text = f"The key in {name} is not that of the certificate."
            yield INVALID.broken(text, key.origin, fix=fix)


def _server(bundle: Bundle) -> Certificate:
    """The server's own certificate: the one whose key is there, else the first."""
    mine = [one for one in bundle.certificates if any(_has_key(key, one) for key in bundle.keys)]
    return mine[0] if mine else bundle.certificates[0]


def _has_key(key: pem.Key, certificate: Certificate) -> bool:
    return key.content is not None and key.fits(certificate)


def _chain(bundle: Bundle) -> Iterator[Finding]:
    chain = bundle.certificates
    if not chain:
        return
    server = _server(bundle)
    if chain[0] is not server:
        yield CHAIN.broken(
            f"{bundle.file.name} does not start with the certificate of the server.",
            chain[0].origin,
            detail=f"It starts with {chain[0].subject}.",
            fix="Order it: server, intermediates from the server upwards, then the key.",
        )
        return
    for below, above in itertools.pairwise(chain):
        if not above.signed(below):
            elsewhere = any(other.signed(below) for other in chain if other is not below)
            fix = "Order the certificates from the server upwards."
            other = f"Replace it by the certificate of {below.content.issuer.rfc4514_string()}."
            yield CHAIN.broken(
                f"{above.subject} did not sign the certificate before it.",
                above.origin,
                fix=fix if elsewhere else other,
            )
            return
    if len(chain) == 1 and server.has_issuer_elsewhere:
        yield INTERMEDIATE.broken(
            f"{bundle.file.name} lacks the certificate that signed the server's.",
            server.origin,
            detail=f"It was signed by {server.content.issuer.rfc4514_string()}.",
            fix="Append the intermediate certificates of your authority after the server's.",
        )


def _names(asked: Facts, front: Front, server: Certificate) -> Iterator[Finding]:
    name = next((str(found) for each in front.names if (found := asked.value(each))), "")
    if name and not server.covers(name):
        shown = ", ".join(server.names) or "no name at all (subjectAltName)"
        yield NAME.broken(
            f"The {front.side} certificate is not for {name}.",
            server.origin,
            detail=f"It is for {shown}.",
            fix=f"Get one for {name}, or correct {front.names[0]}.",
        )


def _strength(server: Certificate) -> Iterator[Finding]:
    if weakness := server.weakness:
        text = f"The certificate of {server.subject} {weakness}."
        yield WEAK.broken(text, server.origin, fix="Get a new one with an RSA key of 3072 bits.")


def _dates(subject: Subject, certificate: Certificate) -> Iterator[Finding]:
    left = certificate.end - subject.now
    name, origin = certificate.subject, certificate.origin
    if certificate.start > subject.now:
        text = f"The certificate of {name} is valid from {certificate.start:%Y-%m-%d} on only."
        yield EXPIRED.broken(text, origin, fix="Check the clock of this machine, or wait.")
    elif left < datetime.timedelta(0):
        text = f"The certificate of {name} expired on {certificate.end:%Y-%m-%d}."
        yield EXPIRED.broken(text, origin, fix="Renew it.")
    elif left < SOON:
        text = f"The certificate of {name} expires in {left.days} days."
        yield EXPIRING.broken(
            text, origin, detail=f"On {certificate.end:%Y-%m-%d}.", fix="Renew it."
        )


def _pair(subject: Subject, certificate: Path, key: Path) -> Iterator[Finding]:
    bundle, keys = pem.read(certificate), pem.read(key)
    yield from _whole(bundle)
    yield from _whole(keys)
    yield from _keys(bundle, keys)
    for one in bundle.certificates:
        yield from _dates(subject, one)
    if bundle.certificates:
        yield from _strength(bundle.certificates[0])


def _missing(subject: Subject, flag: str, file: Path, place: Origin) -> Finding:
    shown = file.relative_to(subject.survey.path)
    return MISSING.broken(f"{flag} is on, but there is no {shown}.", place, fix=NEW)


def _is_automatic(asked: Facts, side: str) -> bool:
    if not asked.on("enable_letsencrypt"):
        return False
    return not asked.empty(f"letsencrypt_{side}_cert_server")


def _inside(subject: Subject, value: object) -> Path | None:
    """A path below the site; elsewhere it is for the machine that deploys to say."""
    path = Path(str(value)) if value else None
    return path if path and path.is_relative_to(subject.survey.path) else None
