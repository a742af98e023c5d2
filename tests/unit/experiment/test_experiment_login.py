"""What a user does on a server: their key, switching it off and on, making it anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from trials import Trying, by_name

from cc_ansible.verify.experiment import Beside, handling, inside
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.wait import NotYet
from cc_ansible.verify.result import Status

INSIDE = ("user's key", "login by ssh", "console", "switched off and on", "rebuilt from its image")
SESSION = "mine, Debian GNU/Linux 13\neth0 UP 192.168.97.5/24\nvda 10G"


class Shell:
    """The server as its user sees it."""

    def __init__(self) -> None:
        self.session = SESSION
        self.silent = 2
        self.boots = 0
        self.switched = True
        self.other_keys = ""
        self.scripts: list[str] = []

    def __call__(self, trial: Trial, script: str) -> str | NotYet:
        assert trial.key
        self.scripts.append(script)
        if self.silent > 0:
            self.silent -= 1
            return NotYet(f"{trial.address} does not answer on port 22")
        if script == handling.BOOT:
            self.boots += self.switched
            return f"boot {self.boots}"
        if "authorized_keys" in script:
            return f"{trial.key.public}\n{self.other_keys}"
        return self.session if script == inside.SCRIPT else "new"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell()
    monkeypatch.setattr(inside, "ask", made)
    return made


@pytest.fixture
def login(trying: Trying, shell: Shell) -> Callable[..., dict[str, object]]:
    def run() -> dict[str, object]:
        seen = Beside(b"picture", "one\ntwo")
        results = trying(login="cc", handle=True, beside=lambda name: seen)
        assert trying.cloud.left() == {}
        return by_name(results)

    return run


def test_a_user_logs_in_switches_and_rebuilds(login: Callable, trying: Trying) -> None:
    results = login()
    assert {results[name].status for name in INSIDE} == {Status.PASSED}, results
    assert results["login by ssh"].log == tuple(SESSION.splitlines())
    assert results["console"].picture == b"picture"
    assert results["console"].log == ("one", "two")
    # Newer versions of the API cannot rebuild bare metal.
    assert trying.cloud.version_of_rebuild == f"compute {handling.VERSION}"
    assert trying.cloud.things["keypairs"] == {}


def test_the_server_is_made_with_the_key(login: Callable, trying: Trying) -> None:
    named: set[str] = set()
    trying.cloud.after = lambda method, path: named.update(
        str(each["key_name"]) for each in trying.cloud.things["servers"].values()
    )
    login()
    assert named - {"None"}


def test_keys_of_others_are_a_trace_of_a_former_user(login: Callable, shell: Shell) -> None:
    shell.other_keys = "ssh-ed25519 AAAA somebody@elsewhere"
    found = login()["login by ssh"]
    assert found.status is Status.FAILED and "keys of others" in found.detail
    assert found.log == ("somebody@elsewhere",)


def test_another_address_is_not_the_users_network(login: Callable, shell: Shell) -> None:
    shell.session = "mine\neth0 UP 10.0.0.9/24"
    assert "has not the address 192.168.97.5" in login()["login by ssh"].detail


def test_a_server_that_never_answers_fails_once(login: Callable, shell: Shell) -> None:
    shell.silent = 10**6
    results = login()
    assert "does not answer on port 22" in results["login by ssh"].detail
    assert results["rebuilt from its image"].status is Status.SKIPPED


def test_the_same_boot_was_not_switched_off(login: Callable, shell: Shell) -> None:
    shell.switched = False
    assert "the same boot" in login()["switched off and on"].detail


def test_a_rebuild_that_is_refused_says_why(login: Callable, trying: Trying) -> None:
    trying.cloud.rebuild_refusal = "Ironic does not want to."
    found = login()["rebuilt from its image"]
    assert found.status is Status.FAILED and found.cause == "Ironic does not want to."


def test_a_failed_deploy_shows_what_the_machine_said(trying: Trying) -> None:
    trying.cloud.deploy_error = "Timeout reached while waiting for callback for node 1"
    said = ["of the user before\n", "of the user before\niPXE\nNo configuration methods succeeded"]
    seen = iter(Beside(b"screen", each) for each in said)
    found = by_name(trying(beside=lambda name: next(seen)))["server active"]
    assert "did not report in time" in found.cause
    assert found.log[-2:] == ("iPXE", "No configuration methods succeeded")
    assert found.picture == b"screen"


def test_a_machine_that_says_nothing_is_not_taken_for_its_former_self(trying: Trying) -> None:
    trying.cloud.deploy_error = "Timeout reached while waiting for callback for node 1"
    found = by_name(trying(beside=lambda name: Beside(b"", "of the user before")))["server active"]
    assert found.log[-1].startswith("nothing")
