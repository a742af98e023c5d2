"""The passwords of the new site: the old ones that still open something, and new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cc_ansible.site import passwords, removed
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.old import Old

FILE = "passwords.yml"


def make(context: Context, old: Old) -> dict[str, Any]:
    """Plain passwords to keep; blank ones among them are generated when the site is written."""
    known = context.known.passwords()
    kept: dict[str, Any] = {}
    for name, value in old.passwords.items():
        gone = None if name in known else _gone(name, known)
        if gone is None:
            kept[name] = value
        elif gone.successor and gone.translate == "rename" and gone.successor not in old.passwords:
            kept[gone.successor] = value
            context.report.translated(FILE, name, gone.successor, gone.reason)
        else:
            context.report.dropped(FILE, name, gone.why)
    found = {name: value for name, value in context.passwords.items() if name not in kept}
    kept |= found
    again = "with the same vault password" if not context.keys.own else "with a new vault password"
    count = len(old.passwords)
    context.report.translated(FILE, f"{count} secrets", f"{FILE}, encrypted again {again}")
    fresh = passwords.blank({**known, **kept}).keys() - passwords.OPTIONAL
    if fresh:
        why = "The old site had no value for them."
        context.report.translated(FILE, f"{len(fresh)} further passwords", "generated", why)
    return kept


def _gone(name: str, known: Mapping[str, Any]) -> removed.Removed | None:
    return removed.find(removed.PASSWORDS, name, known)
