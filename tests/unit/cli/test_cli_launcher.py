"""./cc-ansible on machines that have little: fake Pythons, a real shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cc_ansible.paths import PROJECT

TOOLS = ("sh", "dirname", "readlink", "sha256sum", "flock", "rm", "mkdir", "cat", "touch", "sleep")

# Python as the launcher uses it: version check, venv module, pip, and cc_ansible itself.
PYTHON = """\
#!/bin/sh
echo "$*" >>"$MACHINE/python.log"
case "$*" in
*version_info\\ *) [ ! -e "$MACHINE/old" ] ;;
*"import ensurepip, venv"*) [ ! -e "$MACHINE/no-venv" ] ;;
*"-venv"*) echo python3.11-venv ;;
"-m venv "*)
    sleep 0.1
    mkdir -p "$3/bin" "$3/lib/python3.11/site-packages"
    cat "$0" >"$3/bin/python"
    chmod +x "$3/bin/python"
    ;;
"-m pip install "*) [ ! -e "$MACHINE/no-index" ] ;;
"-P -m cc_ansible"*) shift 3; echo "cc_ansible got: $*" ;;
*) exit 99 ;;
esac
"""


class Machine:
    """A checkout of the launcher on a machine with just the programs it names."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.checkout = home / "checkout"
        self.bin = home / "bin"
        for directory in (self.checkout, self.bin):
            directory.mkdir()
        for tool in (*TOOLS, "chmod"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.program("id", "#!/bin/sh\necho ${FAKE_UID:-1000}\n")
        self.program("python3", PYTHON)
        launcher = (PROJECT / "cc-ansible").read_text()
        assert launcher.count(" /usr/bin/python3;") == 1
        self.launcher = self.checkout / "cc-ansible"
        self.launcher.write_text(launcher.replace(" /usr/bin/python3;", ";"))
        self.launcher.chmod(0o755)
        (self.checkout / "requirements.txt").write_text("click==1\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def has(self, *marks: str) -> None:
        for mark in marks:
            (self.home / mark).touch()

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.bin), "MACHINE": str(self.home)}

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.launcher), *words],
            env={**self.environment, **env},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def venvs_made(self) -> int:
        return (self.home / "python.log").read_text().count("-m venv ")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_python_that_is_too_old_is_refused_with_a_fix(machine: Machine) -> None:
    machine.has("old")
    done = machine.run("--version")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: Python 3.11 or newer is needed, and there is none here\n")
    assert "fix: install it" in done.stderr
    assert not (machine.checkout / ".venv").exists()


def test_no_python_at_all_is_refused_alike(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    done = machine.run("--version")
    assert done.returncode == 1
    assert done.stderr.startswith("error: Python 3.11 or newer is needed")


def test_a_newer_python_beside_an_old_one_is_found(machine: Machine) -> None:
    machine.program("python3", "#!/bin/sh\nexit 1\n")
    machine.program("python3.12", PYTHON)
    assert machine.run("--version").stdout == "cc_ansible got: --version\n"


def test_a_missing_venv_module_names_its_package(machine: Machine) -> None:
    machine.has("no-venv")
    done = machine.run("--version")
    assert done.returncode == 1
    assert done.stderr == (
        "error: Python's venv module is missing\n"
        "  fix: apt-get install python3.11-venv, or run this as root: cc-ansible --yes ...\n"
    )


def test_yes_without_root_installs_nothing(machine: Machine) -> None:
    machine.has("no-venv")
    machine.program("apt-get", '#!/bin/sh\ntouch "$MACHINE/apt"\n')
    done = machine.run("--yes", FAKE_UID="1000")
    assert done.returncode == 1
    assert not (machine.home / "apt").exists()


def test_root_with_yes_gets_the_package_installed(machine: Machine) -> None:
    machine.has("no-venv")
    machine.program("apt-get", '#!/bin/sh\necho "$*" >>"$MACHINE/apt"\n')
    done = machine.run("--yes", "lab", "up", FAKE_UID="0")
    assert done.returncode == 0
    assert (machine.home / "apt").read_text().endswith("install -y -qq python3.11-venv\n")
    assert done.stdout == "cc_ansible got: lab up\n"


def test_yes_after_the_command_belongs_to_the_command(machine: Machine) -> None:
    assert machine.run("lab", "destroy", "--yes").stdout == "cc_ansible got: lab destroy --yes\n"
    machine.has("no-venv")
    (machine.checkout / "requirements.txt").write_text("click==2\n")
    assert machine.run("lab", "destroy", "--yes", FAKE_UID="0").returncode == 1


def test_the_environment_is_made_once_and_words_are_handed_over(machine: Machine) -> None:
    first = machine.run("deploy", "--limit", "a b")
    assert first.returncode == 0
    assert first.stdout == "cc_ansible got: deploy --limit a b\n"
    assert "once, about a minute" in first.stderr
    second = machine.run("deploy")
    assert (second.stdout, second.stderr) == ("cc_ansible got: deploy\n", "")
    assert machine.venvs_made() == 1
    link = machine.checkout / ".venv/lib/python3.11/site-packages/cc-ansible.pth"
    assert link.read_text() == f"{machine.checkout}\n"


def test_changed_requirements_make_it_anew(machine: Machine) -> None:
    machine.run()
    (machine.checkout / "requirements.txt").write_text("click==2\n")
    machine.run()
    assert machine.venvs_made() == 2


def test_a_moved_checkout_makes_it_anew(machine: Machine) -> None:
    machine.run()
    machine.checkout.rename(machine.home / "elsewhere")
    machine.launcher = machine.home / "elsewhere" / "cc-ansible"
    assert machine.run("runs").stdout == "cc_ansible got: runs\n"
    assert machine.venvs_made() == 2


def test_a_link_to_the_launcher_works_from_anywhere(machine: Machine) -> None:
    (machine.bin / "cca").symlink_to(machine.launcher)
    done = subprocess.run(
        ["cca", "runs"],
        env=machine.environment | {"PATH": f"{machine.bin}:{os.defpath}"},
        executable=machine.bin / "cca",
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "cc_ansible got: runs\n"
    assert (machine.checkout / ".venv").is_dir()


def test_a_failed_installation_is_told_and_tried_again(machine: Machine) -> None:
    machine.has("no-index")
    done = machine.run("runs")
    assert done.returncode == 1
    assert "error: the pinned requirements could not be installed\n" in done.stderr
    assert done.stdout == ""
    (machine.home / "no-index").unlink()
    assert machine.run("runs").stdout == "cc_ansible got: runs\n"


def test_two_first_starts_at_once_make_one_environment(machine: Machine) -> None:
    pair = [
        subprocess.Popen(
            [str(machine.launcher), str(number)],
            env=machine.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in (1, 2)
    ]
    said = [process.communicate(timeout=20)[0] for process in pair]
    assert said == ["cc_ansible got: 1\n", "cc_ansible got: 2\n"]
    assert machine.venvs_made() == 1
