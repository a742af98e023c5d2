"""Editing the passwords in the user's editor; their plain text is in memory only."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cc_ansible import memory
from cc_ansible.errors import SiteInvalid, UsageError
from cc_ansible.site import passwords, yamlfile
from cc_ansible.site.secrets import changes, content
from cc_ansible.site.secrets.store import Changed, Snapshot, Store

# What these editors would otherwise keep of the text on a disk.
_VIM = ["-n", "-i", "NONE", "-c", "silent! set noundofile nobackup nowritebackup"]
_VIM_NAMES = ("vim", "nvim")


@dataclass(frozen=True)
class Edited:
    """What came of it: names of generated passwords, and of those others changed meanwhile."""

    changed: bool
    generated: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()


def edit(store: Store, retry: Callable[[SiteInvalid], bool], editor: str | None = None) -> Edited:
    """Edit the site's passwords in ``$EDITOR``; blank values are generated.

    What somebody else changed meanwhile is kept.

    :param retry: asked whether to edit again when the text is not valid; no means give up.
    :raises SiteInvalid: when the text is not valid and ``retry`` gives up. Nothing is written.
    :raises Changed: somebody else changed the same passwords meanwhile. Nothing is written.
    """
    seen = store.read()
    command = _command(editor or os.environ.get("EDITOR") or "vi")
    with memory.directory("secret") as directory:
        draft = directory / content.NAME
        draft.touch(mode=0o600)
        draft.write_text(seen.text, encoding="utf-8")
        while True:
            _run_editor(command, draft)
            try:
                after = yamlfile.read_text(draft)
                if after == seen.text:
                    return Edited(changed=False)
                filled, names = passwords.fill(after)
                return Edited(True, tuple(names), _save(store, filled, seen))
            except Changed:
                raise
            except SiteInvalid as error:
                if not retry(error):
                    raise


def _save(store: Store, text: str, seen: Snapshot) -> tuple[str, ...]:
    """Write the text; on top of what others wrote meanwhile, where that is possible."""
    try:
        store.write(text, seen)
    except Changed as late:
        before = content.document(seen.text).value
        now = store.read()
        ours = changes.between(before, content.document(text).value)
        theirs = changes.between(before, content.document(now.text).value)
        if both := sorted(ours.names & theirs.names):
            late.detail += f"\nChanged here and there: {', '.join(both)}."
            raise
        store.write(changes.apply(now.text, ours), now)
        return tuple(sorted(theirs.names))
    return ()


def _command(editor: str) -> list[str]:
    words = shlex.split(editor)
    program = shutil.which(words[0]) if words else None
    name = Path(program).resolve().name if program else ""
    return [*words, *_VIM] if name.startswith(_VIM_NAMES) else words


def _run_editor(command: list[str], draft: Path) -> None:
    try:
        result = subprocess.run([*command, str(draft)], check=False)
    except (OSError, IndexError) as error:
        raise UsageError(
            f"The editor {' '.join(command[:1])} cannot be started.",
            detail=str(getattr(error, "strerror", "")),
            fix="Set EDITOR to an installed editor.",
        ) from error
    if result.returncode != 0:
        raise UsageError(
            f"The editor {command[0]} failed with exit code {result.returncode}.",
            detail="Nothing was written.",
            fix="Run the command again.",
        )
