"""Whole runs with a real ansible-playbook."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cc_ansible.errors import Interrupted, Locked, RunFailed
from cc_ansible.paths import VENV_BIN
from cc_ansible.runs import journal, leftovers, lock
from cc_ansible.runs.run import event_environment, open_run

from .conftest import wait_for

CANARY = "c4nary/'\"pa$$"
TASKS = f"""
  tasks:
    - name: Loop over secrets
      ansible.builtin.shell: "echo told; echo $V >&2; exit 3"
      environment: {{V: {json.dumps(CANARY)}}}
      loop: [{{key: one, value: {{inner: itemsecret}}}}, {{key: two, value: {{}}}}]
      ignore_errors: true
    - name: Write a file
      ansible.builtin.copy:
        content: "user={{{{ p }}}}\\ntoken={base64.b64encode(b"ab:" + CANARY.encode()).decode()}\\n"
        dest: "{{{{ out }}}}"
      notify: after
    - name: Hidden
      ansible.builtin.command: echo nologsecret
      no_log: true
    - name: Hidden loop
      ansible.builtin.command: "false"
      loop: [nologitem]
      no_log: true
      ignore_errors: true
    - name: Rescue
      block:
        - ansible.builtin.command: "false"
      rescue:
        - ansible.builtin.debug: {{msg: "saved by {{{{ p }}}}"}}
    - ansible.builtin.meta: flush_handlers
    - name: Until
      ansible.builtin.command: "false"
      retries: 1
      delay: 0
      until: false
      ignore_errors: true
    - name: End
      ansible.builtin.fail: {{msg: "end of {{{{ p }}}} and {{{{ nope | default('all') }}}}"}}
  handlers:
    - name: after
      ansible.builtin.command: "true"
"""


def test_a_failing_run_tells_all_but_the_secrets(state: Path, tmp_path: Path, play) -> None:
    extra = json.dumps({"p": CANARY, "out": str(tmp_path / "out")})
    argv = play(TASKS, "--diff", "-e", extra)
    screen = io.StringIO()
    with (
        pytest.raises(RunFailed) as failed,
        open_run(
            state,
            tmp_path,
            "deploy",
            argv,
            "deploy all",
            tags=["nova"],
            secrets=[CANARY],
            stream=screen,
            resume="cc-ansible deploy",
            version="1",
        ) as run,
    ):
        assert lock.status(state).run_id == run.id
        run.ansible(argv)
    error = failed.value
    assert error.summary == "deploy failed at End on localhost."
    assert "end of ******** and all" in error.detail and "cc-ansible deploy" in error.fix
    assert lock.status(state) is None

    record = journal.read(state)
    assert (record.outcome, record.exit_code, record.action) == ("failed", 5, "deploy")
    assert record.counts["failed"] == 1 and record.counts["ignored"] == 3
    assert record.counts["rescued"] == 1
    stored = "".join(path.read_text() for path in record.path.iterdir())
    for text in (stored, screen.getvalue(), str(error.detail)):
        for word in (CANARY, "c4nary", "itemsecret", "nologsecret", "nologitem"):
            assert word not in text
        assert base64.b64encode(b"ab:" + CANARY.encode()).decode()[4:-4] not in text

    events = list(record.events())
    kinds = {event["event"] for event in events}
    assert {"playbook_start", "play_start", "task_start", "host_start", "retry", "stats"} <= kinds
    loop = next(e for e in events if e.get("task") == "Loop over secrets" and "items" in e)
    assert [item["label"] for item in loop["items"]] == ["one", "two"]
    assert loop["ignored"] and loop["items"][0]["rc"] == 3
    diff = next(event["diff"] for event in events if "diff" in event)
    assert "user=********" in diff[0]["after"]
    assert next(e for e in events if e.get("is_handler"))["task"] == "after"
    assert all(e["seconds"] > 0 for e in events if e["event"] == "host_changed")
    assert [e["msg"] for e in events if "saved" in str(e.get("msg"))] == ["saved by ********"]


def test_a_playbook_that_cannot_start_is_explained_by_its_output(state, tmp_path, play) -> None:
    argv = play("  tasks: [{no_such_action: {}}]\n")
    with (
        pytest.raises(RunFailed) as failed,
        open_run(state, tmp_path, "deploy", argv, "x", stream=io.StringIO()) as run,
    ):
        run.ansible(argv)
    assert "no_such_action" in failed.value.detail
    texts = [event for event in journal.read(state).events() if event["event"] == "text"]
    assert any("no_such_action" in event["text"] for event in texts)


def test_verbosity_shows_results_without_items(state: Path, tmp_path: Path, play) -> None:
    argv = play(
        "  tasks:\n    - ansible.builtin.command: echo shown\n"
        "      loop: [{key: k, value: itemsecret}]\n",
        "-v",
    )
    with open_run(state, tmp_path, "deploy", argv, "x", stream=io.StringIO()) as run:
        run.ansible(argv)
    record = journal.read(state)
    assert record.outcome == "ok" and record.counts["tasks"] == 1
    results = [event["result"] for event in record.events() if "result" in event]
    assert results[0]["results"][0]["label"] == "k"
    assert results[0]["results"][0]["stdout"] == "shown"
    assert "itemsecret" not in (record.path / journal.EVENTS).read_text()
    assert journal.usual_tasks(state, "deploy", []) == 1


RUNNER = """
import json, sys
from pathlib import Path
from cc_ansible.errors import CcError
from cc_ansible.runs.run import open_run
state, argv = Path(sys.argv[1]), sys.argv[2:]
try:
    with open_run(state, state.parent, "deploy", argv, "test", output="json") as run:
        run.ansible(argv)
