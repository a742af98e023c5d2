"""Ansible output as events: one JSON text sequence record (RFC 7464) per line of stdout.

A record starts with the byte 0x1E, so a reader finds the events again between anything else that
is printed (kolla-ansible's own messages, Ansible's fatal errors).
"""

from __future__ import annotations

import json
import sys
import time
import typing as t

from ansible import constants
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

if t.TYPE_CHECKING:
    from ansible.executor.task_result import CallbackTaskResult

DOCUMENTATION = """
    name: cc_events
    type: stdout
    short_description: events as a JSON text sequence
    version_added: "1.0"
    description:
        - Writes one JSON object per event to standard output, each preceded by the record
          separator (0x1E) and followed by a newline.
        - Results are written in full at verbosity 1 and above; failures always say why.
        - Output of tasks with C(no_log) is never written.
    requirements:
        - set as the stdout callback in the configuration
"""

TAIL = 8000
"""Characters kept of a failed command's output: its end says why."""

LABEL = 80
"""Characters kept of a loop item's label."""

NO_TRACEBACK = "(traceback unavailable)"
FAILURE_FIELDS = ("msg", "reason", "rc", "stderr", "stdout", "module_stderr", "module_stdout")
DEBUG_HIDDEN = {"changed", "failed", "skipped", "invocation", "warnings", "deprecations"}


def plain(value: t.Any, depth: int = 20) -> t.Any:
    """Return ``value`` with nothing but JSON types in it; anything else becomes its text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, str):
        return str(value)
    if depth <= 0:
        return "..."
    if isinstance(value, dict):
        return {str(key): plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner, depth - 1) for inner in value]
    return text(value)


def text(value: t.Any) -> str:
    """Return ``str(value)``, also of an object that cannot say what it is."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def label(result: t.Mapping[str, t.Any]) -> str:
    """Name a loop item in a few characters; items carry secrets, so never show one whole."""
    item = result.get("_ansible_item_label", result.get("item"))
    if isinstance(item, dict):
        named = (item.get(key) for key in ("key", "name", "item", "service_name"))
        item = next((value for value in named if isinstance(value, (str, int))), "(item)")
    elif isinstance(item, (list, tuple)):
        item = ", ".join(str(part) for part in item if isinstance(part, (str, int))) or "(item)"
    return text(item)[:LABEL]


