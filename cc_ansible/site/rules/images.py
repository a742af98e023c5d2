"""Rules about the appliances in ``images/*.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.model import read as reading
from cc_ansible.site.model.read import INVALID_VALUE, MISSING_KEY, UNKNOWN_KEY
from cc_ansible.site.names import nearest
from cc_ansible.site.rules.repeated import Claim
from cc_ansible.site.subject import Subject
from cc_ansible.site.yamlfile import Document, Tagged

if TYPE_CHECKING:
    from cc_ansible.site.model.images import Appliance

DIRECTORY = "images"
SECTION = "appliances"

DUPLICATE_APPLIANCE = error("duplicate-appliance", "Appliances have different names")
UNKNOWN_BASE = error("unknown-base", "Appliances that others extend exist")
APPLIANCE_CYCLE = error("appliance-cycle", "No appliance extends itself")
UNKNOWN_RELEASE = error("unknown-release", "Releases that appliances start from exist")
UNKNOWN_ELEMENT = error("unknown-element", "Elements that appliances are made of exist")
APPLIANCE_ARCH = error("appliance-arch", "Appliances are built for architectures of their base")


@dataclass(frozen=True)
class Entry:
    """One appliance; ``model`` is None while something in it is not valid."""

    name: str
    value: Any
    document: Document
    index: int
    model: Appliance | None = None

    def at(self, *path: str | int) -> Origin:
        """Where a key of it is written."""
        return self.document.origin(SECTION, self.index, *path)


@dataclass
class Images:
    """The appliances of the site and of the project, by name.

    Where not all could be read, not ``whole``, what seems to be missing may be there.
    """

    appliances: dict[str, Entry] = field(default_factory=dict)
    of_site: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True

    def inherited(self, entry: Entry, key: str) -> Any:
        """What an appliance, or the first that it extends, says about a key."""
        seen: set[str] = set()
        here: Entry | None = entry
        while here and here.model and here.name not in seen:
            if key in here.model.model_fields_set:
                return getattr(here.model, key)
            seen.add(here.name)
            here = self.appliances.get(here.model.extends or "")
        return getattr(entry.model, key) if entry.model else None


def read(subject: Subject) -> Images:
    """Every appliance that the site may refer to; use it through ``subject.once``."""
    found = Images()
    survey = subject.survey
    for file in sorted((survey.project / DIRECTORY).glob("*.y*ml")):
        for entry in _entries(yamlfile.load_mapping(file), subject, []):
            found.appliances.setdefault(entry.name, entry)
    before = len(survey.findings)
    for file in sorted((survey.path / DIRECTORY).glob("*.y*ml")):
        document = survey.read(file)
        if document is None:
            continue
        found.findings += _sections(document)
        for entry in _entries(document, subject, found.findings):
            found.of_site.append(entry)
            found.findings += _taken(entry, found)
            found.appliances.setdefault(entry.name, entry)
    found.whole = len(survey.findings) == before
    return found


def appliances(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the site's appliances and with what they refer to."""
    found = subject.once(read)
    yield from found.findings
    for entry in found.of_site:
        yield from _release(entry)
        yield from _extends(entry, found)
        yield from _elements(entry, subject)


def _sections(document: Document) -> Iterator[Finding]:
    for key in document.value:
        if key != SECTION:
            close = nearest(key, [SECTION])
            yield UNKNOWN_KEY.broken(
                f"Nothing reads `{key}` in {document.file.name}.",
                document.origin(key),
                fix=f"Write `{SECTION}:`." if close or len(document.value) == 1 else "Remove it.",
            )


