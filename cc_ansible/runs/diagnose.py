"""Turns failed events into a report one can read at four in the morning."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import RunFailed
from cc_ansible.runs.events import HostResult
from cc_ansible.runs.hints import hint

ContainerLog = Callable[[str, str], Sequence[str]]
"""Returns the end of a container's log, given host and container; may raise anything."""

LOG_LINES = 20
MAX_LINES = 6
MAX_WIDTH = 400
REPORTED = 5

EMPTY_WORDS = {
    "",
    "non-zero return code",
    "one or more items failed",
    "module failure",
    "task failed",
    "unknown error",
}
"""Messages that only say that it failed; the output says why."""


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong, on all the hosts where it did."""

    task: str
    hosts: tuple[str, ...]
    message: str
    hint: str
    log: tuple[str, ...] = ()
    path: str = ""

    def render(self) -> str:
        """Return it as a few lines of text."""
        lines = [f"{self.task}  on {', '.join(self.hosts)}"]
        lines += [f"  {line}" for line in self.message.splitlines()]
        if self.log:
            lines += ["  its log ends:", *(f"    | {line}" for line in self.log)]
        if self.hint:
            lines.append(f"  What to do: {self.hint}")
        return "\n".join(lines)


def diagnose(
    failures: Sequence[HostResult], container_log: ContainerLog | None = None
) -> list[Failure]:
    """Return the failures, the same one on several hosts as one."""
    groups: dict[tuple[str, str], list[HostResult]] = {}
    for event in failures:
        groups.setdefault((event.uuid or event.task, brief(event)), []).append(event)
    return [one(events, container_log) for events in groups.values()]


def one(events: Sequence[HostResult], container_log: ContainerLog | None) -> Failure:
    """Return one failure seen on several hosts."""
    event = events[0]
    message = brief(event)
    container = event.container or next(
        (item["container"] for item in event.items if item.get("container")), None
    )
    log: Sequence[str] = ()
    if container and container_log:
        # The report must not fail because the host is in a bad state.
        with contextlib.suppress(Exception):
            log = container_log(event.host, container)[-LOG_LINES:]
    return Failure(
        task=f"{event.role} : {event.task}" if event.role else event.task,
        hosts=tuple(dict.fromkeys(item.host for item in events)),
        message=message,
        hint=hint(everything(event), host=event.host, container=container),
        log=tuple(line.rstrip()[:MAX_WIDTH] for line in log),
    )


def error(
    action: str,
    failures: Sequence[Failure],
    *,
    exit_code: int,
    output: Sequence[str] = (),
    resume: str = "",
) -> RunFailed:
    """Return the error a failed run ends with.

    ``output`` is what was printed besides events: it explains a run that failed before any task.
    """
    fix = f"Then go on with: {resume}" if resume else ""
    if not failures:
        tail = [line for line in output if line.strip()][-15:]
        advice = hint("\n".join(tail))
        return RunFailed(
            f"{action} failed with exit code {exit_code}.",
            detail="\n".join(tail),
            fix="\n".join(filter(None, [advice, fix])),
        )
    parts = [failure.render() for failure in failures[:REPORTED]]
    if more := len(failures) - REPORTED:
        parts += [f"... and {more} more"] if more > 0 else []
    first = failures[0]
    where = first.hosts[0] if len(first.hosts) == 1 else f"{len(first.hosts)} hosts"
    return RunFailed(
        f"{action} failed at {first.task} on {where}.", detail="\n\n".join(parts), fix=fix
    )


def brief(source: HostResult | Any) -> str:
    """Return the reason of a failure in a few lines; also shortens a debug message."""
    if not isinstance(source, HostResult):
        return clip(flat(source))
    if not source.items:
        return clip(reason({**source.raw, "msg": source.msg}))
    lines = []
    for item in source.items[:REPORTED]:
        lines.append(f"{item.get('label', '(item)')}: {clip(reason(item))}")
    if more := len(source.items) - len(lines):
        lines.append(f"... and {more} more items")
    return "\n".join(lines)


def reason(fields: Mapping[str, Any]) -> str:
    """Return the most telling of the fields of a failure."""
    message = unwrap(flat(fields.get("msg") or fields.get("reason")))
    if message.rstrip(".").lower() not in EMPTY_WORDS and not is_blank(message):
        return message
    for key in ("stderr", "module_stderr", "stdout", "module_stdout", "exception"):
        if tail := last_lines(flat(fields.get(key))):
            code = fields.get("rc")
            return f"{tail} (exit code {code})" if code is not None else tail
    code = fields.get("rc")
    return f"exit code {code}, no output" if code is not None else message or "no message"


def is_blank(message: str) -> bool:
    """Say whether the message only points at the output."""
    pointers = ("module result deserialization failed", "see stdout/stderr", "module failure")
    return any(pointer in message.lower() for pointer in pointers)


def unwrap(message: str) -> str:
    """Take off what wraps the reason: quoting, tracebacks, Ansible's own prefixes."""
    message = message.strip()
    if message[:1] in "'\"" and message[-1:] == message[:1]:
        # Kolla's modules report repr(traceback).
        with contextlib.suppress(ValueError, SyntaxError):
            message = str(ast.literal_eval(message)).strip()
    if "Traceback (most recent call last)" in message:
        message = last_lines(message, 1)
    for prefix in ("Task failed: ", "Module failed: ", "Action failed: "):
        message = message.removeprefix(prefix)
    return message


def last_lines(text: str, count: int = 3) -> str:
    """Return the last lines that say something."""
    return "\n".join([line.strip() for line in text.splitlines() if line.strip()][-count:])


def everything(event: HostResult) -> str:
    """Return all text of a failure, for the hints to look at."""
    keys = ("msg", "reason", "stderr", "module_stderr", "stdout", "exception")
    sources: list[Mapping[str, Any]] = [{**event.raw, "msg": event.msg}, *event.items]
    return "\n".join(flat(source.get(key)) for source in sources for key in keys)


def flat(value: Any) -> str:
    """Return a value as text; lists as lines."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(flat(item) for item in value)
    return str(value)


def clip(text: str) -> str:
    """Shorten to a few lines of bearable width."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES // 2], "...", *lines[-(MAX_LINES // 2) :]]
    return "\n".join(
        line if len(line) <= MAX_WIDTH else f"{line[: MAX_WIDTH - 3]}..." for line in lines
    )
