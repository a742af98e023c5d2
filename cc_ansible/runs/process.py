"""Runs a command so that it streams, can be stopped, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

from cc_ansible.errors import Interrupted, RunFailed
from cc_ansible.runs import leftovers, signals
from cc_ansible.runs.lines import Lines

Stream = Literal["stdout", "stderr"]
OnLine = Callable[[Stream, str], None]

GRACE = 15.0
"""Seconds a command gets to end after Ctrl-C, then again after SIGTERM."""
TICK = 0.1
LINGER = 0.5
"""Seconds we go on reading after the command ended while something else holds its pipes open."""
CHUNK = 1 << 16


def spawn(
    argv: Sequence[str],
    *,
    on_line: OnLine,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    run_id: str = "",
    log: Callable[[str], None] = lambda text: None,
    grace: float = GRACE,
    cancel: threading.Event | None = None,
) -> int:
    """Run ``argv`` in a session of its own and return its exit code (128 + n for signal n).

    ``env`` replaces the environment. Each line of output goes to ``on_line(stream, line)`` in the
    calling thread. A request to stop (Ctrl-C, SIGTERM, SIGHUP, ``cancel``) is passed on as SIGINT,
    once; after ``grace`` seconds or at the next request follow SIGTERM and then SIGKILL. ``log``
    is told. With ``run_id``, everything the command started is ended too.

    Raises Interrupted after a request to stop, RunFailed if the command does not exist. Has no
    standard input and no terminal: nothing can ask a question.
    """
    stop = Stop(log, grace)
    with signals.handled(stop.request):
        child = Child(argv, env, cwd, run_id, grace)
        try:
            child.pump(on_line, lambda: stop.check(child, cancel))
        finally:
            # Also when on_line raised: whatever happens here, nothing of the command goes on.
            child.close(end_all=stop.requests > 0 or child.process.poll() is None)
    if stop.requests:
        raise Interrupted(f"Interrupted: {argv[0]} was stopped.")
    code = child.process.returncode
    return code if code >= 0 else 128 - code


class Child:
    """A command under way, with its two pipes."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None,
        cwd: Path | None,
        run_id: str,
        grace: float,
    ) -> None:
        environment = dict(os.environ if env is None else env)
        if run_id:
            environment[leftovers.MARK] = run_id
        program = find_program(argv, environment, cwd)
        script = str(Path(__file__).with_name("_child.py"))
        python = [sys.executable, "-I", "-S", script, str(os.getpid())]
        self.run_id = run_id
        self.grace = min(grace, 5.0)
        self.process = subprocess.Popen(
            [*python, program, *argv[1:]],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def pump(self, on_line: OnLine, tick: Callable[[], None]) -> None:
        """Deliver lines until the command has ended and its pipes are drained."""
        readers: dict[Stream, Lines] = {"stdout": Lines(), "stderr": Lines()}
        pipes: dict[Stream, IO[bytes] | None] = {
            "stdout": self.process.stdout,
            "stderr": self.process.stderr,
        }
        silent_since = None
        with selectors.DefaultSelector() as selector:
            for name, pipe in pipes.items():
                assert pipe is not None
                selector.register(pipe, selectors.EVENT_READ, name)
            while True:
                ready = selector.select(TICK) if selector.get_map() else []
                for key, _ in ready:
                    if data := os.read(key.fd, CHUNK):
                        for line in readers[key.data].feed(data):
                            on_line(key.data, line)
                    else:
                        selector.unregister(key.fileobj)
                tick()
                if self.process.poll() is None:
                    if not selector.get_map():
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            self.process.wait(TICK)
                    continue
                silent_since = None if ready else silent_since or time.monotonic()
                lingered = silent_since and time.monotonic() - silent_since > LINGER
                if lingered or not selector.get_map():
                    break
        for name, reader in readers.items():
            for line in reader.end():
                on_line(name, line)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the command's group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def close(self, *, end_all: bool) -> None:
        """Close the pipes; with ``end_all`` also end the group and what carries the run's mark."""
        if end_all:
            self.signal(signal.SIGTERM if self.process.poll() is None else signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
            self.signal(signal.SIGKILL)
            if self.run_id:
                leftovers.end([self.run_id], self.grace)
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()


class Stop:
    """Ends a child in growing earnest: SIGINT once, SIGTERM, SIGKILL."""

    STEPS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

    def __init__(self, log: Callable[[str], None], grace: float) -> None:
        self.requests = 0
        self._log = log
        self._grace = grace
        self._sent = 0
        self._deadline = 0.0

    def request(self) -> None:
        """Note that someone wants us to stop (called from a signal handler)."""
        self.requests += 1

    def check(self, child: Child, cancel: threading.Event | None) -> None:
        """Take the next step if it is due."""
        if cancel and cancel.is_set() and not self.requests:
            self.requests = 1
        if not self.requests or self._sent == len(self.STEPS):
            return
        late = self._sent > 0 and time.monotonic() >= self._deadline
        if self.requests <= self._sent and not late:
            return
        step = self.STEPS[self._sent]
        self._sent += 1
        self.requests = max(self.requests, self._sent)
        self._deadline = time.monotonic() + self._grace
        child.signal(step)
        self._log(
            f"Stopping: waiting up to {self._grace:.0f} s for it to end. Again to hurry it up."
            if step == signal.SIGINT
            else f"It still runs: {step.name} sent."
        )


def find_program(argv: Sequence[str], env: Mapping[str, str], cwd: Path | None) -> str:
    """Return the file that ``argv[0]`` names. Raises RunFailed if there is none."""
    name = argv[0]
    base = str((cwd or Path()) / name) if "/" in name else name
    if shutil.which(base, path=env.get("PATH", os.defpath)) is None:
        raise RunFailed(f"{name}: command not found.", detail=shlex.join(argv))
    return name


def check(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    timeout: float | None = None,
    ok: Sequence[int] = (0,),
    redact: Callable[[str], str] = str,
) -> str:
    """Run a short command and return its standard output.

    ``timeout`` in seconds; ``ok`` lists the exit codes that are fine. Raises RunFailed with the
    command line, the exit code and the end of its standard error, all through ``redact``.
    """
    command = redact(shlex.join(argv))
    find_program(argv, os.environ if env is None else env, cwd)
    try:
        done = subprocess.run(
            list(argv),
            env=env,
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"{argv[0]} did not end within {timeout:g} s.", detail=command) from None
    except OSError as error:
        raise RunFailed(f"{argv[0]}: {error.strerror}.", detail=command) from None
    if done.returncode in ok:
        return done.stdout
    tail = (done.stderr.strip() or done.stdout.strip()).splitlines()[-15:]
    detail = "\n".join([command, *map(redact, tail)])
    raise RunFailed(f"{argv[0]} failed with exit code {done.returncode}.", detail=detail)
