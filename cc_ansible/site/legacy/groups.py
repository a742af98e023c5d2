"""The old inventory, shortened to what the site says itself.

Old sites carried a copy of Kolla-Ansible's sample inventory. Groups that only repeat it come
from the installed release now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cc_ansible.site import removed
from cc_ansible.site.inventory import SECTION, Parsed
from cc_ansible.site.legacy import blocks, wrapper
from cc_ansible.site.legacy.context import Context

# What everybody looks for in an inventory; kept also where they only repeat the sample.
BASE = ("control", "network", "compute", "storage", "monitoring", "deployment")

Inline = Callable[[str, str, str], str | None]
"""Takes a group, the kind of its section and a line of it."""


@dataclass
class Section:
    """One ``[group]`` section: ``lines`` as written after its head, ``above`` the comment that
    leads to it, ``entries`` what it lists, without comments."""

    group: str
    kind: str
    head: str
    above: list[str]
    lines: list[str] = field(default_factory=list)
    number: int = 0

    @property
    def entries(self) -> list[str]:
        """The lines that say something."""
        bare = (re.sub(r"\s[#;].*$", "", line).strip() for line in self.lines)
        return [line for line in bare if line and not line.startswith(("#", ";"))]

    def text(self) -> str:
        """The section as text."""
        return "\n".join([*self.above, self.head, *self.lines]).rstrip() + "\n"


@dataclass(frozen=True)
class Stock:
    """Sections of the installed sample inventory: group -> children; and every group it has."""

    children: Mapping[str, list[str]]
    groups: frozenset[str]


def sections(text: str) -> tuple[list[str], list[Section]]:
    """The lines before the first section, and the sections of an INI inventory."""
    head: list[str] = []
    found: list[Section] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := SECTION.fullmatch(line):
            above = _lead(found[-1].lines if found else head)
            kind = match["kind"] or "hosts"
            found.append(Section(match["group"], kind, line.strip(), above, number=number))
        else:
            (found[-1].lines if found else head).append(line)
    return head, found


def stock(text: str) -> Stock:
    """What a sample inventory says."""
    _, found = sections(text)
    children = {each.group: each.entries for each in found if each.kind == "children"}
    return Stock(children, frozenset(each.group for each in found))


def shorten(context: Context, text: str, place: str, sample: Stock, inline: Inline) -> str:
    """The text of one inventory file for the new site.

    :param inline: rewrites a line with variables; None drops it.
    """
    head, found = sections(text)
    shortener = _Shortener(context, place, sample, inline)
    kept = [shortener.section(section) for section in found]
    parts = ["\n".join(shortener.hosts("ungrouped", head)).strip(), *kept]
    return "\n\n".join(part.strip() for part in parts if part and part.strip()) + "\n"


@dataclass
class _Shortener:
    """Decides about the sections of one file."""

    context: Context
    place: str
    sample: Stock
    inline: Inline

    def section(self, section: Section) -> str | None:
        """The text of a section in the new inventory; None for none."""
        at = f"{self.place}:{section.number}"
        today = self._today(section.group)
        if section.kind == "vars":
            return self._vars(section, at, today)
        if today is None:
            return self._gone(section, at)
        if section.kind == "children":
            return self._children(section, at, today)
        return self._hosts(section, at, today)

    def hosts(self, group: str, lines: Sequence[str]) -> list[str]:
        """Lines of hosts, with what becomes of the variables on them."""
        return [each for line in lines if (each := self.inline(group, "hosts", line)) is not None]

    def _vars(self, section: Section, at: str, today: str | None) -> str | None:
        group = section.group
        if not section.entries:
            return None
        if today is None:
            why = f"Group {group} is gone, and its variables with it."
            self.context.report.decide(at, f"[{group}:vars]", why)
            return None
        lines = [self.inline(group, "vars", line) for line in section.lines]
        body = [line for line in lines if line is not None]
        if not any(line.strip() for line in body):
            return None
        return "\n".join([*section.above, f"[{today}:vars]", *body]).rstrip() + "\n"

    def _hosts(self, section: Section, at: str, today: str) -> str | None:
        report, group = self.context.report, section.group
        if not section.entries and today in self.sample.groups and today not in BASE:
            if today not in self.sample.children:
                report.dropped(at, f"[{group}]", "It is empty, and so it is today.")
                return None
            report.kept(at, f"[{group}]", "It is empty, other than in the installed release.")
        elif today != group:
            report.translated(at, f"[{group}]", f"[{today}]", _reason(group))
        else:
            report.kept(at, f"[{group}]")
        body = self.hosts(group, section.lines)
        return "\n".join([*section.above, f"[{today}]", *body]).rstrip() + "\n"

    def _children(self, section: Section, at: str, today: str) -> str | None:
        report, group = self.context.report, section.group
        before = section.entries
        mapped = (self._today(entry) for entry in before)
        children = list(dict.fromkeys(child for child in mapped if child))
        if self._is_stock(today, children) or before in wrapper.stock(group):
            report.dropped(at, f"[{group}:children]", "It is what the installed release says.")
            return None
        if children == before and today == group:
            differs = "" if group in BASE else "It differs from the installed release."
            report.kept(at, f"[{group}:children]", differs)
            return section.text()
        why = "" if today == group else _reason(group)
        new = f"[{today}:children]: {', '.join(children) or 'nothing'}"
        report.translated(at, f"[{group}:children]", new, why)
        return "\n".join([*section.above, f"[{today}:children]", *children]) + "\n"

    def _gone(self, section: Section, at: str) -> str | None:
        """A group that nothing runs on any more."""
        report, group = self.context.report, section.group
        head = f"[{group}]" if section.kind == "hosts" else f"[{group}:children]"
        why = _reason(group)
        kolla = removed.find(removed.GROUPS, group) is not None
        repeats = kolla or section.entries == wrapper.group(group)
        if not section.entries or (section.kind == "children" and repeats):
            report.dropped(at, head, why)
            return None
        report.decide(at, head, f"{why} It stays as a comment.")
        body = self.hosts(group, section.lines) if section.kind == "hosts" else section.lines
        lines = [f"# {line}".rstrip() for line in [*section.above, head, *body]]
        return "\n".join([f"# {blocks.NOTE}", *lines]).rstrip(" #\n") + "\n"

    def _today(self, group: str) -> str | None:
        """What a group is called today; None when it is gone."""
        return today(self.context, group, self.sample)

    def _is_stock(self, group: str, children: list[str]) -> bool:
        """Whether a group only repeats a sample inventory, of this release or of an older one."""
        if group not in self.sample.groups:
            return False
        known = [self.sample.children.get(group, []), *wrapper.stock(group)]
        mapped = ([self._today(child) for child in each] for each in known)
        return any(set(children) == {child for child in each if child} for each in mapped)


def today(context: Context, group: str, sample: Stock) -> str | None:
    """What a group is called today; None when it is gone."""
    if group in sample.groups or group in context.known.groups():
        return group
    if found := removed.find(removed.GROUPS, group, sample.groups):
        return found.successor
    if group in context.idle:
        return None
    return group if wrapper.group(group) is None else None


def idle(known: Collection[str], parsed: Parsed) -> frozenset[str]:
    """Groups that the site made up, all of whose hosts are in no group that a play runs on."""

    def is_alive(name: str) -> bool:
        gone = removed.find(removed.GROUPS, name, known)
        return name in known or (gone is not None and gone.successor is not None)

    found: dict[str, bool] = {}
    for names in parsed.groups_of.values():
        runs = any(map(is_alive, names))
        for name in names:
            found[name] = found.get(name, True) and not runs
    return frozenset(name for name, is_idle in found.items() if is_idle) - {"all", "ungrouped"}


def _reason(group: str) -> str:
    if found := removed.find(removed.GROUPS, group):
        return found.why
    return "Nothing in this release runs on it."


def _lead(lines: list[str]) -> list[str]:
    """Take the comment at the end of some lines away: it leads to what follows."""
    end = len(lines)
    while end and lines[end - 1].lstrip().startswith(("#", ";")):
        end -= 1
    if end and lines[end - 1].strip():
        return []  # it stands right below an entry and belongs there
    lead = lines[end:]
    del lines[end:]
    return lead
