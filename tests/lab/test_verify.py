"""`verify` on a running site: green when it is well, and right about what is broken."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ElementTree

import pytest
from faults import FAULTS, ROUNDS, Fault
from patience import until

LOGS = "logs of node1"


@pytest.fixture
def verify(on_site):
    """Run `verify`; returns its results by name."""

    def run(*words: str, code: int | None = 0) -> dict[str, dict]:
        report = json.loads(on_site("verify", "--output", "json", *words, code=code).stdout)
        return {result["name"]: result for result in report["results"]}

    return run


def test_the_site_is_well(verify):
    results = verify(code=None)
    assert not _wrong(results)
    assert len(results) > 15


def test_every_service_does_what_it_is_for(on_site, tmp_path):
    file = tmp_path / "verify.xml"
    on_site("verify", "--level", "standard", "--junit", str(file), code=None)
    cases = ElementTree.parse(file).getroot().findall(".//testcase")
    assert len(cases) > 20
    failed = [
        f"{case.get('name')}: {case.find('failure').get('message')}"
        for case in cases
        if case.find("failure") is not None and not str(case.get("name")).startswith("logs of")
    ]
    assert not failed


def test_a_user_makes_an_experiment_and_nothing_of_it_stays(verify, things):
    before = things()
    logged = verify("--only", LOGS, code=None)[LOGS]
    words = ("--level", "full", "--fake", "--image", "debian-13")
    results = verify(*words, "--only", "experiment*")
    assert len(results) > 10
    assert {result["status"] for result in results.values()} <= {"passed", "skipped"}, results
    assert things() == before
    # Users at work are no trouble of the site's.
    if logged["status"] == "passed":
        assert verify("--only", LOGS)[LOGS]["status"] == "passed"


@pytest.mark.parametrize("names", ROUNDS, ids=", ".join)
def test_what_is_broken_is_named(verify, node, names):
    """HAProxy, RabbitMQ and Neutron need a while to notice, so `verify` is asked until all are."""
    faults = {name: FAULTS[name] for name in names}
    begun = []
    try:
        for fault in faults.values():
            begun.insert(0, fault)
            node(fault.breaks)
        _until_named(verify, faults)
        verify("--only", faults[names[0]].check, code=7)
    finally:
        for fault in begun:
            node(fault.repairs)


def _until_named(verify, faults: dict[str, Fault], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while True:
        said = verify(code=None)
        found = {name: said[fault.check] for name, fault in faults.items()}
        unnamed = {name: seen for name, seen in found.items() if not _names(seen, faults[name])}
        if not unnamed:
            return
        assert time.monotonic() < deadline, unnamed
        time.sleep(3)


def _names(found: dict, fault: Fault) -> bool:
    """Whether it says what is broken; whatever failed has to say what to do about it."""
    if found["status"] != "failed":
        return False
    assert found["fix"] and found["runbook"], found
    return fault.says in f"{found['detail']} {found['cause']} {found['log']}"


def test_every_fault_had_its_round():
    assert sorted(name for names in ROUNDS for name in names) == sorted(FAULTS)


def test_the_site_gets_well_again(verify):
    until(lambda: not _wrong(verify(code=None)), "well")


def _wrong(results: dict[str, dict]) -> list[str]:
    """What failed, but for logs: these keep what tests have killed and broken."""
    return [
        f"{name}: {result['detail']}"
        for name, result in results.items()
        if result["status"] == "failed" and name != LOGS
    ]