def failure_fields(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what explains a failure: messages, exit status, ends of output, the container."""
    found: dict[str, t.Any] = {}
    for key in FAILURE_FIELDS:
        value = plain(result.get(key))
        if value not in (None, ""):
            found[key] = value[-TAIL:] if isinstance(value, str) else value
    exception = text(result.get("exception") or "")
    if exception and exception != NO_TRACEBACK:
        found["exception"] = exception[-TAIL:]
    return found


def container_name(task: t.Any, result: t.Mapping[str, t.Any]) -> str | None:
    """Return the container a failed ``kolla_container`` task was about."""
    if not str(task.action).endswith("kolla_container"):
        return None
    invocation = result.get("invocation")
    arguments = invocation.get("module_args", {}) if isinstance(invocation, dict) else {}
    name = arguments.get("name") if isinstance(arguments, dict) else None
    return str(name) if name else None


def censored(result: t.Mapping[str, t.Any]) -> bool:
    """Say whether ``no_log`` hides this result."""
    return bool(result.get("_ansible_no_log")) or "censored" in result


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "cc_events"

    def __init__(self) -> None:
        super().__init__()
        self._play = ""
        self._started: dict[tuple[str, str], float] = {}
        self._diffs: dict[tuple[str, str], list[t.Any]] = {}

    # --- writing ---------------------------------------------------------------------------

    def _emit(self, event: str, **fields: t.Any) -> None:
        record = {"event": event, "time": round(time.time(), 3), **plain(fields)}
        try:
            sys.stdout.write(f"\x1e{json.dumps(record, default=str)}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Nobody watches this run any more: stop as if the operator had pressed Ctrl-C.
            raise KeyboardInterrupt from None

    # --- the course of a playbook ----------------------------------------------------------

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        self._emit("playbook_start", path=playbook._file_name)

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._play = play.get_name().strip()
        manager = play.get_variable_manager()
        hosts = manager._inventory.get_hosts(play.hosts) if manager._inventory else []
        self._emit("play_start", name=self._play, hosts=len(hosts))

    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._emit("no_hosts", play=self._play, reason="no hosts matched")

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        self._emit("no_hosts", play=self._play, reason="no hosts left")

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._task_start(task, is_handler=False)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._task_start(task, is_handler=True)

    def _task_start(self, task: t.Any, is_handler: bool) -> None:
        self._emit(
            "task_start",
            play=self._play,
            action=task.action,
            path=task.get_path(),
            is_handler=is_handler,
            **self._named(task),
        )

    def _named(self, task: t.Any) -> dict[str, t.Any]:
        role = task._role.get_name() if task._role else None
        # A role included by another one works for that one: `top` is the role of the play.
        chain = task._parent.get_dep_chain() if task._role and task._parent else None
        top = chain[0].get_name() if chain else role
        name = (task.name or task.action).strip()
        return {"uuid": task._uuid, "task": name, "role": role, "top": top}

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._emit("stats", hosts=hosts)

    # --- what happened on a host -----------------------------------------------------------

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._started[host.get_name(), task._uuid] = time.monotonic()
        self._emit("host_start", host=host.get_name(), uuid=task._uuid)

    def v2_on_file_diff(self, result: CallbackTaskResult) -> None:
        if censored(result.result):
            return
        parts = result.result.get("results") if result.task.loop else None
        for part in parts or [result.result]:
            if not isinstance(part, dict) or censored(part) or not part.get("changed"):
                continue
            if diff := part.get("diff"):
                diffs = self._diffs.setdefault(self._key(result), [])
                diffs.extend(diff if isinstance(diff, list) else [diff])

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        if isinstance(result.task, TaskInclude):
            self._started.pop(self._key(result), None)
            return
        self._host("host_changed" if result.is_changed() else "host_ok", result)

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self._host("host_skipped", result)

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        fields = self._failure(result)
        self._host("host_failed", result, ignored=bool(ignore_errors), **fields)

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        ignored = bool(result.task.ignore_unreachable)
        self._host("host_unreachable", result, ignored=ignored, **self._failure(result))

    def v2_runner_retry(self, result: CallbackTaskResult) -> None:
        attempts = int(result.result.get("attempts", 0))
        left = int(result.result.get("retries", 0)) - attempts
        named = self._named(result.task)
        host = result.host.get_name()
        self._emit("retry", host=host, attempts=attempts, retries_left=left, **named)

    def v2_runner_item_on_ok(self, result: CallbackTaskResult) -> None:
        self._handle_warnings(result.result)

    def v2_runner_item_on_failed(self, result: CallbackTaskResult) -> None:
        self._handle_warnings(result.result)

    def v2_runner_item_on_skipped(self, result: CallbackTaskResult) -> None:
        self._handle_warnings(result.result)

    # --- parts of a host event -------------------------------------------------------------

    def _key(self, result: CallbackTaskResult) -> tuple[str, str]:
        return result.host.get_name(), result.task._uuid

    def _host(self, event: str, result: CallbackTaskResult, **fields: t.Any) -> None:
        self._handle_warnings(result.result)
        started = self._started.pop(self._key(result), None)
        seconds = round(time.monotonic() - started, 3) if started is not None else None
        if diff := self._diffs.pop(self._key(result), None):
            fields["diff"] = diff
        if result.task.delegate_to:
            fields["delegate_to"] = result.task.delegate_to
        fields.update(self._shown(result))
        named = self._named(result.task)
        host = result.host.get_name()
        self._emit(event, host=host, seconds=seconds, action=result.task.action, **named, **fields)

    def _failure(self, result: CallbackTaskResult) -> dict[str, t.Any]:
        data = result.result
        if censored(data):
            return {"msg": "hidden by no_log", "no_log": True}
        fields = failure_fields(data)
        items = [part for part in data.get("results") or [] if isinstance(part, dict)]
        failed = [part for part in items if part.get("failed") or part.get("unreachable")]
        if failed:
            fields["items"] = [self._failed_item(result.task, part) for part in failed]
        if container := container_name(result.task, data):
            fields["container"] = container
        return fields

    def _failed_item(self, task: t.Any, part: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        if censored(part):
            return {"label": "(hidden)", "msg": "hidden by no_log", "no_log": True}
        fields = {"label": label(part), **failure_fields(part)}
        if container := container_name(task, part):
            fields["container"] = container
        return fields

    def _shown(self, result: CallbackTaskResult) -> dict[str, t.Any]:
        """Return what the operator asked to see: messages of debug tasks, results with ``-v``."""
        data = result.result
        if censored(data):
            return {"no_log": True}
        if result.task.action in constants._ACTION_DEBUG and not result.is_failed():
            return {"msg": self._debug_message(data)}
        if self._run_is_verbose(result):
            return {"result": self._verbose_result(data)}
        return {}

    def _debug_message(self, data: t.Mapping[str, t.Any]) -> t.Any:
        if items := data.get("results"):
            return [self._debug_message(part) for part in items if isinstance(part, dict)]
        if censored(data):
            return "hidden by no_log"
        if "msg" in data:
            return data["msg"]
        own = {k: v for k, v in data.items() if not k.startswith(("_", "ansible_"))}
        for key in ("item", "skip_reason", "false_condition", *DEBUG_HIDDEN):
            own.pop(key, None)
        return own or None

    def _verbose_result(self, data: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        hidden = {"warnings", "deprecations", "exception", "diff", "results", "item"}
        if self._display.verbosity < 3:
            hidden.add("invocation")
        shown = {k: v for k, v in data.items() if k not in hidden and not k.startswith("_")}
        items = [part for part in data.get("results") or [] if isinstance(part, dict)]
        if items:
            shown["results"] = [
                {"label": "(hidden)"}
                if censored(part)
                else {"label": label(part), **self._verbose_result(part)}
                for part in items
            ]
        return shown
