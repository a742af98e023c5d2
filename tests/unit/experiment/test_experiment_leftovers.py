"""What experiments leave: told when it stays, and not confused with what is not theirs."""

from __future__ import annotations

import _thread

import pytest
from smallcloud import refusal
from trials import Trying, by_name

from cc_ansible.verify import experiment
from cc_ansible.verify.experiment import names, sweep
from cc_ansible.verify.experiment.trial import Site
from cc_ansible.verify.result import Status

GONE = "cc-verify-00000001-ffff-1-abcd"


def test_ctrl_c_says_what_could_not_be_removed(trying: Trying) -> None:
    def after(method: str, path: str) -> None:
        if (method, path.rpartition("/")[2]) == ("POST", "leases"):
            trying.cloud.before = lambda method, path: (
                refusal("it is held", 403) if method == "DELETE" and "/leases/" in path else None
            )
            trying.cloud.after = lambda method, path: None
            _thread.interrupt_main()

    trying.cloud.after = after
    with pytest.raises(KeyboardInterrupt) as stop:
        trying()
    notes = "\n".join(stop.value.__notes__)
    assert "lease ended" in notes and "cc-verify-" in notes
    assert "leases" in trying.cloud.left()


def test_a_second_ctrl_c_says_that_something_stays(trying: Trying) -> None:
    def after(method: str, path: str) -> None:
        if (method, path.rpartition("/")[2]) == ("POST", "floatingips") or method == "DELETE":
            _thread.interrupt_main()

    trying.cloud.after = after
    with pytest.raises(KeyboardInterrupt) as stop:
        trying()
    assert "Not everything called cc-verify-" in "\n".join(stop.value.__notes__)


def test_what_checks_of_level_standard_made_is_of_no_experiment(trying: Trying) -> None:
    networks = trying.cloud.things["networks"]
    networks["1"] = {"id": "1", "name": f"{GONE}{names.CHECK}-network"}
    assert sweep.of(Site(trying.cloud.admin(), trying.clock.watch())) == []
    assert names.parse(f"{GONE}{names.CHECK}-network") is None
    assert names.parse(f"{GONE}-alone") is not None
    assert trying.cloud.writes() == []


def test_leftovers_are_removed_without_an_experiment(trying: Trying) -> None:
    told = trying.clock.told.append
    [result] = experiment.leftovers(trying.cloud.admin(), told)
    assert (result.status, result.detail) == (Status.PASSED, "there are none")
    trying.cloud.things["projects"]["1"] = {"id": "1", "name": GONE}
    [result] = experiment.leftovers(trying.cloud.admin(), told)
    assert result.detail == f"removed {GONE}"
    assert "1" not in trying.cloud.things["projects"]


def test_the_names_of_results_are_known_before(trying: Trying) -> None:
    seen = {result.name for result in trying(repetitions=2)}
    wanted = set(experiment.names_of(trying.options)) - {"experiment"}
    assert seen <= {
        name.replace("experiment:", f"experiment {number}:") for name in wanted for number in (1, 2)
    }
    assert "experiment: lease ended" in wanted


def test_a_real_machine_that_nobody_lends_is_not_deployed_on(trying: Trying) -> None:
    trying.cloud.real("lent")
    other = trying.cloud.real("not-for-experiments")
    trying.cloud.things["hosts"] = {
        key: host
        for key, host in trying.cloud.things["hosts"].items()
        if host["hypervisor_hostname"] != other
    }
    results = by_name(trying(fake=None, items=("lent",), switch_port_vlan=None))
    alone = results["no server without a reservation"]
    assert alone.status is Status.SKIPPED and "not-for-experiments" in alone.detail
    assert not [each for each in results.values() if each.failed]
