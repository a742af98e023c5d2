"""Write a new site: it is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cc_ansible.site import init, passwords
from cc_ansible.site.legacy.draft import Draft
from cc_ansible.site.legacy.keys import Keys

MARK = ".cc-import-"
REPORT = "IMPORT.md"


def write(
    draft: Draft, keys: Keys, target: Path, project: Path, look: Callable[[Path], None]
) -> None:
    """Write the files of a draft to ``target``, as the first commit of a git repository.

    :param look: called with the complete site before it gets its place; what it adds to the
        report is still written.
    :raises UsageError: something is there already.
    """
    init.refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(target) as scratch:
        site = scratch / target.name
        site.mkdir(mode=0o750)
        _write_files(site, draft)
        _write_secrets(site, draft, keys, project)
        look(site)
        (site / REPORT).write_text(draft.report.markdown(), encoding="utf-8")
        init.commit(site, "Import this site from older CHI-in-a-Box")
        site.rename(target)


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A directory beside the target; those of imports that were killed go, too."""
    for leftover in target.parent.glob(f"{MARK}*"):
        pid = leftover.name.removeprefix(MARK).split("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(leftover, ignore_errors=True)
    prefix = f"{MARK}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=target.parent) as scratch:
        yield Path(scratch)


def _write_files(site: Path, draft: Draft) -> None:
    init.write_skeleton(site)
    for name, content in draft.files.items():
        file = site / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600 if name in draft.private else 0o640)
        file.write_bytes(content)
        if name in draft.executable:
            file.chmod(0o750)
    if draft.ignored:
        lines = "".join(f"/{name}\n" for name in sorted(draft.ignored))
        with (site / ".gitignore").open("a", encoding="utf-8") as stream:
            stream.write(f"\n# Private keys of this site.\n{lines}")


def _write_secrets(site: Path, draft: Draft, keys: Keys, project: Path) -> None:
    """Passwords only ever exist encrypted on disk; the vault password is not in git."""
    if keys.own:
        init.write_vault_password(site, keys.new.decode())
    text = passwords.generate(project, draft.passwords)
    file = site / "passwords.yml"
    file.touch(mode=0o600)
    file.write_text(keys.encrypt(text), encoding="utf-8")
