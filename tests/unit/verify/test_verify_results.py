"""Results as they are kept, shown to CI systems, chosen, and waited for."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.errors import SiteInvalid
from cc_ansible.verify import allow, junit, only, record, run
from cc_ansible.verify.aside import Aside
from cc_ansible.verify.check import Check, Failed, Skipped, Trouble
from cc_ansible.verify.result import Level, Result, Status
from cc_ansible.verify.run import Verification

FAILED = Result(
    "logs of node1", Level.QUICK, Status.FAILED, "nova-api: 1 <ERROR>", 0.5,
    cause="It broke.", fix="Mend it.", log=("\x1b[31mred\x00 & more",),
    runbook="docs/verify.md#logs",
)  # fmt: skip
PASSED = Result("Galera", Level.QUICK, Status.PASSED, "3 members, synced", 0.25)
SKIPPED = Result("stack", Level.STANDARD, Status.SKIPPED, "the site has no Heat")
RESULTS = [FAILED, PASSED, SKIPPED]


def test_junit_has_a_suite_for_each_level_and_counts() -> None:
    top = ElementTree.fromstring(junit.text("here", RESULTS))
    assert top.tag == "testsuites"
    assert (top.get("tests"), top.get("failures"), top.get("skipped")) == ("3", "1", "1")
    assert top.get("time") == "0.750"
    suites = {suite.get("name"): suite for suite in top}
    assert set(suites) == {"verify quick", "verify standard"}
    assert suites["verify quick"].get("tests") == "2"
    cases = [(case.get("classname"), case.get("name")) for case in top.iter("testcase")]
    assert cases == [
        ("here.quick", "logs of node1"),
        ("here.quick", "Galera"),
        ("here.standard", "stack"),
    ]


def test_junit_says_of_a_failure_all_that_is_known() -> None:
    top = ElementTree.fromstring(junit.text("here", RESULTS))
    (failure,) = top.iter("failure")
    assert failure.get("message") == "nova-api: 1 <ERROR>"
    lines = (failure.text or "").splitlines()
    assert lines[:2] == ["It broke.", "fix: Mend it."]
    assert lines[-1] == "runbook: docs/verify.md#logs"
    assert "red" in lines[2] and lines[2].endswith("& more")
    (skipped,) = top.iter("skipped")
    assert skipped.get("message") == "the site has no Heat"


@given(st.text())
def test_junit_is_xml_whatever_logs_say(text: str) -> None:
    result = Result(text, Level.FULL, Status.FAILED, text, cause=text, log=(text,))
    top = ElementTree.fromstring(junit.text(text, [result]).encode())
    assert len(list(top.iter("failure"))) == 1


def test_results_are_kept_whole_and_private(tmp_path: Path) -> None:
    file = record.keep(tmp_path / "state", [PASSED])
    file = record.keep(tmp_path / "state", RESULTS)
    assert file == tmp_path / "state" / "verify" / "last.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]
    kept = json.loads(file.read_text())
    assert [each["name"] for each in kept] == ["logs of node1", "Galera", "stack"]
    assert kept[0]["log"] == list(FAILED.log)
    assert (kept[0]["status"], kept[0]["level"]) == ("failed", "quick")


# --- choosing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "names"),
    [
        ("logs*", {"logs of node1"}),
        ("galera", {"Galera"}),
        ("*node1", {"logs of node1"}),
        ("*", {"logs of node1", "Galera", "stack"}),
        ("nothing", set()),
    ],
)
def test_checks_are_chosen_by_globs_over_their_names(glob: str, names: set[str]) -> None:
    assert {each.name for each in RESULTS if only.wanted(each.name, [glob])} == names


@given(
    st.sampled_from(["logs of", "VIP", "endpoint", "containers on"]),
    st.text(alphabet="abco n*?[", max_size=6),
    st.text(alphabet="abclogs of", max_size=8),
)
def test_what_may_be_asked_for_is_never_left_out(begin: str, glob: str, rest: str) -> None:
    if only.wanted(begin + rest, [glob]):
        assert only.possible(begin, [glob])


def test_what_cannot_be_asked_for_is_left_out() -> None:
    assert not only.possible("logs of", ["Galera", "endpoint*"])
    assert only.possible("logs of", [])
    assert only.possible("logs of", ["lo*"])


# --- asking ----------------------------------------------------------------------------------


def test_an_exception_that_nobody_foresaw_fails_its_check_alone() -> None:
    def question() -> str:
        raise ValueError("first\nsecond")

    result = Check("x", "logs").ask(question)
    assert (result.status, result.detail) == (Status.FAILED, "ValueError: first")
    assert result.runbook == "docs/verify.md#logs"


def test_a_check_that_does_not_concern_the_site_is_skipped() -> None:
    def question() -> str:
        raise Skipped("no Heat")

    result = Check("x", "stack", Level.STANDARD).ask(question)
    assert (result.status, result.detail, result.runbook) == (Status.SKIPPED, "no Heat", "")


def test_lines_of_many_troubles_share_the_room() -> None:
    many = [Trouble(f"t{n}", "c", "f", tuple(f"{n}-{m}" for m in range(50))) for n in range(3)]

    def question() -> str:
        raise Failed(*many)

    result = Check("x", "logs").ask(question)
    assert result.log == tuple(f"{n}-{m}" for n in range(3) for m in range(46, 50))
    assert (result.cause, result.fix, result.detail) == ("c", "f", "t0; t1; t2")


def test_work_aside_gives_its_answer_or_its_error() -> None:
    begun = time.monotonic()
    aside = Aside(lambda: time.sleep(0.2) or 7)
    assert time.monotonic() - begun < 0.1
    assert aside.result() == 7
    with pytest.raises(ZeroDivisionError):
        Aside(lambda: 1 / 0).result()


# --- waiting ---------------------------------------------------------------------------------


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(run, "time", made)
    return made


def asking(*results: Callable[[], Result]) -> Callable[[], Verification]:
    return lambda: Verification(Level.QUICK, [each() for each in results], 0.0)


def late(clock: Clock, name: str, until: float) -> Callable[[], Result]:
    def ask() -> Result:
        status = Status.PASSED if clock.now >= until else Status.FAILED
        return Result(name, Level.QUICK, status, f"seen at {clock.now:g}")

    return ask


def test_services_that_need_a_moment_get_it(clock: Clock) -> None:
    found = run.until_passed(asking(late(clock, "a", 10), late(clock, "b", 0)), 60)
    assert not found.failed
    assert 10 <= clock.now < 15


def test_services_that_never_answer_are_given_up_with_their_last_words(clock: Clock) -> None:
    found = run.until_passed(asking(late(clock, "a", 999)), 60)
    assert found.failed[0].detail == f"seen at {clock.now:g}"
    assert 60 <= clock.now < 65


def test_what_no_waiting_makes_good_is_not_waited_for(clock: Clock) -> None:
    assert run.until_passed(asking(late(clock, "logs of node1", 999)), 60).failed
    assert clock.now == 0


# --- the allow-list --------------------------------------------------------------------------


def test_the_sites_own_allow_list_adds_to_the_projects(tmp_path: Path) -> None:
    for name, pattern in (("a.yml", "one"), ("b.yml", "two")):
        text = f"allow:\n  - {{service: nova, pattern: {pattern}, reason: known}}\n"
        (tmp_path / name).write_text(text)
    found = allow.read([tmp_path / "a.yml", tmp_path / "b.yml", tmp_path / "gone.yml"])
    assert [entry.pattern for entry in found] == ["one", "two"]
    assert found[0].covers("nova/nova-api.log", "number one")
    assert not found[0].covers("heat/heat-api.log", "number one")


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ("{pattern: '(', reason: x}", "pattern: Value error, no regular expression"),
        ("{pattern: x}", "reason: Field required"),
        ("{pattern: x, reason: y, servce: nova}", "servce: Extra inputs"),
    ],
)
def test_an_entry_that_is_not_valid_says_where_and_why(
    entry: str, detail: str, tmp_path: Path
) -> None:
    file = tmp_path / "verify-allow.yml"
    file.write_text(f"allow:\n  - {{pattern: fine, reason: fine}}\n  - {entry}\n")
    with pytest.raises(SiteInvalid) as refused:
        allow.read([file])
    assert refused.value.detail.startswith(detail)
    assert refused.value.origin is not None
    assert refused.value.origin.line == 3
