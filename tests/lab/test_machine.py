"""One of the lab's machines and a user on it, whole, and what the report has of it."""

from __future__ import annotations

import base64
import json

import pytest

pytestmark = pytest.mark.machines
PNG = b"\x89PNG"
ON_HARDWARE = (
    "lease active",
    "server active",
    "switch port set",
    "login by ssh",
    "switch port back",
    "node back in the pool",
)


def test_a_user_works_on_a_real_machine(on_site, machines, artifacts):
    """It is not rebuilt meanwhile, which takes as long as all the rest: `make machines` does it."""
    words = ("--node", machines[0].name, "--no-handle", "--output", "json")
    said = on_site("verify", "--level", "full", *words, code=None).stdout
    (artifacts / "machine.json").write_text(said)
    # Others are at work on this site, and its logs keep what tests have broken.
    results = {
        each["name"].partition(": ")[2]: each
        for each in json.loads(said)["results"]
        if each["name"].startswith("experiment")
    }
    assert not [each for each in results.values() if each["status"] == "failed"]
    for name in ON_HARDWARE:
        assert results[name]["status"] == "passed", name

    console, login = results["console"], results["login by ssh"]
    assert base64.b64decode(console["picture"]).startswith(PNG)
    page = artifacts / "machine.html"
    on_site("report", "--output", str(page))
    shown = page.read_text()
    assert console["picture"] in shown
    assert login["log"][0] in shown