except CcError as error:
    sys.exit(int(error.exit_code))
"""
SLEEPER = "  tasks:\n    - name: Sleep\n      ansible.builtin.command: sleep 62\n"


def command_of(pid: int) -> bytes:
    """A process's command line; empty once it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def sleeping(state: Path, script, argv: list[str]):
    runner = script(RUNNER, str(state), *argv)
    for line in runner.stdout:
        if json.loads(line)["event"] == "host_start":
            break
    run_id = journal.read(state).id

    def asleep() -> list[int]:
        return [pid for pid in leftovers.find([run_id]) if command_of(pid).startswith(b"sleep")]

    wait_for(asleep)
    return runner, run_id


# kolla-ansible starts ansible-playbook like this, and kills it 0.25 s after its own Ctrl-C.
WRAPPER = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"]


@pytest.mark.parametrize(("number", "wrapper"), [(signal.SIGINT, []), (signal.SIGTERM, WRAPPER)])
def test_a_stopped_run_leaves_no_process_and_no_lock(state, script, play, number, wrapper) -> None:
    runner, run_id = sleeping(state, script, [*wrapper, *play(SLEEPER)])
    runner.send_signal(number)
    assert runner.wait(timeout=20) == 130
    assert leftovers.find([run_id]) == {}
    assert lock.status(state) is None
    record = journal.read(state)
    assert (record.outcome, record.exit_code) == ("interrupted", 130)


def test_a_killed_run_is_taken_over(state: Path, tmp_path: Path, script, play) -> None:
    runner, run_id = sleeping(state, script, play(SLEEPER))
    with (
        pytest.raises(Locked, match="test by"),
        open_run(state, tmp_path, "deploy", [], "second", stream=io.StringIO()),
    ):
        pass
    assert len(journal.list_runs(state)) == 1
    runner.kill()
    runner.wait()
    assert journal.read(state).outcome == "died"
    screen = io.StringIO()
    with open_run(state, tmp_path, "pull", [], "second", stream=screen) as run:
        assert leftovers.find([run_id]) == {}
        run.note("going on")
    assert "died" in screen.getvalue() and "going on" in screen.getvalue()
    assert [record.outcome for record in journal.list_runs(state)] == ["ok", "died"]


def test_ansible_stops_when_nobody_reads_its_events(play, tmp_path: Path) -> None:
    marker = tmp_path / "too-late"
    argv = play(
        "  tasks:\n    - ansible.builtin.command: sleep 0.5\n"
        f"    - ansible.builtin.command: touch {marker}\n"
    )
    process = subprocess.Popen(
        argv, env=event_environment(os.environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) != 0
    assert not marker.exists()


def test_other_commands_go_to_the_journal_too(state: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    with open_run(
        state, tmp_path, "build", [], "x", secrets=["sw0rdfish"], stream=io.StringIO()
    ) as run:
        run.command(["echo", "say sw0rdfish"], on_line=heard.append)
        with pytest.raises(RunFailed, match="sh failed with exit code 2") as failed:
            run.command(["sh", "-c", "echo broken sw0rdfish >&2; exit 2"])
    assert heard == ["say ********"] and failed.value.detail == "broken ********"
    texts = [event["text"] for event in journal.read(state).events()]
    assert texts == ["say ********", "broken ********"]


def test_interruption_between_commands_is_clean(state: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(Interrupted) as stopped,
        open_run(state, tmp_path, "deploy", [], "x", stream=io.StringIO(), resume="again"),
    ):
        os.kill(os.getpid(), signal.SIGTERM)
        wait_for(lambda: False, 1)
    assert stopped.value.fix == "again"
    assert lock.status(state) is None and journal.read(state).outcome == "interrupted"


def test_our_own_errors_are_recorded_as_such(state: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        open_run(state, tmp_path, "deploy", [], "x", stream=io.StringIO()),
    ):
        raise ZeroDivisionError
    assert (journal.read(state).outcome, journal.read(state).exit_code) == ("error", 1)


def test_ansible_knows_the_callback() -> None:
    done = subprocess.run(
        [str(VENV_BIN / "ansible-doc"), "-t", "callback", "cc_events"],
        env=event_environment(os.environ),
        capture_output=True,
        text=True,
    )
    assert "Writes one JSON object per event" in done.stdout, done.stderr
