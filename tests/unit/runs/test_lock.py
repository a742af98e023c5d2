from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from cc_ansible.errors import Exit, Locked
from cc_ansible.runs import leftovers, lock
from cc_ansible.runs.owner import here, start_time

from .conftest import gone, wait_for

CHILD = """
import signal, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""

HOLDER = f"""
import os, subprocess, sys, time
from pathlib import Path
from cc_ansible.runs import leftovers, lock
with lock.hold(Path(sys.argv[1]), "run-1", "deploy", print):
    child = subprocess.Popen(
        [sys.executable, "-c", {CHILD!r}, *sys.argv[2:]], stdout=subprocess.PIPE,
        env={{**os.environ, leftovers.MARK: "run-1"}}, start_new_session=True)
    child.stdout.readline()
    print(child.pid, flush=True)
    time.sleep(60)
"""


def ignore(text: str) -> None:
    pass


def test_it_is_free_again_after_the_block(state: Path) -> None:
    with lock.hold(state, "run-1", "deploy", ignore) as held:
        assert lock.status(state) == held
        assert held.state == "alive"
        assert held.since.endswith("Z")
    assert lock.status(state) is None
    with pytest.raises(ZeroDivisionError), lock.hold(state, "run-2", "deploy", ignore):
        raise ZeroDivisionError
    assert lock.status(state) is None


def test_only_the_owner_may_look_into_the_state(state: Path) -> None:
    with lock.hold(state, "run-1", "deploy", ignore):
        assert state.stat().st_mode & 0o777 == 0o700
        assert (state / lock.FILE).stat().st_mode & 0o777 == 0o600


def test_a_second_run_is_refused_and_told_why(state: Path, script) -> None:
    holder = script(HOLDER, str(state))
    child = int(holder.stdout.readline())
    with pytest.raises(Locked) as refused, lock.hold(state, "run-2", "deploy", ignore):
        pass
    error = refused.value
    assert error.exit_code == Exit.LOCKED == 4
    assert "deploy by" in error.summary and f"pid {holder.pid}" in error.summary
    assert "since 2" in error.summary and f"kill {holder.pid}" in error.fix
    with pytest.raises(Locked):
        lock.break_lock(state)
    os.kill(child, signal.SIGKILL)


def test_a_killed_owner_is_taken_over_and_cleaned_up(state: Path, script) -> None:
    holder = script(HOLDER, str(state))
    child = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    assert not gone(child)
    assert lock.status(state).state == "dead"
    told: list[str] = []
    with lock.hold(state, "run-2", "deploy", told.append) as held:
        assert gone(child)
        assert held.run_id == "run-2" and held.inherited == ("run-1",)
    assert "died" in told[0] and "1 process" in told[1]
    assert lock.status(state) is None


def test_a_process_that_ignores_sigterm_is_killed(state: Path, script) -> None:
    holder = script(HOLDER, str(state), "stubborn")
    child = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    assert leftovers.end(["run-1"], grace=0.3) >= 1
    wait_for(lambda: gone(child))


def test_what_a_dead_owner_inherited_is_inherited_again(state: Path) -> None:
    dead = lock.Lock(here(), "run-2", "deploy", "2026-01-01T00:00:00Z", ("run-1",)).to_json()
    state.mkdir(mode=0o700)
    (state / lock.FILE).write_text(json.dumps({**dead, "start": 1}))
    with lock.hold(state, "run-3", "deploy", ignore) as held:
        assert held.inherited == ("run-1", "run-2")


@pytest.mark.parametrize("change", [{"start": 1}, {"boot": "another"}, {"pid": 2**22 + 1}])
def test_a_reused_pid_is_not_mistaken_for_the_owner(state: Path, change: dict) -> None:
    with lock.hold(state, "run-1", "deploy", ignore) as held:
        (state / lock.FILE).write_text(json.dumps({**held.to_json(), **change}))
        assert lock.status(state).state == "dead"


def test_another_host_is_believed_until_someone_says_otherwise(state: Path) -> None:
    with lock.hold(state, "run-1", "deploy", ignore) as held:
        (state / lock.FILE).write_text(json.dumps({**held.to_json(), "host": "elsewhere"}))
    with pytest.raises(Locked) as refused, lock.hold(state, "run-2", "deploy", ignore):
        pass
    assert "cc-ansible unlock" in refused.value.fix
    assert lock.break_lock(state).run_id == "run-1"
    with lock.hold(state, "run-2", "deploy", ignore):
        pass


def test_an_unreadable_lock_needs_force(state: Path) -> None:
    state.mkdir()
    (state / lock.FILE).write_text("{")
    with pytest.raises(Locked, match="cannot be read"), lock.hold(state, "r", "deploy", ignore):
        pass
    with pytest.raises(Locked):
        lock.break_lock(state)
    lock.break_lock(state, force=True)
    assert lock.status(state) is None


def test_many_who_take_over_at_once_get_it_one_by_one(state: Path) -> None:
    dead = lock.Lock(here(), "run-0", "deploy", "2026-01-01T00:00:00Z").to_json()
    state.mkdir(mode=0o700)
    (state / lock.FILE).write_text(json.dumps({**dead, "start": 1}))
    inside, most, won, refused = 0, 0, [], []

    def contend(number: int) -> None:
        nonlocal inside, most
        try:
            with lock.hold(state, f"run-{number}", "deploy", ignore):
                inside += 1
                most = max(most, inside)
                time.sleep(0.2)
                inside -= 1
                won.append(number)
        except Locked:
            refused.append(number)

    threads = [threading.Thread(target=contend, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and len(won) + len(refused) == 8 and won


def test_start_time_is_read_past_a_strange_command_name(script) -> None:
    process = script(
        "import ctypes, time; ctypes.CDLL(None).prctl(15, b'a) Z (b', 0, 0, 0);"
        "print(1, flush=True); time.sleep(60)"
    )
    process.stdout.readline()
    assert start_time(process.pid) > 1
    process.kill()
    wait_for(lambda: start_time(process.pid) is None)
