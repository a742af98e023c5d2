"""One import from beginning to end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cc_ansible import paths
from cc_ansible.errors import UsageError
from cc_ansible.site import init
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.legacy import draft, old, write
from cc_ansible.site.legacy.report import Report


def import_site(
    source: Path,
    target: Path,
    known: Knowledge,
    *,
    scenario: str | None = None,
    dry_run: bool = False,
    project: Path = paths.PROJECT,
    env: Mapping[str, str] | None = None,
) -> Report:
    """Make a site config of this release out of an older one, and say what became of everything.

    The old directory is only read. With ``dry_run`` nothing is written at all.

    :raises Unreadable: the old site cannot be read; all of its problems are named.
    :raises UsageError: there is no old site, or something is in the place of the new one.
    """
    source = source.expanduser().resolve()
    target = Path(os.path.abspath(target.expanduser()))  # noqa: PTH100 - a link stays a link
    _require_places(source, target, dry_run=dry_run)
    found = old.read(source, os.environ if env is None else env)
    made = draft.make(found, target, known, project, scenario)
    if not dry_run:
        write.write(made, found.keys, target, project, lambda site: _look(made.report, site, known))
    return made.report


def refuse_inside(source: Path, target: Path) -> None:
    """Refuse a place inside of the old site.

    :raises UsageError: ``target`` lies there.
    """
    if (target.parent.resolve() / target.name).is_relative_to(source.resolve()):
        raise UsageError(
            f"{target} is inside of the old site.",
            fix="Name a place beside it: nothing is ever written into the old site.",
        )


def _require_places(source: Path, target: Path, *, dry_run: bool) -> None:
    if not source.is_dir():
        raise UsageError(f"{source} is no directory.", fix="Name the old site config.")
    refuse_inside(source, target)
    if not dry_run:
        init.refuse_existing(target)


def _look(report: Report, site: Path, known: Knowledge) -> None:
    """Let the rules of ``validate`` look at the new site; what they find needs a decision."""
    from cc_ansible.site import check

    for finding in check.check(site, known):
        at = finding.origin
        file = at.file.relative_to(site) if at and at.file.is_relative_to(site) else ""
        place = f"{file}:{at.line}" if at and at.line else str(file)
        why = " ".join(part for part in (finding.detail, finding.fix) if part)
        report.decide(place, finding.summary, why)
