"""A site on one screen: lines of text, the worst first, cut to what fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cc_ansible.report import attention
from cc_ansible.report.facts import Answer, Facts
from cc_ansible.report.moments import about, ago, length, utc

if TYPE_CHECKING:
    from rich.text import Text

    from cc_ansible.report.health import HostHealth

WIDTH, HEIGHT = 80, 24
PAPER = (400, 1000)
"""Width and height where there is no terminal: room for everything."""
LABEL = 13
MOST_NEEDS = 5
_STYLES = {"error": "bold red", "warning": "yellow"}
_MARKS = {"error": "✗", "warning": "!"}


def lines(facts: Facts, width: int = WIDTH, height: int = HEIGHT) -> list[Text]:
    """The screen. What needs the admin is first; hosts get the lines that are left."""
    head = [_title(facts, width), *_needs(facts, width)]
    rest = [
        *_row("Deploy", deploy(facts), width),
        *_row("Hardware", hardware(facts), width),
        *_row("Leases", leases(facts), width),
        *_row("Alerts", alerts(facts), width),
        *_row("Certificates", certificates(facts), width),
        *_row("Backup", backup(facts), width),
        *_row("Verified", verified(facts), width),
    ]
    # The last line of a terminal is for the prompt.
    room = max(height - 1 - len(head) - len(rest), 2)
    return [*head, rest[0], *_hosts(facts, width, room), *rest[1:]]


def _title(facts: Facts, width: int) -> Text:
    from rich.text import Text

    site = facts.about
    left = f"{site.name} ({site.scenario})  OpenStack {site.release}"
    left += f"  VIP {site.internal}" if site.internal else ""
    right = f"  {utc(facts.now)}"
    return Text(f"{_cut(left, width - len(right))}{right}", "bold")


def _needs(facts: Facts, width: int) -> Iterator[Text]:
    from rich.text import Text

    found = attention.of(facts)
    unknown = [name for name in ("hosts", "verification") if not getattr(facts, name).known]
    if not found:
        text = "Nothing needs you, as far as could be asked." if unknown else "Nothing needs you."
        yield Text(_cut(text, width), "" if unknown else "green")
    for need in found[:MOST_NEEDS]:
        style = _STYLES[need.urgency]
        yield Text(_cut(f"{_MARKS[need.urgency]} {need.text}", width), style)
    if len(found) > MOST_NEEDS:
        yield Text(f"  and {len(found) - MOST_NEEDS} more: cc-ansible report")


def deploy(facts: Facts) -> str:
    """The last deploy: what, how it ended, when, who, and of which commit."""
    run, journal = facts.deploy, facts.journal
    under_way = journal.value.now if journal.value else ""
    if under_way:
        return f"now: {under_way}"
    if run is None:
        return "none yet" if journal.known and facts.hosts.known else _unknown(journal)
    took = f" in {length(run.seconds)}" if run.seconds is not None and run.ok else ""
    said = f"{run.action} {attention.ended(run.outcome)}{took}"
    said += f" {ago(run.started, facts.now)} by {run.who}"
    if run.commit:
        changed = " + uncommitted changes" if run.dirty else ""
        said += f", commit {run.commit[:7]}{changed}{behind(facts)}"
    return said


def behind(facts: Facts) -> str:
    """Whether the site config went on since the last deploy."""
    run, now = facts.deploy, facts.about.commit
    return f" (now {now[:7]})" if run and run.commit and now and now != run.commit else ""


def hardware(facts: Facts) -> str:
    """How many items are lent, in a blackout, and in trouble now."""
    found = facts.hardware.value
    if found is None:
        return _unknown(facts.hardware)
    if not found.items:
        return f"unknown: {found.why}" if found.why else "none declared"
    said = f"{len(found.items)} items: {found.lent} lent, {found.blackout} in blackout"
    said += f", {found.undeclared} not declared" if found.undeclared else ""
    if found.why:
        return f"{said}; troubles unknown: {found.why}"
    return f"{said}, {len(found.troubled)} in trouble"


def leases(facts: Facts) -> str:
    """How many leases are running and to come, and which ends next."""
    if facts.leases.value is None:
        return facts.leases.why
    running = [lease for lease in facts.leases.value if lease.holds(facts.now)]
    said = f"{len(running)} running, {len(facts.leases.value) - len(running)} to come"
    if running:
        said += f"; {running[0].name} ends {ago(running[0].end, facts.now)}"
    return said


def alerts(facts: Facts) -> str:
    """The names of alerts."""
    if facts.alerts.value is None:
        return facts.alerts.why
    return attention.few([alert.name for alert in facts.alerts.value], 5) or "none"


def certificates(facts: Facts) -> str:
    """The certificate that expires first."""
    found = facts.every_certificate
    if not found:
        return "none known" if facts.hosts.known else f"none known; {_unknown(facts.hosts)}"
    first = found[0]
    verb = "expired" if first.end <= facts.now else "expires"
    return f"{first.where} {verb} {ago(first.end, facts.now)} ({first.end:%Y-%m-%d})"


def backup(facts: Facts) -> str:
    """How old the newest backup of the database is."""
    if facts.backup:
        return f"{about(facts.now - facts.backup)} old"
    return "unknown: no host tells of one" if facts.hosts.known else _unknown(facts.hosts)


def verified(facts: Facts) -> str:
    """How the last verification ended, and when."""
    last = facts.verification.value
    if last is None:
        return _unknown(facts.verification) if facts.verification.why else "never"
    counts = {"failed": len(last.failed), "passed": last.passed, "skipped": last.skipped}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    names = attention.few([result.name for result in last.failed], 2)
    said = f"{last.level}: {said or 'nothing was asked'} {ago(last.when, facts.now)}"
    return f"{said}: {names}" if names else said


def _hosts(facts: Facts, width: int, room: int) -> list[Text]:
    """A line of all hosts, then one of each: those in trouble first, as many as there is room."""
    found = facts.hosts.value
    if found is None:
        return _row("Hosts", _unknown(facts.hosts), width)
    ordered = sorted(found, key=lambda host: not host.troubles)
    answer = sum(not host.why for host in found)
    running = sum(host.running for host in found)
    rows = _row("Hosts", f"{answer} of {len(found)} answer, {running} containers run", width)
    most = room - 1
    shown = ordered if len(ordered) <= most else ordered[: max(most - 1, 0)]
    rows += [_host(host, width) for host in shown]
    if rest := ordered[len(shown) :]:
        bad = sum(bool(host.troubles) for host in rest)
        rows += _row("", f"and {len(rest)} more, {bad or 'none'} in trouble", width)
    return rows


def _host(host: HostHealth, width: int) -> Text:
    from rich.text import Text

    said = attention.few(host.troubles) if host.troubles else f"{host.running} containers run"
    mark, style = ("✗", "red") if host.troubles else ("✓", "green")
    name = _cut(host.name, 20)
    return Text.assemble(" " * 2, (mark, style), _cut(f" {name:<{LABEL - 5}} {said}", width - 3))


def _row(label: str, said: str, width: int) -> list[Text]:
    from rich.text import Text

    room = width - LABEL
    return [Text.assemble((f"{label:<{LABEL}}", "bold" if label else ""), _cut(said, room))]


def _unknown(answer: Answer[object]) -> str:
    return f"unknown: {answer.why}" if answer.why else "unknown"


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"
