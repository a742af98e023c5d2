from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cc_ansible.errors import UsageError
from cc_ansible.runs import journal
from cc_ansible.runs.journal import Journal, Record, new_record


def record(state: Path, run_id: str = "", **kwargs) -> Record:
    made = new_record(state, state.parent, "deploy", ["deploy"], "deploy", **kwargs)
    if run_id:
        made.id, made.path = run_id, state / journal.RUNS / run_id
    return made


def finished(state: Path, run_id: str, tasks: int = 0, **kwargs) -> None:
    Journal(record(state, run_id, **kwargs)).close("ok", 0, {"tasks": tasks})


def test_a_run_is_written_at_its_start_and_at_its_end(state: Path) -> None:
    book = Journal(record(state, tags=["nova", "glance"], version="1.2"))
    assert book.path.stat().st_mode & 0o777 == 0o700
    assert journal.read(state).outcome == "running"
    book.event({"event": "x", "n": 1})
    book.text("stderr", "careful")
    book.close("failed", 5, {"ok": 3}, {"nova": 1.5})
    book.close("ok", 0)
    seen = journal.read(state)
    assert (seen.outcome, seen.exit_code, seen.counts) == ("failed", 5, {"ok": 3})
    assert seen.tags == ["glance", "nova"] and seen.duration >= 0 and seen.roles == {"nova": 1.5}
    assert [event["event"] for event in seen.events()] == ["x", "text"]
    assert {path.name for path in book.path.iterdir()} == {"run.json", "events.jsonl"}


def test_a_run_whose_process_is_gone_has_died(state: Path) -> None:
    book = Journal(record(state))
    data = json.loads((book.path / "run.json").read_text())
    data["owner"]["start"] = 1
    (book.path / "run.json").write_text(json.dumps(data))
    with (book.path / "events.jsonl").open("a") as file:
        file.write('{"event": "x"}\n{"event": "cut o')
    assert journal.read(state).outcome == "died"
    assert len(list(journal.read(state).events())) == 1


def test_the_site_is_pinned_by_its_commit(state: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    assert journal.git_state(site) == (None, None)
    user = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], [*user, "commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", "-C", str(site), *words], check=True)
    commit, dirty = journal.git_state(site)
    assert len(commit) == 40 and dirty is False
    (site / "defaults.yml").write_text("a: 1\n")
    assert journal.git_state(site) == (commit, True)


def test_runs_are_found_by_a_part_of_their_id(state: Path) -> None:
    with pytest.raises(UsageError, match="no run yet"):
        journal.read(state)
    for run_id in ("20260101T000000Z-deploy-aaaa", "20260102T000000Z-deploy-bbbb"):
        finished(state, run_id)
    (state / "runs" / "20260103T000000Z-broken-0000").mkdir()
    assert [run.id[-4:] for run in journal.list_runs(state)] == ["bbbb", "aaaa"]
    assert journal.read(state, "aaaa").id.startswith("20260101")
    assert journal.read(state).id.endswith("bbbb")
    with pytest.raises(UsageError, match="More than one"):
        journal.read(state, "2026")
    with pytest.raises(UsageError, match="no run 'zz'"):
        journal.read(state, "zz")


def test_the_oldest_go_but_never_one_under_way(state: Path) -> None:
    Journal(record(state, "20250101T000000Z-deploy-0000"))
    for number in range(5):
        finished(state, f"2026010{number + 1}T000000Z-deploy-0000")
    assert journal.prune(state, keep=3) == 2
    assert [run.id[:8] for run in journal.list_runs(state)] == [
        "20260105",
        "20260104",
        "20260103",
        "20250101",
    ]


def test_the_usual_number_of_tasks_is_that_of_the_same_action_and_tags(state: Path) -> None:
    assert journal.usual_tasks(state, "deploy", []) is None
    finished(state, "20260101T000000Z-deploy-0000", tasks=500)
    finished(state, "20260102T000000Z-deploy-0000", tasks=20, tags=["b", "a"])
    assert journal.usual_tasks(state, "deploy", []) == 500
    assert journal.usual_tasks(state, "deploy", ["a", "b"]) == 20
    assert journal.usual_tasks(state, "pull", []) is None


def test_ids_sort_by_time_and_differ() -> None:
    one, two = journal.new_id("Lab up!"), journal.new_id("Lab up!")
    assert "-lab-up-" in one and one != two and one[:8].isdigit()
