"""Rules about files of hardware and images that lie where nothing reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import hardware, yamlfile
from cc_ansible.site.findings import Finding
from cc_ansible.site.rules import images
from cc_ansible.site.rules.files import UNREAD_FILE
from cc_ansible.site.subject import Subject

# Where a section belongs, for files that are elsewhere.
_HOMES = {"hardware": hardware.DIRECTORY, "calendars": hardware.DIRECTORY, "appliances": "images"}
_DATA = (".json", ".csv", ".txt", ".yml", ".yaml")


def files(subject: Subject) -> Iterator[Finding]:
    """Machines, calendars and appliances in files that nothing reads."""
    site = subject.survey.path
    for file in sorted(site.glob("*.y*ml")):
        for section, home in _HOMES.items():
            if file.stem in (section, home) and _has(file, section):
                yield _unread(site, file, f"Move it to {home}/{file.name}.")
                break
    for file in sorted((site / images.DIRECTORY).glob("*/**/*.y*ml")):
        if "elements" not in file.relative_to(site).parts and _has(file, images.SECTION):
            yield _unread(site, file, f"Move it to {images.DIRECTORY}/{file.name}.")
    for home in (hardware.DIRECTORY, images.DIRECTORY):
        for file in sorted((site / home).glob("*")):
            suffix = file.suffix
            if file.is_file() and suffix.lower() in _DATA and suffix not in (".yml", ".yaml"):
                yield _unread(site, file, f"Write it as {file.stem}.yml, or move it away.")
    yield from _calendars(subject, site)


def _calendars(subject: Subject, site: Path) -> Iterator[Finding]:
    """iCalendar files that no calendar names."""
    found = subject.once(hardware.read)
    named = {
        (part.at("ics").file.parent / str(part.value["ics"])).resolve()
        for part in found.calendars.values()
        if "ics" in part.value
    }
    for machine in found.machines:
        if name := machine.text("calendar", "ics"):
            named.add((machine.at("calendar", "ics").file.parent / name).resolve())
    # Where one is missing, a stray one is what was meant; that is told at the calendar.
    told = not found.whole or not all(file.exists() for file in named)
    for file in () if told else sorted((site / hardware.DIRECTORY).rglob("*.ics")):
        if file.resolve() not in named:
            yield _unread(site, file, f"Name it in a calendar: `ics: {file.name}`.")


def _unread(site: Path, file: Path, fix: str) -> Finding:
    return UNREAD_FILE.broken(f"Nothing reads {file.relative_to(site)}.", Origin(file), fix=fix)


def _has(file: Path, section: str) -> bool:
    try:
        text = yamlfile.read_text(file)
    except SiteInvalid:
        return False
    return re.search(rf"^{section}\s*:", text, re.MULTILINE) is not None
