"""What somebody sees and does beside the lab's machines."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_engine import Container, Engine

from cc_ansible.cli.main import cli
from cc_ansible.engine import docker
from cc_ansible.errors import CcError
from cc_ansible.lab import hands, spec, status
from cc_ansible.lab.spec import Lab

LAB = Lab(machines=2)
FIRST, SECOND = LAB.metal
PNG = b"\x89PNG of a screen"


class Metal:
    """Two machines and their switch; what was asked of them is kept."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked: list[list[str]] = []
        self.state = "shut off"
        known = engine.containers.known
        known[FIRST.container] = Container("1", answer=self._answer)
        known[SECOND.container] = Container("2", status="paused")
        known[LAB.switch_container] = Container("3", answer=lambda argv: "200\n")

    def _answer(self, argv: list[str]) -> str:
        self.asked.append(argv)
        if argv[:2] == ["virsh", "domstate"]:
            return f"{self.state}\n"
        if argv[0] == "virsh":
            self.state = {"start": "running", "destroy": "shut off"}.get(argv[1], self.state)
        if argv[0] == "base64":
            return base64.b64encode(PNG).decode()
        return "\x1b[6nlogin: \r\n" if argv[0] == "cat" else ""


@pytest.fixture
def metal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Metal:
    made = Metal(Engine(tmp_path / "engine"))
    monkeypatch.setattr(docker, "client", lambda: made.engine)
    monkeypatch.setattr(docker, "demand", lambda container, argv, fix="": container.answer(argv))
    monkeypatch.setattr(spec, "load", lambda: LAB)
    return made


def test_what_cannot_be_asked_is_said_to_be_so(metal: Metal) -> None:
    first, second = hands.seen(metal.engine, LAB)
    assert (first.power, first.vlan) == ("off", 200)
    assert second.power == "paused"
    metal.engine.containers.known[LAB.switch_container].status = "paused"
    del metal.engine.containers.known[SECOND.container]
    first, second = hands.seen(metal.engine, LAB)
    assert (first.power, first.vlan) == ("off", None)
    assert second.power == "absent"


def test_power_is_switched_only_when_it_is_not_so_already(metal: Metal) -> None:
    for wanted in ("on", "on", "off"):
        assert hands.switch(metal.engine, FIRST, wanted) == wanted
    verbs = [argv[1] for argv in metal.asked if argv[1] != "domstate"]
    assert verbs == ["start", "destroy"]


def test_what_is_off_has_no_screen_and_is_not_reset(metal: Metal) -> None:
    for refused in (lambda: hands.screen(metal.engine, FIRST),
                    lambda: hands.switch(metal.engine, FIRST, "reset")):  # fmt: skip
        with pytest.raises(CcError, match=r"machine1.* is off") as told:
            refused()
        assert "switch it on" in told.value.fix


def test_a_paused_machine_is_named_with_what_to_do(metal: Metal) -> None:
    with pytest.raises(CcError, match="paused") as told:
        hands.said(metal.engine, SECOND)
    assert SECOND.container in told.value.fix


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, ["lab", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_commands_show_and_switch_them(metal: Metal, tmp_path: Path) -> None:
    assert json.loads(run("machine", "list", "--output", "json"))[0]["mac"] == FIRST.mac
    listed = run("machine", "list").splitlines()
    assert listed[1].split()[:3] == ["machine1", "off", "200"]
    assert run("machine", "power", "machine1", "on") == "machine1 is on.\n"
    assert run("machine", "console", "machine1", "--log").startswith("login:")
    picture = tmp_path / "now.png"
    run("machine", "screen", "machine1", str(picture))
    assert picture.read_bytes() == PNG


def test_a_machine_that_is_not_there_is_refused_with_those_that_are(metal: Metal) -> None:
    done = CliRunner().invoke(cli, ["lab", "machine", "power", "machine9", "on"])
    assert done.exit_code != 0
    assert "machine1, machine2" in f"{done.output}{getattr(done.exception, 'fix', '')}"


def test_the_labs_status_has_them(metal: Metal) -> None:
    assert [each["name"] for each in status.of(metal.engine, LAB)["machines"]] == [
        "machine1",
        "machine2",
    ]
    assert "machine2  10.20.30.52  paused" in run("status")
