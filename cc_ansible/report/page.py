"""The page: everything that is known about a site, in one file that needs no other."""

from __future__ import annotations

import base64
import functools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible import __version__
from cc_ansible.errors import UsageError
from cc_ansible.report import attention, clean, drawing, moments, months, screen, topology
from cc_ansible.report.facts import Answer, Facts
from cc_ansible.report.health import HostHealth
from cc_ansible.report.months import Month
from cc_ansible.report.ran import RunFact
from cc_ansible.report.together import answer
from cc_ansible.report.topology import Topology
from cc_ansible.verify.result import Result, Status

if TYPE_CHECKING:
    from jinja2 import Environment

    from cc_ansible.report.gather import Looked

TEMPLATES = Path(__file__).parent / "templates"
RUNS = 25
CERTIFICATES = 12
FEW_HOSTS = 4


@dataclass(frozen=True)
class Service:
    """A container by its name, on all hosts together; ``troubles`` say where it is not well."""

    name: str
    running: int
    hosts: Sequence[str]
    troubles: Sequence[str]

    @property
    def where(self) -> str:
        """The hosts that have it, by name where they are few."""
        if len(self.hosts) <= FEW_HOSTS:
            return ", ".join(self.hosts)
        return f"{len(self.hosts)} hosts"


def make(looked: Looked, month: tuple[int, int] | None = None) -> str:
    """The page as text.

    :param month: year and number; this month if None.
    :raises UsageError: there is no such month.
    """
    facts = looked.facts

    def shown(question: Callable[[], Any]) -> Answer[Any]:
        return clean.every(answer(question), looked.redact)  # type: ignore[no-any-return]

    site = shown(lambda: topology.of(looked.subject))
    leases = facts.leases.value or ()
    if month is not None:
        months.require(*month)
    calendar = shown(lambda: months.of(looked.subject, leases, facts.now, month))
    return render(facts, site, calendar)


def render(facts: Facts, site: Answer[Topology], calendar: Answer[Month]) -> str:
    """The page of these facts, all of them fit to be shown."""
    runs = facts.journal.value.runs[:RUNS] if facts.journal.value else ()
    last = facts.verification.value
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            facts=facts,
            site=site,
            calendar=calendar,
            drawing=drawing.of(site.value) if site.value else None,
            needs=attention.of(facts),
            health={host.name: host for host in facts.hosts.value or ()},
            services=services(facts.hosts.value or ()),
            runs=runs,
            longest=max((run.seconds or 0.0 for run in runs), default=0.0),
            results=sorted(last.results, key=_worst_first) if last else (),
            most_certificates=CERTIFICATES,
            say=screen,
            version=__version__,
        )
    )


def services(hosts: Sequence[HostHealth]) -> list[Service]:
    """Containers by their names, those in trouble first."""
    where: dict[str, list[str]] = defaultdict(list)
    running: dict[str, int] = defaultdict(int)
    troubles: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        for each in host.containers:
            where[each.name].append(host.name)
            running[each.name] += each.state == "running"
            troubles[each.name] += [f"{each.trouble} on {host.name}"] if each.trouble else []
    found = [Service(name, running[name], where[name], troubles[name]) for name in where]
    return sorted(found, key=lambda each: (not each.troubles, each.name))


def write(text: str, file: Path) -> None:
    """Replace a file by the page; a reader sees the old one or the new one, never a part.

    A new file is for its owner only: it says how the site is built.

    :raises UsageError: it cannot be written there.
    """
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        new = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            new.chmod(mode)
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
    except OSError as problem:
        raise UsageError(
            f"The report cannot be written to {file}.",
            detail=problem.strerror or str(problem),
            fix="Name another file with --output.",
        ) from None


def _worst_first(result: Result) -> int:
    return (Status.FAILED, Status.SKIPPED, Status.PASSED).index(result.status)


def _share(run: RunFact, longest: float) -> float:
    """The length of a run in percent of the longest one, at least what an eye can see."""
    return max(100 * (run.seconds or 0.0) / longest, 0.5) if longest else 0.0


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "utc": moments.utc,
        "took": moments.length,
        "few": attention.few,
        "ended": attention.ended,
        "base64": lambda content: base64.b64encode(content).decode(),
    }
    made.globals |= {"ago": moments.ago, "share": _share, "marks": months.MARKS}
    return made
