"""One lock per site: two runs never change the same hosts at the same time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cc_ansible.errors import Locked
from cc_ansible.runs import leftovers
from cc_ansible.runs.files import private_dir, temporary
from cc_ansible.runs.owner import Owner, State, here

FILE = "lock.json"
GUARD = "lock.guard"


@dataclass(frozen=True)
class Lock:
    """Who holds a site. ``since`` is ISO 8601 in UTC.

    ``inherited`` names the runs whose owners died and whose processes this owner has to end: it is
    part of the lock, so that the next one does it when this one dies as well.
    """

    owner: Owner
    run_id: str
    purpose: str
    since: str
    inherited: tuple[str, ...] = field(default=())

    @property
    def state(self) -> State:
        """Whether the owner is alive, dead, or on another host."""
        return self.owner.state()

    def describe(self) -> str:
        """Say in one line who holds it, since when and what for."""
        owner = self.owner
        return (
            f"{self.purpose} by {owner.user} on {owner.host} (pid {owner.pid}), since {self.since}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the content of the lock file."""
        rest = {"run_id": self.run_id, "purpose": self.purpose, "since": self.since}
        return {**asdict(self.owner), **rest, "inherited": list(self.inherited)}


def status(state_dir: Path) -> Lock | None:
    """Return the lock of a site, None when it is free. Raises Locked if it cannot be read."""
    path = state_dir / FILE
    try:
        data = json.loads(path.read_text())
        return Lock(
            owner=Owner.load(data),
            run_id=str(data["run_id"]),
            purpose=str(data["purpose"]),
            since=str(data["since"]),
            inherited=tuple(map(str, data.get("inherited", []))),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise Locked(
            "The lock of this site cannot be read.",
            detail=f"{path}: {error!r}",
            fix="See that no run is under way, then: cc-ansible unlock --force",
        ) from None


@contextlib.contextmanager
def hold(
    state_dir: Path, run_id: str, purpose: str, notice: Callable[[str], None]
) -> Iterator[Lock]:
    """Hold the lock of a site; it is free again however the block is left.

    A dead owner's lock is taken over and its processes are ended first; ``notice`` is told.
    Raises Locked while another run holds it.
    """
    lock, dead = take(state_dir, run_id, purpose)
    try:
        if dead:
            notice(f"Taking over from a run that died: {dead.describe()}")
        if lock.inherited and (count := leftovers.end(lock.inherited)):
            notice(f"Ended {count} process(es) it left behind.")
        yield lock
    finally:
        release(state_dir, lock)


def take(state_dir: Path, run_id: str, purpose: str) -> tuple[Lock, Lock | None]:
    """Take the lock; return it and the dead owner's one it replaces. Raises Locked."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with guard(state_dir):
        held = status(state_dir)
        if held and held.state != "dead":
            raise refusal(held)
        inherited = (*held.inherited, held.run_id) if held else ()
        lock = Lock(here(), run_id, purpose, since, inherited)
        path = state_dir / FILE
        new = temporary(path, lock.to_json())
        try:
            if held:
                path.unlink()
            # A link never replaces: should the guard not work (some network file systems), the
            # second of two runs fails here.
            os.link(new, path)
        except FileExistsError:
            raise Locked("Another run has just locked this site.", fix="Try again.") from None
        finally:
            new.unlink()
    return lock, held


def release(state_dir: Path, lock: Lock) -> None:
    """Free the lock if it is still ours."""
    with contextlib.suppress(Locked, FileNotFoundError), guard(state_dir):
        if status(state_dir) == lock:
            (state_dir / FILE).unlink()


def break_lock(state_dir: Path, *, force: bool = False) -> Lock | None:
    """Remove the lock of a dead owner or of one on another host and return it.

    None if there was none. Raises Locked when the owner is alive on this host or the file cannot
    be read; ``force`` removes it all the same.
    """
    with guard(state_dir):
        held: Lock | None = None
        try:
            held = status(state_dir)
        except Locked:
            if not force:
                raise
        if held and held.state == "alive" and not force:
            raise refusal(held)
        (state_dir / FILE).unlink(missing_ok=True)
    if held and held.state == "dead":
        leftovers.end((*held.inherited, held.run_id))
    return held


def refusal(held: Lock) -> Locked:
    """Return the error that says who is at work."""
    if held.state == "elsewhere":
        fix = f"If that run is over (look on {held.owner.host}): cc-ansible unlock"
    else:
        fix = f"Wait for it, or stop it: kill {held.owner.pid}. Look: cc-ansible runs"
    return Locked(f"This site is locked: {held.describe()}.", detail=f"run {held.run_id}", fix=fix)


@contextlib.contextmanager
def guard(state_dir: Path) -> Iterator[None]:
    """Let one process at a time look at the lock file and change it (milliseconds)."""
    with (private_dir(state_dir) / GUARD).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
