"""Programs of another architecture: what the machine is asked, and what is said if it refuses."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from cc_ansible.appliances import foreign
from cc_ansible.errors import CcError, RunFailed

OTHER = "aarch64"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory in place of binfmt_misc, on a machine of another architecture with QEMU."""
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(foreign.packages, "ensure", lambda *words: [])
    monkeypatch.setattr(foreign, "BINFMT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: F\n", False),
        ("enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OC\n", True),
        ("disabled\nflags: F\n", True),
    ],
)
def test_the_kernel_is_asked_unless_it_does_so_in_a_chroot_too(
    machine: Path, monkeypatch: pytest.MonkeyPatch, said: str, asks: bool
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(foreign, "check", lambda argv: asked.append(argv))
    (machine / "qemu-aarch64").write_text(said)
    foreign.ensure(OTHER, lambda text: None)
    assert bool(asked) is asks
    if asks:
        assert asked[0][-1].startswith(":qemu-aarch64:M::") and asked[0][-1].endswith(":F")


def test_programs_of_the_machines_own_need_nothing(machine: Path) -> None:
    foreign.ensure("x86_64", pytest.fail)
    assert not list(machine.iterdir())


def test_a_machine_that_refuses_says_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: list[str]) -> None:
        raise RunFailed("sh failed", detail="mount: permission denied")

    monkeypatch.setattr(foreign, "check", refuse)
    with pytest.raises(CcError, match="cannot run programs for aarch64") as caught:
        foreign.ensure(OTHER, lambda text: None)
    assert "permission denied" in caught.value.detail
    assert caught.value.fix
