"""The site's ``.env``: plain ``KEY=VALUE`` lines, never run by a shell."""

from __future__ import annotations

import re
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site.yamlfile import read_text

_LINE = re.compile(r"(?:export\s+)?(?P<key>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")
_SINGLE = re.compile(r"'(?P<text>[^']*)'\s*(?:#.*)?")
_DOUBLE = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_BARE = re.compile(r"(?P<text>[^\s'\"]*)\s*(?:(?<=\s)#.*)?")
_SHELL = re.compile(r"(?<!\\)(?:`|\$[({A-Za-z_])")


def read(file: Path) -> dict[str, str]:
    """The variables of a ``.env`` file; an absent file has none.

    :raises SiteInvalid: for a line that is not ``KEY=VALUE``, or that only a shell understands.
    """
    if not file.exists():
        return {}
    result: dict[str, str] = {}
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            key, value = _pair(text, Origin(file, number))
            result[key] = value
    return result


def _pair(text: str, origin: Origin) -> tuple[str, str]:
    line = _LINE.fullmatch(text)
    if line is None:
        raise _invalid("a line is not KEY=VALUE", origin, "Write `NAME=value`, one per line.")
    key, raw = line["key"], line["value"].strip()
    if single := _SINGLE.fullmatch(raw):
        return key, single["text"]
    if _SHELL.search(raw):
        raise _invalid(
            f"{key} uses shell expansion",
            origin,
            "The file is not run by a shell: write the value itself, "
            "in single quotes if the character is meant literally.",
        )
    if double := _DOUBLE.fullmatch(raw):
        return key, re.sub(r'\\(["\\$`])', r"\1", double["text"])
    if bare := _BARE.fullmatch(raw):
        return key, bare["text"]
    raise _invalid(f"{key} has unbalanced quotes or spaces", origin, f"Write {key}='...'.")


def _invalid(what: str, origin: Origin, fix: str) -> SiteInvalid:
    # The line itself stays out of the message: it may hold a secret.
    return SiteInvalid(f"In .env {what}.", fix=fix, origin=origin)
