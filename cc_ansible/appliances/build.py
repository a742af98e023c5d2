"""Builds images: what is there stays, what changed is made with all that follows from it."""

from __future__ import annotations

import json
import queue
import shlex
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.appliances import foreign, inside, records, tree
from cc_ansible.appliances.disk.write import PROGRAMS as DISK_PROGRAMS
from cc_ansible.appliances.store import DISK
from cc_ansible.engine import packages
from cc_ansible.errors import CcError, Interrupted, RunFailed
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.runs import journal, lock
from cc_ansible.runs.process import spawn

if TYPE_CHECKING:
    from cc_ansible.appliances.elements import Elements
    from cc_ansible.appliances.plan import Plan
    from cc_ansible.appliances.stages import Stage
    from cc_ansible.appliances.store import Built, Store
    from cc_ansible.runs.steps import Steps

NEEDED = 6 << 30
"""Bytes of disk space that one build may need."""
WHY = "to build images"
Say = Callable[[str], None]


@dataclass
class Builder:
    """Builds several images side by side; stages that they share are made once."""

    elements: Elements
    store: Store
    steps: Steps
    jobs: int = 1
    run_id: str = field(default_factory=lambda: journal.new_id("appliances"))
    cancel: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._making: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registering = threading.Lock()
        self._failed: dict[str, RunFailed] = {}
        self._caches: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(self.jobs):
            self._caches.put(self.store.cache(number))

    def run(self, plans: Sequence[Plan]) -> list[Built | CcError]:
        """Build what is not up to date; one that fails keeps no other from being built.

        :raises Locked: another build runs here.
        :raises Interrupted: stopped by the user; nothing half-made stays.
        :raises CcError: something that every build needs is not there.
        """
        if any(plan.reasons for plan in plans):
            self.store.require_room(NEEDED)
            with self.steps.step("Programs") as step:
                if not packages.ensure({**tree.PROGRAMS, **DISK_PROGRAMS}, WHY, step.update):
                    step.skip("are there")
        with lock.hold(self.store.top, self.run_id, "build appliances", lambda text: None):
            self.store.sweep()
            with ThreadPoolExecutor(self.jobs) as pool:
                done = [pool.submit(self._image, each) for each in plans]
                try:
                    return [each.result() for each in done]
                except BaseException:
                    self.cancel.set()
                    for each in done:
                        each.cancel()
                    raise

    def _image(self, plan: Plan) -> Built | CcError:
        title = plan.definition.title
        try:
            with self.steps.step(title) as step:
                if plan.built:
                    step.skip("up to date")
                    return self.store.make_latest(plan.built)
                cache = self._caches.get()
                try:
                    return self._make(plan, cache, step.update)
                finally:
                    self._caches.put(cache)
        except Interrupted:
            raise
        except CcError as problem:
            return problem

    def _make(self, plan: Plan, cache: Path, say: Say) -> Built:
        with self._registering:
            foreign.ensure(plan.definition.arch, say)
        seconds: dict[str, float] = {}
        archive: Path | None = None
        *trees, last = plan.stages
        for stage in trees:
            began = time.monotonic()
            archive = self._stage(plan, stage, archive, cache, say)
            seconds[f"{stage.appliance} {stage.kind}"] = round(time.monotonic() - began, 1)
        began = time.monotonic()
        with self.store.new() as made:
            digests = {}
            if last.kind == "disk":
                assert archive
                digests = self._disk(plan, archive, made, lambda text: say(f"disk: {text}"))
            else:
                self._tree(plan, last, None, made, cache, say)
            seconds[f"{last.appliance} {last.kind}"] = round(time.monotonic() - began, 1)
            records.write(plan, archive, made, digests, seconds)
            return self.store.keep_image(plan.definition.title, plan.key, made)

    def _stage(self, plan: Plan, stage: Stage, below: Path | None, cache: Path, say: Say) -> Path:
        """The archive of a stage; whoever else needs it at this moment waits for it."""
        with self._making[stage.key]:
            if there := self.store.stage(stage):
                return there
            if problem := self._failed.get(stage.key):
                raise problem
            with self.store.new() as made:
                try:
                    self._tree(plan, stage, below, made, cache, say)
                except RunFailed as failed:
                    self._failed[stage.key] = failed
                    raise
                return self.store.keep_stage(stage, made)

    def _tree(
        self, plan: Plan, stage: Stage, below: Path | None, made: Path, cache: Path, say: Say
    ) -> None:
        wanted = plan.definition
        with self.store.new() as work:
            tree.make(
                stage,
                (wanted.distro, wanted.release),
                self.elements,
                below,
                tree.Place(made, work, cache, self.store.log(stage)),
                say=lambda text: say(f"{stage.appliance}: {text}"),
                cancel=self.cancel,
                run_id=self.run_id,
            )

    def _disk(self, plan: Plan, archive: Path, made: Path, say: Say) -> dict[str, str]:
        """Write the disk as root, where nothing of it can stay."""
        wanted, last = plan.definition, plan.stages[-1]
        with self.store.new() as work, self.store.new() as desk:
            order = {
                "name": wanted.name,
                "arch": wanted.arch,
                "key": last.key,
                "root": str(archive),
                "target": str(made / DISK),
                "work": str(work),
                "size": wanted.size,
            }
            (desk / "order.json").write_text(json.dumps(order))
            argv = [str(VENV_BIN / "python"), "-m", "cc_ansible.appliances.disk"]
            argv = inside.command(
                [*argv, str(desk / "order.json")], work, tree.room(), "write disks"
            )
            output: list[str] = []

            def take(stream: str, line: str) -> None:
                output.append(line)
                say(line)

            code = spawn(argv, on_line=take, cwd=PROJECT, cancel=self.cancel, run_id=self.run_id)
            if code == 0:
                return dict(json.loads((desk / "done.json").read_text()))
            raise _explained(plan, desk / "error.json", argv, output)


def _explained(plan: Plan, file: Path, argv: Sequence[str], output: Sequence[str]) -> RunFailed:
    name = f"appliance {plan.definition.name} ({plan.definition.arch})"
    if not file.exists():
        detail = "\n".join([shlex.join(argv), *output[-10:]])
        return RunFailed(f"{name}: its disk could not be written.", detail=detail)
    said = json.loads(file.read_text())
    return RunFailed(f"{name}: {said['summary']}", detail=said["detail"], fix=said["fix"])
