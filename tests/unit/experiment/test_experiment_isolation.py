"""Servers beside the first one: another user's, and a second one of the same user."""

from __future__ import annotations

import _thread
from collections.abc import Callable

import pytest
from test_experiment_login import Shell
from trials import Trying, by_name

from cc_ansible.verify.experiment import inside, isolation, names
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.wait import NotYet
from cc_ansible.verify.result import Status

OTHER, SAME = isolation.OtherUser, isolation.SameUser
APART, TOGETHER = ["no", "no"], ["yes", "yes"]


class Shells(Shell):
    """All servers; ``pings`` are the answers to pings, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.pings = APART + TOGETHER

    def __call__(self, trial: Trial, script: str) -> str | NotYet:
        if script.startswith("ping"):
            assert trial.address
            return self.pings.pop(0)
        return super().__call__(trial, script)


@pytest.fixture
def shells(monkeypatch: pytest.MonkeyPatch) -> Shells:
    made = Shells()
    monkeypatch.setattr(inside, "ask", made)
    return made


@pytest.fixture
def isolated(trying: Trying, shells: Shells) -> Callable[..., dict]:
    for name, port in (("one", "p01"), ("two", "p02")):
        trying.cloud.real(name, port)

    def run(**options: object) -> dict:
        before = trying.cloud.left()
        words = {"login": "cc", "isolation": True, "fake": None, "node_type": "compute_real"}
        results = by_name(trying(**{**words, **options}))
        assert trying.cloud.left() == before
        return results

    return run


def test_users_are_kept_apart_and_their_servers_are_not(isolated: Callable, trying: Trying) -> None:
    results = isolated()
    assert {result.status for result in results.values()} <= {Status.PASSED, Status.SKIPPED}
    assert results[OTHER.name].detail == (
        "one on VLAN 202 and two on VLAN 203 get no answer from each other"
    )
    assert results[SAME.name].detail == "one and two answer each other on VLAN 202"
    assert any(line.startswith("login by ssh: cc@") for line in results[SAME.name].log)
    assert results[OTHER.undone].status is results[SAME.undone].status is Status.PASSED
    # One project for the experiment, another for the other user.
    assert len(set(trying.cloud.who("POST", "/leases"))) == 2


def test_their_addresses_differ_though_their_networks_do_not(
    isolated: Callable, trying: Trying
) -> None:
    pools = []
    trying.cloud.after = lambda method, path: pools.extend(
        str(each["allocation_pools"]) for each in trying.cloud.things["subnets"].values()
    )
    isolated()
    assert len(set(pools)) == 2


def test_an_answer_from_another_users_server_is_a_failure(
    isolated: Callable, shells: Shells
) -> None:
    shells.pings = ["no", "yes"]
    results = isolated()
    found = results[OTHER.name]
    assert found.failed and "two on VLAN 203 gets answers from one" in found.detail
    assert "switch" in found.cause and found.fix
    assert results[SAME.name].status is Status.SKIPPED


def test_no_answer_from_the_own_server_is_a_failure(isolated: Callable, shells: Shells) -> None:
    shells.pings = [*APART, "no"]
    found = isolated()[SAME.name]
    assert found.failed and "gets no answer from two" in found.detail


def test_a_part_that_fails_is_named(isolated: Callable, trying: Trying) -> None:
    trying.cloud.things["nodes"]["node-two"]["provision_state"] = "active"
    found = isolated()[OTHER.name]
    assert found.detail == "node chosen: none of 2 nodes is free"
    assert "two: it is active" in found.log


def test_without_a_way_in_nothing_of_it_is_tried(isolated: Callable) -> None:
    results = isolated(external_network="")
    assert results[OTHER.name].status is results[SAME.name].status is Status.SKIPPED


def test_ctrl_c_leaves_nothing_of_the_other_user(trying: Trying, isolated: Callable) -> None:
    before = trying.cloud.left()

    def after(method: str, path: str) -> None:
        servers = trying.cloud.things["servers"].values()
        if any(str(each["name"]).endswith(names.OTHER_USER) for each in servers):
            trying.cloud.after = lambda method, path: None
            _thread.interrupt_main()

    trying.cloud.after = after
    with pytest.raises(KeyboardInterrupt):
        isolated()
    assert trying.cloud.left() == before


def test_what_a_killed_one_left_is_swept(trying: Trying) -> None:
    from cc_ansible.verify.experiment import sweep
    from cc_ansible.verify.experiment.trial import Site

    gone = "cc-verify-00000001-ffff-1-abcd"
    for kind in ("projects", "networks"):
        for number, suffix in enumerate(("", names.OTHER_USER, names.SAME_USER)):
            thing = {"id": f"{kind}-{number}", "name": gone + suffix}
            trying.cloud.things[kind][thing["id"]] = thing
    [swept] = sweep.of(Site(trying.cloud.admin(), trying.clock.watch()))
    assert (swept.name, swept.problems) == (gone, ())
    assert trying.cloud.left() == {}
