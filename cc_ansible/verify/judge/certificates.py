"""Certificates are valid, and will be for a while."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, part, untold

NAME = "certificate files on"
ENDPOINT = "certificate of"
DAYS = 21
"""Days that should be left: time to notice, and to have one signed."""
FIX = "Put a new one into the site's certificates/ (or `cc-ansible certificates` for one of your "
FIX += "own CA), then `cc-ansible reconfigure --tags loadbalancer`."


def files(view: View) -> Iterator[Result]:
    """One result for each host with certificates in its configuration."""
    for host in view.seen:
        check, found = Check(f"{NAME} {host.name}", "certificates"), part(host, "certificates")
        if problems := untold(host, "certificates", "certificates"):
            yield check.judged(problems, "")
            continue
        if not found:
            yield check.skipped("there are none")
            continue
        places: dict[str, list[str]] = {}
        for path, text in found.items():
            places.setdefault(str(text), []).append(path)
        troubles = [
            trouble
            for text, paths in places.items()
            if (trouble := judged(text.encode(), f"{paths[0]} on {host.name}", view.now))
        ]
        yield check.judged(troubles, "" if troubles else _left(places, view.now))


def judged(pem: bytes, where: str, now: datetime.datetime) -> Trouble | None:
    """What is wrong with a certificate in PEM form; None when nothing is."""
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as problem:
        return Trouble(f"{where} cannot be read", f"{where} is damaged: {problem}.", FIX)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    days = (end - now) / datetime.timedelta(days=1)
    if now < begin:
        text = f"{where} is not valid before {begin:%Y-%m-%d %H:%M} UTC"
        return Trouble(text, f"The certificate {text}.", "Compare clocks: `date -u`.")
    if days < 0:
        text = f"{where} expired on {end:%Y-%m-%d %H:%M} UTC"
        return Trouble(text, f"The certificate {text}: clients refuse it.", FIX)
    if days < DAYS:
        text = f"{where} expires in {days:.0f} days, on {end:%Y-%m-%d}"
        return Trouble(text, f"The certificate {text}.", FIX)
    return None


def _left(texts: Collection[str], now: datetime.datetime) -> str:
    days = min(days_left(text.encode(), now) for text in texts)
    return f"{len(texts)} different, valid for {days:.0f} days at least"


def days_left(pem: bytes, now: datetime.datetime) -> float:
    """For how many days a certificate is still valid."""
    from cryptography import x509

    end = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    return (end - now) / datetime.timedelta(days=1)
