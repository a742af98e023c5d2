"""How cc-ansible says no: one error with a place, a reason and a fix, and one exit code.

Every module may import this one; it imports nothing of ours.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path


class Exit(enum.IntEnum):
    """Exit codes of the command line; scripts may rely on them."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SITE_INVALID = 3
    LOCKED = 4
    RUN_FAILED = 5
    CHANGES_PENDING = 6
    VERIFY_FAILED = 7
    INTERRUPTED = 130


@dataclass(frozen=True)
class Origin:
    """A place in a file. ``line`` and ``column`` count from 1; None where unknown."""

    file: Path
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [str(self.file), *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


class CcError(Exception):
    """Something the user can act on. Shown as text, never as a traceback.

    ``summary`` is one sentence, ``detail`` what was seen, ``fix`` the next command or edit.
    """

    exit_code = Exit.UNEXPECTED

    def __init__(
        self,
        summary: str,
        *,
        detail: str = "",
        fix: str = "",
        origin: Origin | None = None,
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.fix = fix
        self.origin = origin


class UsageError(CcError):
    exit_code = Exit.USAGE


class SiteInvalid(CcError):
    exit_code = Exit.SITE_INVALID


class Locked(CcError):
    exit_code = Exit.LOCKED


class RunFailed(CcError):
    exit_code = Exit.RUN_FAILED


class VerifyFailed(CcError):
    exit_code = Exit.VERIFY_FAILED


class Interrupted(CcError):
    exit_code = Exit.INTERRUPTED
