from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from cc_ansible.errors import Exit, Interrupted, RunFailed
from cc_ansible.runs.lines import LIMIT, Lines
from cc_ansible.runs.process import check, spawn

from .conftest import gone, wait_for

INTERRUPTIBLE = """
import sys
from cc_ansible.runs.process import spawn
spawn(sys.argv[2:], run_id=sys.argv[1], grace=0.5, on_line=lambda s, l: print(l, flush=True),
      log=lambda text: print("LOG", text, flush=True))
"""


def collect(argv: list[str], **kwargs) -> tuple[int, list[tuple[str, str]]]:
    lines: list[tuple[str, str]] = []
    code = spawn(argv, on_line=lambda stream, line: lines.append((stream, line)), **kwargs)
    return code, lines


def test_lines_of_both_streams_and_the_exit_code_arrive() -> None:
    code, lines = collect(["sh", "-c", "echo out; echo err >&2; printf last; exit 3"])
    assert code == 3
    assert sorted(lines) == [("stderr", "err"), ("stdout", "last"), ("stdout", "out")]


def test_environment_directory_and_mark_reach_the_command(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "A": "b"}
    _, lines = collect(
        ["sh", "-c", "echo $A; echo $CC_ANSIBLE_RUN; pwd; cat"], env=env, cwd=tmp_path, run_id="r1"
    )
    assert [line for _, line in lines] == ["b", "r1", str(tmp_path)]


def test_a_very_long_line_arrives_whole() -> None:
    code, lines = collect([sys.executable, "-c", "print('x' * 3_000_000 + 'end')"])
    assert code == 0 and len(lines) == 1
    assert len(lines[0][1]) == 3_000_003 and lines[0][1].endswith("end")


def test_a_line_beyond_all_measure_is_cut() -> None:
    lines = Lines()
    assert list(lines.feed(b"x" * (LIMIT + 5))) == []
    (line,) = lines.feed(b"yy\n")
    assert len(line) == LIMIT
    assert list(lines.feed(b"ok\r\n\xff")) == ["ok"]
    assert list(lines.end()) == ["\ufffd"]


def test_something_that_keeps_the_pipe_open_does_not_hang_us() -> None:
    began = time.monotonic()
    code, lines = collect(["sh", "-c", "sleep 20 & echo $!; exit 0"])
    assert code == 0 and time.monotonic() - began < 5
    os.kill(int(lines[0][1]), signal.SIGKILL)


def test_a_signal_death_has_the_usual_code() -> None:
    assert collect(["sh", "-c", "kill -KILL $$"])[0] == 137


def test_a_missing_command_is_said_so() -> None:
    with pytest.raises(RunFailed, match="no-such-command: command not found"):
        collect(["no-such-command", "x"])


def test_an_error_in_our_own_code_leaves_no_process() -> None:
    seen: list[int] = []

    def fail(stream: str, line: str) -> None:
        seen.append(int(line))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spawn(["sh", "-c", "echo $$; sleep 60"], on_line=fail)
    wait_for(lambda: gone(seen[0]))


def test_cancel_from_another_thread_stops_it() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Interrupted):
        collect(["sleep", "60"], cancel=cancel)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_is_passed_on_once(script, number: int) -> None:
    trap = "trap 'echo got INT; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    parent = script(INTERRUPTIBLE, "", "sh", "-c", trap)
    assert parent.stdout.readline() == "ready\n"
    parent.send_signal(number)
    out, err = parent.communicate(timeout=10)
    assert out.count("got INT") == 1 and "LOG Stopping" in out
    assert "Interrupted" in err


def test_a_stubborn_command_and_its_detached_child_are_killed(script) -> None:
    stubborn = "trap '' INT TERM; setsid sleep 61 & echo $$ $!; while :; do sleep 0.05; done"
    parent = script(INTERRUPTIBLE, "run-stubborn", "sh", "-c", stubborn)
    pids = [int(word) for word in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGINT)
    out, _ = parent.communicate(timeout=15)
    assert "SIGTERM sent" in out and "SIGKILL sent" in out
    for pid in pids:
        wait_for(lambda pid=pid: gone(pid))


def test_the_command_dies_with_us(script) -> None:
    parent = script(INTERRUPTIBLE, "", "sh", "-c", "echo $$; exec sleep 60")
    child = int(parent.stdout.readline())
    parent.kill()
    wait_for(lambda: gone(child))


def test_check_returns_output_and_explains_failure(tmp_path: Path) -> None:
    assert check(["cat"], stdin="hello") == "hello"
    assert check(["sh", "-c", "echo x; exit 1"], ok=(0, 1)) == "x\n"
    noisy = "for i in $(seq 30); do echo line $i >&2; done; exit 7"
    with pytest.raises(RunFailed) as failed:
        check(
            ["sh", "-c", noisy, "hunter2222"], redact=lambda text: text.replace("hunter2222", "*")
        )
    error = failed.value
    assert error.exit_code == Exit.RUN_FAILED and "exit code 7" in error.summary
    assert error.detail.startswith("sh -c 'for i") and "hunter" not in error.detail
    assert len(error.detail.splitlines()) == 16 and error.detail.endswith("line 30")
    with pytest.raises(RunFailed, match=r"within 0\.2 s"):
        check(["sleep", "9"], timeout=0.2)


def test_commands_run_in_threads_too() -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(collect(["true"])[0])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 4


def test_signal_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    collect(["true"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_session_has_no_terminal_to_ask_on() -> None:
    code, _ = collect(["sh", "-c", "true < /dev/tty"])
    assert code != 0
