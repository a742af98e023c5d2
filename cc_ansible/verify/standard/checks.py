"""The checks of level standard, in order, and everything they made removed on every way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from cc_ansible.verify import catalogue, cloud
from cc_ansible.verify.check import Check, Failed, Trouble
from cc_ansible.verify.only import wanted
from cc_ansible.verify.result import Level, Result
from cc_ansible.verify.standard import (
    computing,
    dashboard,
    leftovers,
    networking,
    reserving,
    stacks,
    storage,
)
from cc_ansible.verify.standard.ground import Ground

Question = Callable[[Ground], str]
Tell = Callable[[str], None]


def complete(ground: Ground) -> str:
    """Keystone's catalogue has every endpoint that the site's services register."""
    missing = catalogue.missing(ground.catalogue, ground.present)
    if missing:
        raise Failed(*(_unregistered(ground, entry) for entry in missing))
    types = {entry.type for entry in ground.present}
    return f"{len(ground.catalogue)} endpoints as expected, {len(types)} types of services"


def _unregistered(ground: Ground, entry: catalogue.Entry) -> Trouble:
    there = [
        other.url
        for other in ground.present
        if (other.type, other.interface) == (entry.type, entry.interface)
    ]
    seen = f"{entry.service} {entry.interface}: {there[0] if there else 'missing'}"
    cause = f"The catalogue lacks {entry.url} ({entry.type}, {entry.interface})"
    cause += f"; it has {there[0]}." if there else "."
    return Trouble(seen, cause, f"Register it: `cc-ansible deploy --tags {entry.service}`.")


CHECKS: tuple[tuple[str, Question], ...] = (
    ("catalogue", complete),
    ("image", storage.image),
    ("network", networking.network),
    ("flavors", computing.flavors),
    ("server dry run", computing.server),
    ("stack", stacks.stack),
    ("dashboard page", dashboard.page),
    ("dashboard login", dashboard.login),
    ("lease", reserving.lease),
    ("hardware list", reserving.hardware),
)
"""Names, which are also sections of the runbook, and questions."""
LEFTOVERS = "leftovers"
KILLED = f"{LEFTOVERS} of killed verifications"
LATER = "the next `cc-ansible verify --level standard` tries again"


def run(ground: Ground, only: Sequence[str], tell: Tell) -> list[Result]:
    """Ask them all; ``tell`` hears which one is asked.

    What a check made is gone when this returns or raises; should it be killed, the next one
    removes the rest. An exception has notes of what could not be removed.
    """
    asked = [(name, question) for name, question in CHECKS if wanted(name, only)]
    if not asked and not wanted(KILLED, only):
        return []
    tell(LEFTOVERS)
    results = [_removed(ground, leftovers.abandoned, KILLED)]
    try:
        for name, question in asked:
            tell(name)
            check = Check(name, name.replace(" ", "-"), Level.STANDARD)
            results.append(check.ask(partial(question, ground), cloud.explain))
    except BaseException as stop:
        _stopped(ground, stop)
        raise
    if any(result.failed for result in results):
        results.append(_rest(ground))
    return results


def _stopped(ground: Ground, stop: BaseException) -> None:
    """Remove what there is, and note in the exception what could not be removed."""
    try:
        left = _rest(ground)
    except BaseException as again:
        again.add_note(f"Not everything called {ground.name}... was removed; {LATER}.")
        raise
    if left.failed:
        stop.add_note(f"{left.name}: {left.detail}; {LATER}.")


def _rest(ground: Ground) -> Result:
    ours = f"{LEFTOVERS} of this verification"
    return _removed(ground, lambda name: name.startswith(ground.name), ours)


def _removed(ground: Ground, ours: Callable[[str], bool], name: str) -> Result:
    """Remove things by their names."""
    gone, problems = leftovers.remove(ground.admin, ours)
    fix = "Remove what has these names by hand."
    troubles = [Trouble(text, "Something could not be removed.", fix) for text in problems]
    well = f"removed {', '.join(gone)}" if gone else "there are none"
    return Check(name, "leftovers", Level.STANDARD).judged(troubles, well)
