"""`hardware roll`: what a timer runs, and the metrics that say whether it does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lending import DAY, HOUR, Lending, fake, node, span

from cc_ansible.errors import Exit
from cc_ansible.hardware.rolling import PREFIX

NIGHTS = span("18:00 to 06:00")


def metrics(file: Path) -> dict[str, float]:
    lines = [line.split() for line in file.read_text().splitlines() if line[0] != "#"]
    return {name.removeprefix(f"{PREFIX}_"): float(value) for name, value in lines}


def horizon(lending: Lending, name: str) -> tuple[str, str]:
    return lending.blackouts(name)[-1]


def test_the_horizon_moves_on_with_days(lending: Lending) -> None:
    (lending.path / "defaults.yml").open("a").write("hardware_horizon_days: 7\n")
    lending.declare(fake("f1", calendar=NIGHTS))
    lending.apply()
    assert horizon(lending, "f1") == ("03-09 06:00", "forever")
    lending.now += 3 * DAY
    said = lending.ok("roll")
    assert [method for method, _ in lending.bed.writes()] == ["PATCH"]
    assert "Write 1 item" in said.out
    assert horizon(lending, "f1") == ("03-12 06:00", "forever")
    assert lending.blackouts("f1")[0][1] > "03-04"
    assert lending.json("plan")["same"] == 1


def test_it_is_silent_when_nothing_is_to_be_done(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=NIGHTS), fake("not-enrolled"))
    lending.apply("f1")
    runs = list((lending.state / "runs").iterdir())
    said = lending.run("roll")
    assert (said.code, said.out, said.err) == (Exit.OK, "", "")
    assert lending.bed.writes() == [] and list((lending.state / "runs").iterdir()) == runs
    lending.now += HOUR  # the same day: all that is computed is the same
    assert lending.ok("roll").out == "" and lending.bed.writes() == []


def test_it_writes_windows_and_nothing_else(lending: Lending) -> None:
    lending.declare(node(1, node_type="old", calendar=NIGHTS), fake("f1"))
    lending.apply()
    lending.declare(node(1, node_type="new", calendar="never"), fake("new"))
    lending.ok("roll")
    assert len(lending.bed.writes()) == 1
    assert len(lending.blackouts("c01")) == 1
    assert lending.shown("c01")["properties"]["node_type"] == "old"
    said = lending.json("plan")
    assert [item["name"] for item in said["items"]] == ["c01", "new"]
    assert [item["name"] for item in said["retire"]] == ["f1"]
    assert said["items"][0]["keys"] == ["node_type"]  # and no password, which was not written


def test_the_end_of_a_maintenance(lending: Lending) -> None:
    lending.declare(fake("f1", maintenance="never did work"), fake("f2"))
    lending.apply()
    for name in ("f1", "f2"):
        lending.ok("maintain", name, "--for", "2h", "--reason", "new fan", "--no-wait")
    lending.now += HOUR
    assert lending.ok("roll").out == ""
    lending.now += HOUR
    lending.ok("roll")
    assert lending.shown("f1")["maintenance"] == "never did work"
    assert lending.shown("f2")["maintenance"] is None
    assert lending.ok("roll").out == ""


def test_metrics(lending: Lending, tmp_path: Path) -> None:
    file = tmp_path / "collector" / "roll.prom"
    lending.declare(fake("f1", calendar=NIGHTS), fake("f2"))
    lending.apply()
    lending.now += DAY
    began = time.time()
    lending.ok("roll", "--metrics", str(file))
    found = metrics(file)
    assert began - 1 < found["last_success_timestamp_seconds"] < time.time() + 1
    assert found["last_run_timestamp_seconds"] == found["last_success_timestamp_seconds"]
    assert (found["success"], found["items"], found["items_failed"]) == (1, 2, 0)
    assert found["windows_changed"] >= 2 and 0 <= found["duration_seconds"] < 60
    assert f"# TYPE {PREFIX}_success gauge" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in file.parent.iterdir()] == ["roll.prom"]
    lending.ok("roll", "--metrics", str(file))
    assert metrics(file)["windows_changed"] == 0 and metrics(file)["success"] == 1


def break_site(lending: Lending) -> None:
    (lending.path / "defaults.yml").open("a").write("hardware_horizon_days: many\n")


def break_login(lending: Lending) -> None:
    lending.bed.admin_of.clear()


def break_item(lending: Lending) -> None:
    lending.declare(fake("f1", project="chemistry"))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (break_site, Exit.SITE_INVALID),
        (break_login, Exit.RUN_FAILED),
        (break_item, Exit.RUN_FAILED),
    ],
)
def test_metrics_of_a_failure_keep_the_last_success(
    lending: Lending, tmp_path: Path, broken: object, code: Exit
) -> None:
    file = tmp_path / "roll.prom"
    lending.declare(fake("f1"))
    lending.apply()
    lending.ok("roll", "--metrics", str(file))
    before = metrics(file)
    assert callable(broken)
    broken(lending)
    assert lending.run("roll", "--metrics", str(file)).code == code
    after = metrics(file)
    assert after["last_success_timestamp_seconds"] == before["last_success_timestamp_seconds"] > 0
    assert after["last_run_timestamp_seconds"] > before["last_run_timestamp_seconds"]
    assert (before["success"], after["success"]) == (1, 0)


def test_metrics_of_a_first_failure(lending: Lending, tmp_path: Path) -> None:
    file = tmp_path / "roll.prom"
    file.write_text("what is this\n")
    break_login(lending)
    assert lending.run("roll", "--metrics", str(file)).code == Exit.RUN_FAILED
    assert metrics(file)["last_success_timestamp_seconds"] == 0


def test_metrics_that_cannot_be_written(lending: Lending, tmp_path: Path) -> None:
    lending.declare(fake("f1"))
    (tmp_path / "file").touch()
    said = lending.run("roll", "--metrics", str(tmp_path / "file" / "roll.prom"))
    assert said.code != Exit.OK and "The metrics cannot be written" in said.err
