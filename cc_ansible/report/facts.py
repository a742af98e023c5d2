"""What is known about a site at one moment. Plain data; whatever could not be asked says why."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cc_ansible.report.health import Certificate, HostHealth
from cc_ansible.report.ran import Journal, RunFact
from cc_ansible.verify.result import Result

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Answer(Generic[T_co]):
    """What was found, or in one line why it is not known."""

    value: T_co | None = None
    why: str = ""

    @property
    def known(self) -> bool:
        """Whether it could be asked."""
        return not self.why


@dataclass(frozen=True)
class About:
    """The site itself. ``commit`` and ``dirty`` are those of the site config now."""

    name: str
    scenario: str
    release: str
    path: str
    commit: str | None = None
    dirty: bool | None = None
    internal: str = ""
    """The address inside of the site, such as ``10.20.30.250``; empty when only a run knows it."""
    external: str = ""


@dataclass(frozen=True)
class Item:
    """One piece of hardware now. ``trouble`` is empty when it is as declared."""

    name: str
    kind: str
    lent: bool | None
    """None when it is not declared."""
    when: str = ""
    maintenance: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Hardware:
    """Hardware now; ``why`` says why Doni was not asked, then troubles are unknown."""

    items: Sequence[Item] = ()
    why: str = ""

    @property
    def lent(self) -> int:
        return sum(item.lent is True for item in self.items)

    @property
    def blackout(self) -> int:
        return sum(item.lent is False for item in self.items)

    @property
    def undeclared(self) -> int:
        return sum(item.lent is None for item in self.items)

    @property
    def troubled(self) -> list[Item]:
        return [item for item in self.items if item.trouble]


@dataclass(frozen=True)
class LeaseFact:
    """A lease of a user, on ``resources`` pieces of hardware."""

    name: str
    project_id: str
    start: datetime.datetime
    end: datetime.datetime
    resources: tuple[str, ...]

    def holds(self, now: datetime.datetime) -> bool:
        """Whether it is running."""
        return self.start <= now < self.end


@dataclass(frozen=True)
class Alert:
    """What monitoring complains of."""

    name: str
    severity: str
    summary: str
    since: datetime.datetime | None = None


@dataclass(frozen=True)
class Verification:
    """What ``verify`` found the last time."""

    when: datetime.datetime
    results: Sequence[Result]

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.failed]

    @property
    def passed(self) -> int:
        return sum(result.status == "passed" for result in self.results)

    @property
    def skipped(self) -> int:
        return sum(result.status == "skipped" for result in self.results)

    @property
    def level(self) -> str:
        """The deepest level that was asked for."""
        order = ("quick", "standard", "full")
        asked = {str(result.level) for result in self.results}
        return next((level for level in reversed(order) if level in asked), "")


@dataclass(frozen=True)
class Facts:
    """Everything that ``status`` and ``report`` show."""

    about: About
    now: datetime.datetime
    journal: Answer[Journal] = field(default_factory=Answer)
    hosts: Answer[Sequence[HostHealth]] = field(default_factory=Answer)
    clusters: Sequence[Result] = ()
    """Results of checks of what several hosts do together."""
    hardware: Answer[Hardware] = field(default_factory=Answer)
    leases: Answer[Sequence[LeaseFact]] = field(default_factory=Answer)
    alerts: Answer[Sequence[Alert]] = field(default_factory=Answer)
    certificates: Answer[Sequence[Certificate]] = field(default_factory=Answer)
    """Those in the site config; hosts tell of their own."""
    verification: Answer[Verification | None] = field(default_factory=Answer)

    @property
    def every_certificate(self) -> list[Certificate]:
        """Those of the site config and of all hosts, the one that ends first in front."""
        found = [*(self.certificates.value or ())]
        found += [one for host in self.hosts.value or () for one in host.certificates]
        return sorted(found, key=lambda one: one.end)

    @property
    def backup(self) -> datetime.datetime | None:
        """When the newest backup of the database was made; None where no host tells."""
        known = (host.backup for host in self.hosts.value or ())
        return max((each for each in known if each), default=None)

    @property
    def deploy(self) -> RunFact | None:
        """The last deploy: by this machine or, where that is newer, as a host remembers it."""
        own = self.journal.value.deploy if self.journal.value else None
        # Of the same run, the journal knows more.
        found = [own, *(host.record for host in self.hosts.value or ())]
        return max((run for run in found if run), key=lambda run: run.started, default=None)
