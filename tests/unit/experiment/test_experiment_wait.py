"""Waiting, with a clock that is set forward by each sleep."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from trials import Clock

from cc_ansible.errors import CcError
from cc_ansible.hardware.rest import Missing, Refused
from cc_ansible.verify.experiment import wait
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import Failing, NotYet


def looks(*answers: object) -> Callable[[], object]:
    """One answer after the other, and the last one for ever; errors are raised."""
    left = list(answers)

    def look() -> object:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


def test_what_is_so_already_takes_no_time(clock: Clock) -> None:
    assert clock.watch().until("node", looks("c01"), 60) == "c01"
    assert clock.slept == [] and clock.told == []


def test_looks_become_rarer(clock: Clock) -> None:
    clock.watch().until("node", looks(*[NotYet("it is busy")] * 20, True), 600)
    assert clock.slept[0] == wait.SHORTEST and clock.slept[-1] == wait.LONGEST
    assert clock.slept == sorted(clock.slept)


def test_it_says_what_it_waits_for_when_that_changes(clock: Clock) -> None:
    answers = [NotYet("it is BUILD"), NotYet("it is BUILD"), NotYet("it is deploying"), True]
    clock.watch().until("active server", looks(*answers), 60)
    assert clock.told == [
        "waiting for active server: it is BUILD",
        "waiting for active server: it is deploying",
    ]


def test_too_long_says_what_was_seen_last_and_what_to_do(clock: Clock) -> None:
    with pytest.raises(Trouble) as found:
        clock.watch().until("active server", looks(NotYet("it is BUILD")), 60, "Look there.")
    assert found.value.detail == "no active server after 60 s: it is BUILD"
    assert found.value.fix == "Look there."
    assert sum(clock.slept) == pytest.approx(60)


def test_all_waits_share_the_time_of_the_experiment(clock: Clock) -> None:
    watch = clock.watch()
    watch.allow(100)
    with pytest.raises(Trouble):
        watch.until("first", looks(NotYet("no")), 80)
    with pytest.raises(Trouble) as found:
        watch.until("second", looks(NotYet("no")), 80)
    assert sum(clock.slept) == pytest.approx(100)
    assert found.value.cause == "The time for the experiment is over."


def test_a_look_is_made_even_when_the_time_is_over(clock: Clock) -> None:
    watch = clock.watch()
    watch.allow(0)
    assert watch.until("node", looks("c01"), 60) == "c01"


def test_cleaning_up_gets_some_time_always(clock: Clock) -> None:
    watch = clock.watch()
    watch.allow(0, least=30)
    with pytest.raises(Trouble):
        watch.until("end", looks(NotYet("no")), 600)
    assert sum(clock.slept) == pytest.approx(30)


@pytest.mark.parametrize(
    "error",
    [Refused(503, "Blazar: busy"), Refused(409, "Blazar: locked"), CcError("no answer")],
)
def test_what_passes_is_asked_again(clock: Clock, error: Exception) -> None:
    assert clock.watch().until("host", looks(error, True), 60) is True
    assert clock.told == [f"waiting for host: {error}"]


@pytest.mark.parametrize(
    "error", [Refused(403, "no"), Missing("no Blazar"), Trouble("it failed"), KeyError("id")]
)
def test_what_does_not_pass_is_not_waited_for(clock: Clock, error: Exception) -> None:
    with pytest.raises(type(error)):
        clock.watch().until("host", looks(error, True), 60)
    assert clock.slept == []


def test_one_failure_may_pass_and_many_do_not(clock: Clock) -> None:
    failing = Failing(clock)
    assert not failing.too_long(True)
    clock.now += wait.FAILING - 1
    assert not failing.too_long(False)
    assert not failing.too_long(True)
    clock.now += wait.FAILING
    assert failing.too_long(True)
