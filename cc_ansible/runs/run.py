"""A run: holds the lock, keeps the journal, shows progress, ends cleanly however it ends."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from cc_ansible.errors import CcError, Exit, Interrupted
from cc_ansible.paths import PROJECT
from cc_ansible.runs import diagnose, events, lock, process, signals
from cc_ansible.runs import journal as journals
from cc_ansible.runs.journal import Journal, Outcome
from cc_ansible.runs.progress import Progress
from cc_ansible.runs.redact import Redactor

CALLBACKS = PROJECT / "plugins" / "callback"
KEPT_OUTPUT = 200
"""Lines of plain output remembered to explain a command that fails without an event."""


@dataclass
class Run:
    """The run under way. ``redactor.add`` makes more values secret."""

    id: str
    action: str
    journal: Journal
    progress: Progress
    redactor: Redactor
    container_log: diagnose.ContainerLog | None = None
    resume: str = ""
    _output: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_OUTPUT))

    def ansible(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Run a command that ends in ansible-playbook and follow its events.

        ``env`` replaces the environment. Raises RunFailed with the diagnosis, or Interrupted.
        """
        before = len(self.progress.tally.failures)
        environment = event_environment(os.environ if env is None else env)
        code = self._spawn(argv, environment, cwd, self._line)
        if code:
            failures = self.progress.tally.failures[before:]
            found = diagnose.diagnose(failures, self._container_log)
            raise diagnose.error(
                self.action,
                found,
                exit_code=code,
                output=list(self._output),
                resume=self.resume,
            )

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Run any other command; its output goes to the journal and, redacted, to ``on_line``.

        Raises RunFailed with the end of the output, or Interrupted.
        """

        def take(stream: process.Stream, line: str) -> None:
            text = self._text(stream, line)
            if on_line:
                on_line(text)

        code = self._spawn(argv, env, cwd, take)
        if code:
            raise diagnose.error(Path(argv[0]).name, [], exit_code=code, output=list(self._output))

    def note(self, text: str) -> None:
        """Tell the operator something and put it into the journal."""
        text = self.redactor.text(text)
        self.journal.text("note", text)
        self.progress.note(text)

    def _spawn(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        on_line: process.OnLine,
    ) -> int:
        self._output.clear()
        return process.spawn(argv, on_line=on_line, env=env, cwd=cwd, run_id=self.id, log=self.note)

    def _line(self, stream: process.Stream, line: str) -> None:
        text, raw = events.decode(line)
        if text.strip():
            self._text(stream, text)
        if raw is not None:
            clean = self.redactor(raw)
            self.journal.event(clean)
            self.progress.handle(events.typed(clean))

    def _text(self, stream: str, line: str) -> str:
        text = self.redactor.text(line)
        self._output.append(text)
        raw = journals.text_event(stream, text)
        self.journal.event(raw)
        self.progress.handle(events.typed(raw))
        return text

    def _container_log(self, host: str, container: str) -> list[str]:
        if not self.container_log:
            return []
        return [self.redactor.text(line) for line in self.container_log(host, container)]


@contextlib.contextmanager
def open_run(
    state_dir: Path,
    site_path: Path,
    action: str,
    argv: Sequence[str],
    purpose: str,
    *,
    tags: Sequence[str] = (),
    secrets: Iterable[str] = (),
    version: str = "",
    output: str = "text",
    quiet: bool = False,
    container_log: diagnose.ContainerLog | None = None,
    resume: str = "",
    stream: TextIO | None = None,
) -> Iterator[Run]:
    """Open a run of ``action`` on a site; lock and journal are closed when the block is left.

    ``argv`` and ``purpose`` are for the reader of the journal; ``secrets`` are values that must
    never be shown or stored; ``resume`` is the command that goes on after a failure. While it is
    open, SIGTERM and SIGHUP stop the run as Ctrl-C does. Raises Locked, Interrupted.
    """
    redactor = Redactor(secrets)
    progress = Progress(
        action,
        output=output,
        quiet=quiet,
        usual=journals.usual_tasks(state_dir, action, tags),
        stream=stream,
    )
    try:
        with signals.handled(signals.interrupt):
            purpose = redactor.text(purpose)
            record = journals.new_record(
                state_dir,
                site_path,
                action,
                redactor(list(argv)),
                purpose,
                tags=tags,
                version=version,
            )
            with lock.hold(state_dir, record.id, purpose, progress.note):
                journals.prune(state_dir)
                journal = Journal(record)
                with closing(journal, progress):
                    yield Run(record.id, action, journal, progress, redactor, container_log, resume)
    except KeyboardInterrupt:
        raise Interrupted(f"{action} was interrupted.", fix=resume) from None
    except Interrupted as error:
        error.fix = error.fix or resume
        raise


@contextlib.contextmanager
def closing(journal: Journal, progress: Progress) -> Iterator[None]:
    """Close journal and display with the outcome of the block."""
    outcome: Outcome = "error"
    code = int(Exit.UNEXPECTED)
    try:
        yield
        outcome, code = "ok", 0
    except (KeyboardInterrupt, Interrupted):
        outcome, code = "interrupted", int(Exit.INTERRUPTED)
        raise
    except CcError as error:
        outcome, code = "failed", int(error.exit_code)
        raise
    finally:
        tally = progress.tally
        progress.close(outcome, journal.path)
        roles = {name: round(seconds, 3) for name, seconds in tally.roles.items()}
        journal.close(outcome, code, tally.totals(), roles)


def event_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return ``env`` with Ansible set up to write its events to standard output."""
    paths = filter(None, [str(CALLBACKS), env.get("ANSIBLE_CALLBACK_PLUGINS")])
    added = {
        "ANSIBLE_STDOUT_CALLBACK": "cc_events",
        "ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join(paths),
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return {**{key: value for key, value in env.items() if key != "ANSIBLE_FORCE_COLOR"}, **added}
