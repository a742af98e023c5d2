"""Rules about passwords and about how secrets are kept. No finding ever shows a value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site import passwords as generator
from cc_ansible.site.findings import Finding, Severity, error, warning
from cc_ansible.site.leaves import leaves
from cc_ansible.site.names import ends_secret, nearest
from cc_ansible.site.values import is_template
from cc_ansible.site.yamlfile import Document, KeyPath

PASSWORD_MISSING = error("password-missing", "Services that are on have all their passwords")
PASSWORD_EMPTY = error("password-empty", "Passwords of services that are on have a value")
PASSWORD_UNKNOWN = warning("password-unknown", "Passwords are read by something")
PASSWORD_WEAK = warning("password-weak", "Passwords cannot be guessed")
PASSWORD_SHARED = warning("password-shared", "Each password is used for one purpose only")
SECRET_PLAINTEXT = warning("secret-plaintext", "Secrets are encrypted where they are stored")

GENERATE = "Run `cc-ansible passwords generate`."
SHORTEST = 12
FEWEST_LETTERS = 6
COMMON = ("admin", "chameleon", "changeme", "default", "openstack", "password", "qwerty", "secret")
_PATH = ("/", "~")

Where = Callable[[str], Origin | None]


def complete(
    present: Mapping[str, Any],
    known: Mapping[str, Any],
    needed: Collection[str],
    origin: Where,
) -> Iterator[Finding]:
    """Passwords that are missing or blank: errors where a service that is on ``needed`` them."""
    lacking: dict[tuple[bool, bool, Origin | None], list[str]] = {}
    for name in generator.missing(present, known):
        lacking.setdefault((name in needed, name in present, origin(name)), []).append(name)
    for (is_needed, is_empty, place), names in lacking.items():
        rule, what = (PASSWORD_EMPTY, "empty") if is_empty else (PASSWORD_MISSING, "missing")
        found = rule.broken(f"{_listed(names)} {what}.", place, detail=_all(names), fix=GENERATE)
        yield found if is_needed else replace(found, severity=Severity.WARNING)
    for name, value in present.items():
        if name not in known and value in (None, ""):
            yield PASSWORD_EMPTY.broken(f"The password {name} is empty.", origin(name))


def unknown(
    present: Mapping[str, Any],
    known: Collection[str],
    mentioned: Callable[[str], bool],
    origin: Where,
) -> Iterator[Finding]:
    """Passwords that neither the release, the project nor the site itself ``mentioned``."""
    for name in present:
        if name not in known and not mentioned(name):
            close = nearest(name, set(known) - set(present))
            yield PASSWORD_UNKNOWN.broken(
                f"Nothing reads the password {name}.",
                origin(name),
                fix=f"Did you mean `{close}`?" if close else "Remove it.",
            )


def strong(present: Mapping[str, Any], origin: Where) -> Iterator[Finding]:
    """Passwords that are short, common, or the same as another one."""
    same: dict[str, list[str]] = {}
    for name, value in present.items():
        if value is None or isinstance(value, bool | list) or is_template(value):
            continue
        text = str(value.get("private_key") if isinstance(value, dict) else value)
        if text in ("", "None"):
            continue
        same.setdefault(hashlib.sha256(text.encode()).hexdigest(), []).append(name)
        if reason := _weakness(name, text):
            yield PASSWORD_WEAK.broken(
                f"The password {name} is weak.",
                origin(name),
                detail=reason,
                fix=f"Run `cc-ansible passwords rotate {name}`.",
            )
    for names in same.values():
        if len(names) > 1:
            yield PASSWORD_SHARED.broken(
                f"The same password is used for {', '.join(names[:-1])} and {names[-1]}.",
                origin(names[-1]),
                fix=f"Run `cc-ansible passwords rotate {' '.join(names[1:])}`.",
            )


def plain_variables(documents: Iterable[Document], known: Collection[str]) -> Iterator[Finding]:
    """Secrets among the variables of the site that are written as they are."""
    for document in documents:
        for path in _plain(document.value, known):
            yield SECRET_PLAINTEXT.broken(
                f"{'.'.join(map(str, path))} is a secret in plain text.",
                document.origin(*path),
                fix="Move it to the passwords (`cc-ansible passwords edit`), or encrypt it here "
                "with `ansible-vault encrypt_string`.",
            )


def _listed(names: list[str]) -> str:
    return f"The password {names[0]} is" if len(names) == 1 else f"{len(names)} passwords are"


def _all(names: list[str]) -> str:
    return f"{', '.join(names)}." if len(names) > 1 else ""


def _weakness(name: str, text: str) -> str:
    lower = text.lower()
    if lower in COMMON or lower == name or lower in name.split("_"):
        return "It is a word that everybody tries first."
    if len(text) < SHORTEST:
        return f"It has fewer than {SHORTEST} characters."
    if len(set(text)) < FEWEST_LETTERS:
        return f"It is made of fewer than {FEWEST_LETTERS} different characters."
    return ""


def _plain(value: Any, known: Collection[str]) -> Iterator[KeyPath]:
    for path, leaf in leaves(value):
        if isinstance(leaf, str) and leaf and not is_template(leaf):
            name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
            if name in known or (ends_secret(name) and not leaf.startswith(_PATH)):
                yield path
