"""What the command line says about itself."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from cc_ansible import __version__
from cc_ansible.cli.main import COMMANDS, OTHER_COMMANDS, SITE_COMMANDS, main
from cc_ansible.kolla.actions import ACTIONS, ALIASES, OFFLINE

HEAVY = ("rich", "ansible", "pydantic", "docker", "openstack", "ruamel", "yaml", "requests")


def sections(text: str) -> dict[str, str]:
    """Title of each section of a help text -> its body."""
    parts = re.split(r"^(\S.*):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def names(body: str) -> list[str]:
    return re.findall(r"^  ([\w-]+)", body, re.MULTILINE)


def test_help_lists_every_command_in_its_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Usage: cc-ansible [OPTIONS] [COMMAND] [ARGS]...\n")
    text, _, last = text.rpartition("\n\n")
    assert last.strip().startswith("Start with 'cc-ansible lab up'")
    found = sections(text)
    assert list(found) == [
        "Options",
        "Site",
        "Lab and shell",
        "Kolla-Ansible's actions, with its own options",
    ]
    assert re.findall(r"--[\w-]+", found["Options"]) == [
        "--site",
        "--playbook",
        "--version",
        "--help",
    ]
    assert names(found["Site"]) == list(SITE_COMMANDS)
    assert names(found["Lab and shell"]) == list(OTHER_COMMANDS)
    assert names(found["Kolla-Ansible's actions, with its own options"]) == list(ACTIONS)


@pytest.mark.parametrize("words", [[], ["-h"]])
def test_help_is_also_the_answer_to_nothing(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--help"])
    whole = capsys.readouterr().out
    assert main(words) == 0
    assert capsys.readouterr().out == whole


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_ours_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: cc-ansible {name}")


@pytest.mark.parametrize("name", ["up", "status", "ssh", "down", "destroy"])
def test_every_lab_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: cc-ansible lab {name}")


def test_an_action_explains_kolla_ansibles_own_options(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["prune-images", "--help"]) == 0
    text = capfd.readouterr().out
    assert text.startswith("usage: kolla-ansible prune-images")
    assert "--yes-i-really-really-mean-it" in text


def test_every_action_of_the_installed_kolla_ansible_is_offered() -> None:
    installed = {entry.name for entry in entry_points(group="kolla_ansible.cli")}
    assert set(ACTIONS) == installed


def test_aliases_and_offline_actions_are_actions() -> None:
    assert {*ALIASES.values(), *OFFLINE} <= set(ACTIONS)


def test_no_command_hides_an_action() -> None:
    assert not {*COMMANDS, *ALIASES} & set(ACTIONS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cc-ansible, version {__version__}\n"


def test_the_command_line_imports_nothing_heavy() -> None:
    code = (
        "import sys; from cc_ansible.cli.main import main; main(['--help'])\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & set(HEAVY)
