from __future__ import annotations

import io
import json
import re
import threading
import time
from pathlib import Path

import pytest

from cc_ansible.runs.events import typed
from cc_ansible.runs.progress import Progress, Steps
from cc_ansible.runs.terminal import choose_mode, duration

RUN = [
    {"event": "playbook_start", "path": "site.yml"},
    {"event": "play_start", "name": "Apply nova", "hosts": 2},
    {"event": "task_start", "task": "Copy config", "role": "nova", "top": "nova", "uuid": "1"},
    {"event": "host_start", "host": "a", "uuid": "1"},
    {"event": "host_changed", "host": "a", "task": "Copy config", "role": "nova"},
    {"event": "host_failed", "host": "b", "task": "Copy config", "role": "nova", "msg": "it broke"},
    {"event": "task_start", "task": "Start", "role": "glance", "top": "glance", "uuid": "2"},
    {"event": "retry", "host": "a", "task": "Start", "attempts": 1, "retries_left": 4},
    {"event": "host_ok", "host": "a", "task": "Start", "role": "glance"},
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


def show(stream: io.StringIO, **kwargs: object) -> str:
    progress = Progress("deploy", stream=stream, **kwargs)
    for raw in RUN:
        progress.handle(typed(raw))
        if progress.mode == "live":
            time.sleep(0.03)
    if progress._live:
        progress._live.refresh()
    progress.close("failed", Path("/state/runs/x"))
    progress.close("ok")
    return stream.getvalue()


def test_a_pipe_gets_plain_lines() -> None:
    lines = show(io.StringIO()).splitlines()
    assert "\x1b" not in "".join(lines)
    assert lines[:4] == [
        "[0:00] nova",
        "✗ b: nova : Copy config",
        "    it broke",
        "[0:00] nova ✗ 1 changed, 1 failed, 0.0 s",
    ]
    assert lines[4] == "[0:00] glance"
    assert lines[-2].startswith("✗ deploy failed in 0.0 s: 1 ok, 1 changed, 1 failed")
    assert lines[-1] == "  journal: /state/runs/x"


def test_a_terminal_gets_a_block_that_goes_away() -> None:
    text = show(Terminal(), usual=596)
    assert "\x1b[" in text and "task 2 of ~596" in text and "4 more tries" in text
    assert "\x1b[32m" in text
    rows = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert "✓ glance" in rows and "no change" in rows


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", show(Terminal()))


def test_quiet_is_one_line() -> None:
    assert len(show(io.StringIO(), quiet=True).splitlines()) == 1


def test_json_is_the_events_and_a_summary() -> None:
    lines = [json.loads(line) for line in show(io.StringIO(), output="json").splitlines()]
    assert lines[:-1] == RUN
    assert lines[-1]["event"] == "summary" and lines[-1]["outcome"] == "failed"
    assert lines[-1]["counts"]["changed"] == 1


def test_where_the_time_went() -> None:
    stream = io.StringIO()
    progress = Progress("deploy", stream=stream)
    progress.tally.roles = {"a": 1.0, "b": 75.0, "c": 12.2, "d": 3.0}
    progress.close("ok")
    assert "where the time went: b 1:15, c 12 s, d 3.0 s" in stream.getvalue()


def test_a_lost_audience_does_not_stop_the_run() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    for output in ("text", "json"):
        assert show(Broken(), output=output) == ""
    with Steps(stream=Broken()) as steps, steps.step("one"):
        pass


def test_ci_counts_as_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_mode(Terminal()) == "live"
    monkeypatch.setenv("CI", "true")
    assert choose_mode(Terminal()) == "plain"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (187, "3:07"),
        (3729, "1:02:09"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def run_steps(stream: io.StringIO, **kwargs: object) -> str:
    with pytest.raises(ValueError), Steps(stream=stream, **kwargs) as steps:
        with steps.step("Build base image") as step:
            step.update("layer 3")
        with steps.step("Build nova") as step:
            step.skip("already built")
        with steps.step("Push"):
            raise ValueError
    return stream.getvalue()


def test_steps_are_done_skipped_or_failed() -> None:
    lines = [line for line in run_steps(io.StringIO()).splitlines() if line[0] not in "…"]
    assert [re.sub(r"  +", " ", line) for line in lines] == [
        "✓ Build base image 0.0 s",
        "\N{EN DASH} Build nova already built",
        "✗ Push 0.0 s",
    ]


def test_steps_on_a_terminal_as_json_and_quiet() -> None:
    assert "✓ Build base image" in run_steps(Terminal())
    records = [json.loads(line) for line in run_steps(io.StringIO(), output="json").splitlines()]
    states = [record["state"] for record in records]
    assert states == ["start", "update", "ok", "start", "skipped", "start", "failed"]
    assert records[4]["reason"] == "already built"
    assert run_steps(io.StringIO(), quiet=True).startswith("✗ Push")


def test_steps_may_run_side_by_side() -> None:
    stream = Terminal()
    with Steps(stream=stream) as steps:

        def work(name: str) -> None:
            with steps.step(name):
                time.sleep(0.05)

        threads = [threading.Thread(target=work, args=[f"step {n}"]) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(f"✓ step {n}" in stream.getvalue() for n in range(5))
