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
    "switched off and on",
    "rebuilt from its image",
    "node available in Ironic",
)


def test_a_user_works_on_a_real_machine(on_site, machines, artifacts):
    words = ("--node", machines[0].name, "--only", "experiment*", "--output", "json")
    said = on_site("verify", "--level", "full", *words, code=None).stdout
    (artifacts / "machine.json").write_text(said)
    results = {each["name"].split(": ")[-1]: each for each in json.loads(said)["results"]}
    failed = {name: each for name, each in results.items() if each["status"] == "failed"}
    assert not failed
    for name in ON_HARDWARE:
        assert results[name]["status"] == "passed", name

    console, login = results["console"], results["login by ssh"]
    assert base64.b64decode(console["picture"]).startswith(PNG)
    page = artifacts / "machine.html"
    on_site("report", "--output", str(page))
    shown = page.read_text()
    assert console["picture"] in shown
    assert login["log"][0] in shown
