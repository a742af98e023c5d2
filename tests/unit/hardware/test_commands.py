"""What all commands of `hardware` do when the site cannot be asked, and small things of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from lending import Lending, fake
from own_credentials import may, rules
from testbed import PASSWORD
from werkzeug.wrappers import Response

from cc_ansible.cli.app import App
from cc_ansible.cli.main import cli
from cc_ansible.errors import Exit
from cc_ansible.runs.run import open_run

ASKING = [
    ("plan",),
    ("apply", "--yes"),
    ("roll",),
    ("list",),
    ("show", "f1"),
    ("retire", "f1", "--yes"),
    ("maintain", "f1", "--end"),
]
Break = Callable[[Lending], None]


def logins(lending: Lending) -> list[Path]:
    return list((lending.state / "credentials").iterdir())


def no_login(lending: Lending) -> None:
    for file in logins(lending):
        file.unlink()


def another_cloud(lending: Lending) -> None:
    for file in logins(lending):
        file.write_text("clouds: {other: {}}\n")


def wrong_password(lending: Lending) -> None:
    for file in logins(lending):
        file.write_text(file.read_text().replace(PASSWORD, "wrong"))


def test_what_only_looks_and_what_a_timer_runs_needs_no_admin(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    (lending.state / "credentials" / "clouds.yaml").unlink()
    for words in (("list",), ("show", "f1"), ("roll",)):
        lending.ok(*words)
    assert lending.run("plan").code == Exit.RUN_FAILED
    assert len(rules()) == 2
    for name in rules():
        assert not may(name, "doni", "DELETE", "/v1/hardware/1/")
        assert not may(name, "doni", "POST", "/v1/hardware/")
        assert not may(name, "blazar", "DELETE", "/v1/leases/1")
    assert not may("cc-ansible-looking", "doni", "PATCH", "/v1/hardware/1/")


@pytest.mark.parametrize("broken", [no_login, another_cloud, wrong_password])
def test_without_credentials(lending: Lending, broken: Break) -> None:
    lending.declare(fake("f1"))
    broken(lending)
    for words in ASKING:
        said = lending.run(*words)
        assert said.code == Exit.RUN_FAILED and "cc-ansible post-deploy" in said.err, words
        assert said.out == "" and PASSWORD not in said.err


def test_a_keystone_that_does_not_answer(lending: Lending) -> None:
    lending.declare(fake("f1"))
    file = lending.state / "credentials" / "clouds.yaml"
    content = yaml.safe_load(file.read_text())
    content["clouds"]["kolla-admin-internal"]["auth"]["auth_url"] = "http://127.0.0.1:9"
    file.write_text(yaml.safe_dump(content))
    said = lending.run("plan")
    assert said.code == Exit.RUN_FAILED and "Keystone does not answer." in said.err


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (502, "<html>Bad gateway</html>", "Doni: BAD GATEWAY"),
        (500, json.dumps({"error": "no database"}), "Doni: no database"),
        (200, "<html>", "Doni does not answer in JSON."),
        (200, json.dumps({"hardware": [{"uuid": "1"}]}), "Doni's answer makes no sense."),
    ],
    ids=["proxy", "error", "no JSON", "no item"],
)
def test_a_doni_out_of_order(lending: Lending, status: int, text: str, message: str) -> None:
    lending.declare(fake("f1"))
    lending.bed.before = lambda _, path: (
        Response(text, status, content_type="application/json")
        if path.startswith("/v1/hardware")
        else None
    )
    for words in ASKING:
        said = lending.run(*words)
        assert said.code not in (Exit.OK, Exit.CHANGES_PENDING) and message in said.err, words
        assert "defect in cc-ansible" not in said.err


@pytest.mark.parametrize("body", [{}, {"hardware": None}, [], "no"], ids=str)
def test_a_doni_that_answers_something_else(lending: Lending, body: object) -> None:
    lending.declare(fake("f1"))
    lending.bed.before = lambda _, path: (
        Response(json.dumps(body), content_type="application/json")
        if path.startswith("/v1/hardware")
        else None
    )
    assert "Doni's answer makes no sense." in lending.run("plan").err


def test_a_blazar_that_answers_something_else(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    lending.bed.before = lambda _, path: (
        Response("{}", content_type="application/json") if "/leases" in path else None
    )
    assert "Blazar's answer makes no sense." in lending.run("show", "f1").err


def test_a_doni_that_lists_in_pages(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"))
    lending.apply()
    whole = [
        {
            "uuid": item["uuid"],
            "name": item["name"],
            "project_id": item["project_id"],
            "hardware_type": "baremetal",
            "properties": item["properties"],
        }
        for item in lending.json("list")
    ]
    pages = iter(whole)

    def page(_: str, path: str) -> Response | None:
        if not path.startswith("/v1/hardware"):
            return None
        item = next(pages)
        more = [{"rel": "next", "href": f"{lending.bed.url}/v1/hardware/?marker={item['uuid']}"}]
        links = more if item is whole[0] else []
        text = json.dumps({"hardware": [item], "links": links})
        return Response(text, content_type="application/json")

    lending.bed.before = page
    assert lending.json("plan")["same"] == 2
    assert [path.partition("?")[2][:6] for path in lending.bed.lists()][:2] == ["all_pr", "marker"]


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "--yes"),
        ("retire", "f1", "--yes"),
        ("maintain", "f1", "--for", "1h", "--reason=x"),
    ],
    ids=lambda words: words[0],
)
def test_one_run_at_a_time(lending: Lending, words: tuple[str, ...]) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    lending.declare(fake("f1", calendar="never"))
    with open_run(lending.state, lending.path, "deploy", [], "deploy", version="1", quiet=True):
        assert lending.run(*words).code == Exit.LOCKED
        assert lending.bed.writes() == []
        assert lending.ok("plan").out and lending.ok("list").out


@pytest.mark.parametrize("words", [*ASKING[:3], ("export",), ("maintain", "f1", "--end")],
                         ids=lambda words: words[0])  # fmt: skip
def test_a_site_that_is_not_valid(lending: Lending, words: tuple[str, ...]) -> None:
    lending.declare(fake("f1", calendar="weekend"), calendars={"weekends": {"windows": "always"}})
    said = lending.run(*words)
    assert said.code == Exit.SITE_INVALID and "nodes.yml:" in said.err
    assert lending.bed.calls == []


def test_a_secret_that_is_missing(lending: Lending) -> None:
    lending.declare(fake("f1", properties={"key": "{{ no_such_password }}"}))
    said = lending.run("plan")
    assert said.code == Exit.SITE_INVALID and "no_such_password" in said.err
    assert "nodes.yml:" in said.err


def test_a_damaged_memory(lending: Lending) -> None:
    lending.declare(fake("f1"))
    (lending.state / "hardware.json").write_text("[]")
    said = lending.run("plan")
    assert said.code != Exit.OK and "hardware.json" in said.err and "Remove" in said.err


def test_the_runs_are_in_the_journal(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply("f1")
    lending.ok("maintain", "f1", "--for", "1h", "--reason", "new fan", "--no-wait")
    runs = list((lending.state / "runs").iterdir())
    [applied] = [each for each in runs if "-hardware-apply-" in each.name]
    assert sorted(each.name.split("-")[2] for each in runs) == ["apply", "maintain"]
    texts = [file.read_text() for file in applied.rglob("*") if file.is_file()]
    assert any("create f1: done" in text for text in texts)


def test_names_for_the_shell(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"), fake("g1"))
    context = cli.make_context("cc-ansible", ["hardware"], resilient_parsing=True)
    context.obj = App(str(lending.path))
    command = cli.get_command(context, "hardware")
    show = command.get_command(context, "show")  # type: ignore[union-attr]
    [name] = [each for each in show.params if each.name == "name"]
    assert [each.value for each in name.shell_complete(context, "f")] == ["f1", "f2"]
    context.obj = App("/there/is/no/site")
    assert name.shell_complete(context, "f") == []