def _entries(document: Document, subject: Subject, wrong: list[Finding]) -> Iterator[Entry]:
    from cc_ansible.site.model.images import Appliance

    values = document.value.get(SECTION)
    if values is not None and not isinstance(values, list | Tagged):
        wrong.append(
            INVALID_VALUE.broken(
                f"`{SECTION}` must be a list.",
                document.origin(SECTION),
                fix="Start each appliance with `- name: ...`.",
            )
        )
    for index, value in enumerate(values if isinstance(values, list) else ()):
        name = str(value.get("name", index + 1)) if isinstance(value, dict) else str(index + 1)
        entry = Entry(name, value, document, index)
        typed, problems = reading.entry(
            Appliance, value, entry.at, f"appliance {name}", subject.values.render
        )
        wrong += problems
        yield Entry(name, value, document, index, typed.model if typed else None)


def _taken(entry: Entry, found: Images) -> Iterator[Finding]:
    if first := found.appliances.get(entry.name):
        yield DUPLICATE_APPLIANCE.broken(
            f"There are two appliances called {entry.name}.",
            entry.at("name"),
            detail=f"The first is in {Claim(entry.name, first.at('name')).where}.",
            fix="Rename one; `extends` starts from another appliance.",
        )


def _release(entry: Entry) -> Iterator[Finding]:
    from cc_ansible.site.model.images import RELEASES, release_of

    base = entry.model.base if entry.model else None
    if base and release_of(base.distro, base.release) is None:
        known = RELEASES[base.distro]
        close = nearest(base.release, known) or nearest(base.release, known.values())
        yield UNKNOWN_RELEASE.broken(
            f"appliance {entry.name}: {base.distro} has no release {base.release}.",
            entry.at("base", "release"),
            detail=f"Known: {', '.join(known)}.",
            fix=f"Did you mean `{close}`?" if close else "Use one of these.",
        )


def _extends(entry: Entry, found: Images) -> Iterator[Finding]:
    if entry.model is None:
        return
    if entry.model.extends is None:
        if entry.model.base is None:
            yield MISSING_KEY.broken(
                f"appliance {entry.name} needs `base`.",
                entry.at(),
                fix="Add `base: {distro: debian, release: trixie}`, or `extends:`.",
            )
        return
    below = found.appliances.get(entry.model.extends)
    if below is None and not found.whole:
        return
    if below is None:
        close = nearest(entry.model.extends, found.appliances)
        yield UNKNOWN_BASE.broken(
            f"appliance {entry.name}: there is no appliance {entry.model.extends} to extend.",
            entry.at("extends"),
            fix=f"Did you mean `{close}`?" if close else "Correct it, or give a `base:`.",
        )
    elif _circle(entry, found):
        yield APPLIANCE_CYCLE.broken(
            f"appliance {entry.name} extends itself.",
            entry.at("extends"),
            fix="Start one of the circle from a `base:`.",
        )
    elif below.model:
        yield from _architectures(entry, below, found)


def _elements(entry: Entry, subject: Subject) -> Iterator[Finding]:
    own = {path.name for path in (subject.survey.path / DIRECTORY / "elements").glob("*")}
    known = subject.known.elements() | own
    for index, name in enumerate(entry.model.elements if entry.model else ()):
        if name not in known:
            close = nearest(name, known)
            yield UNKNOWN_ELEMENT.broken(
                f"appliance {entry.name}: there is no element {name}.",
                entry.at("elements", index),
                fix=f"Did you mean `{close}`?" if close else f"Write it: images/elements/{name}",
            )


def _circle(entry: Entry, found: Images) -> bool:
    seen: set[str] = set()
    here: Entry | None = entry
    while here and here.model and here.model.extends:
        if here.name in seen:
            return here.name == entry.name
        seen.add(here.name)
        here = found.appliances.get(here.model.extends)
    return False


def _architectures(entry: Entry, below: Entry, found: Images) -> Iterator[Finding]:
    if entry.model is None or "arch" not in entry.model.model_fields_set:
        return
    built = found.inherited(below, "arch") or []
    for index, arch in enumerate(entry.model.arch):
        if arch not in built:
            yield APPLIANCE_ARCH.broken(
                f"appliance {entry.name} is for {arch}, but {below.name} is not.",
                entry.at("arch", index),
                fix=f"Remove {arch}, or add it to `arch` of {below.name}.",
            )
