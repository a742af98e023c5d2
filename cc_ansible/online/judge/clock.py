"""Clocks: kept by something, equal everywhere, and within the life of certificates."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.online.facts import Host
from cc_ansible.online.rules import Check, HostFinding, error
from cc_ansible.online.view import View

UNSYNCHRONISED = error(Check.CLOCK, "clock-not-synchronised", "Hosts' clocks are synchronised")
DIFFERS = error(Check.CLOCK, "clock-differs", "Hosts' clocks agree with this machine's")
NOT_IN_TIME = error(
    Check.CLOCK, "certificate-not-in-time", "Certificates are valid by the clock of every host"
)

MOST = 10.0
"""Seconds by which clocks may differ before tokens and database clusters suffer."""
CERTIFICATES = ("kolla_external_fqdn_cert", "kolla_internal_fqdn_cert")


def synchronised(view: View) -> Iterator[HostFinding]:
    """Hosts whose clock nobody keeps."""
    for host in view.seen:
        assert host.facts
        if host.wanted.get("check_clock") is False:
            continue
        daemon, kept = host.facts.get("clock", "daemon"), host.facts.get("clock", "synchronised")
        if not daemon:
            summary = f"Nothing keeps the clock of {host.name}: no NTP daemon runs."
            fix = "On the host: `apt-get install chrony`."
        elif kept is False:
            summary = f"The clock of {host.name} is not synchronised."
            fix = f"On the host, see whether {daemon} reaches its servers: `chronyc sources`."
            if daemon == "systemd-timesyncd":
                fix = "On the host, see why: `timedatectl timesync-status`."
        else:
            continue
        yield UNSYNCHRONISED.broken(
            host.name,
            summary,
            view.origin("prechecks_enable_host_ntp_checks", host),
            fix=f"{fix} Set prechecks_enable_host_ntp_checks to false where something else "
            "keeps the clock.",
        )


def differs(view: View) -> Iterator[HostFinding]:
    """Hosts whose clock is wrong, or ours is."""
    for host in view.hosts.values():
        if host.skew is not None and abs(host.skew) > MOST:
            way = "ahead of" if host.skew > 0 else "behind"
            summary = f"The clock of {host.name} is {_span(abs(host.skew))} {way} this machine's."
            fix = "Set the one that is wrong: `chronyc makestep`."
            yield DIFFERS.broken(host.name, summary, fix=fix)


def certificates(view: View) -> Iterator[HostFinding]:
    """Certificates that are valid for us, but not by a host's clock."""
    for host in view.seen:
        assert host.facts
        seconds = host.facts.get("clock", "now")
        if not isinstance(seconds, int | float):
            continue
        now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        for variable in CERTIFICATES:
            yield from _certificate(view, host, variable, now)


def _certificate(
    view: View, host: Host, variable: str, now: datetime.datetime
) -> Iterator[HostFinding]:
    span = _validity(Path(host.want(variable))) if host.want(variable) else None
    if span is None or not span[0] <= view.now <= span[1] or span[0] <= now <= span[1]:
        return  # What is not valid for us either is found in the site config itself.
    when = f"{now:%Y-%m-%d %H:%M} UTC"
    state = "not valid yet" if now < span[0] else "expired"
    yield NOT_IN_TIME.broken(
        host.name,
        f"By the clock of {host.name} ({when}) the certificate {variable} is {state}.",
        view.origin(variable, host),
        detail=f"It is valid from {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC.",
        fix="Set the host's clock: `chronyc makestep`.",
    )


def _validity(file: Path) -> tuple[datetime.datetime, datetime.datetime] | None:
    """From when to when the first certificate of a file is valid; None when there is none."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError):
        return None
    return found.not_valid_before_utc, found.not_valid_after_utc


def _span(seconds: float) -> str:
    for size, noun in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {noun}"
    return f"{seconds:.0f} seconds"
