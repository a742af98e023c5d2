from __future__ import annotations

import pytest

from cc_ansible.errors import Exit
from cc_ansible.runs import diagnose
from cc_ansible.runs.events import HostResult, typed
from cc_ansible.runs.hints import hint


def failure(host: str = "node1", **fields: object) -> HostResult:
    raw = {
        "event": "host_failed",
        "host": host,
        "uuid": "u1",
        "task": "Start it",
        "role": "nova",
        **fields,
    }
    event = typed(raw)
    assert isinstance(event, HostResult)
    return event


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"msg": "it is broken"}, "it is broken"),
        (
            {"msg": "non-zero return code", "rc": 3, "stderr": "a\n\noops\n"},
            "a\noops (exit code 3)",
        ),
        ({"msg": "non-zero return code", "rc": 3}, "exit code 3, no output"),
        (
            {"msg": repr("Traceback (most recent call last):\n  x\nValueError: bad\n")},
            "ValueError: bad",
        ),
        ({"msg": "Task failed: Module failed: why"}, "why"),
        (
            {
                "msg": "Module result deserialization failed: No start of json char found",
                "module_stderr": "python3: not found",
            },
            "python3: not found",
        ),
        ({"msg": ["one", "two"]}, "one\ntwo"),
        ({}, "no message"),
        (
            {
                "msg": "One or more items failed",
                "items": [
                    {"label": "a", "msg": "first"},
                    {"label": "b", "msg": "non-zero return code", "rc": 2},
                ],
            },
            "a: first\nb: exit code 2, no output",
        ),
    ],
)
def test_the_reason_is_what_a_person_would_say(fields: dict, reason: str) -> None:
    assert diagnose.brief(failure(**fields)) == reason


def test_a_long_message_is_shortened() -> None:
    short = diagnose.brief(failure(msg="\n".join(["x" * 1000] * 50)))
    assert len(short.splitlines()) <= 7 and max(map(len, short.splitlines())) <= 400


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("ssh: connect to host n port 22: Connection timed out", "does not answer"),
        ("Permission denied (publickey,password).", "SSH refused the key"),
        ("Host key verification failed.", "ssh-keygen -R node1"),
        ("Missing sudo password", "sudo without a password"),
        ("write /x: no space left on device", "disk of node1 is full"),
        ("pull access denied for kolla/nova-api", "Build and push"),
        ("manifest for reg:4000/x:1 not found: manifest unknown", "Build and push"),
        ("bind: address already in use", "ss -ltnp"),
        ("Hosts respond to ping on kolla_internal_vip_address: already in use", "virtual IP"),
        ("Container timed out", "docker logs nova_api"),
        ("Attempting to decrypt but no vault secrets found", "vault password"),
        ("'nova_x' is undefined", "Nothing sets nova_x"),
        ("all is well", ""),
    ],
)
def test_common_failures_name_the_next_step(message: str, advice: str) -> None:
    found = hint(message, host="node1", container="nova_api")
    assert advice in found if advice else found == ""


def test_one_failure_on_many_hosts_is_told_once_with_the_log() -> None:
    asked: list[tuple[str, str]] = []

    def log(host: str, container: str) -> list[str]:
        asked.append((host, container))
        return [f"line {number}" for number in range(100)]

    events = [failure(host, msg="Container timed out", container="nova_api") for host in ("a", "b")]
    (found,) = diagnose.diagnose(events, log)
    assert found.hosts == ("a", "b") and asked == [("a", "nova_api")]
    assert found.log[0] == "line 80" and len(found.log) == 20
    error = diagnose.error("deploy", [found], exit_code=2, resume="cc-ansible deploy")
    assert error.summary == "deploy failed at nova : Start it on 2 hosts."
    assert "What to do: The service does not come up" in error.detail
    assert error.fix == "Then go on with: cc-ansible deploy"
    assert error.exit_code == Exit.RUN_FAILED


def test_a_log_that_cannot_be_read_does_not_hide_the_failure() -> None:
    def broken(host: str, container: str) -> list[str]:
        raise OSError("down")

    (found,) = diagnose.diagnose([failure(msg="no", container="x")], broken)
    assert found.message == "no" and found.log == ()


def test_without_an_event_the_output_explains() -> None:
    error = diagnose.error(
        "deploy", [], exit_code=4, output=["", "[ERROR]: no vault secrets found"]
    )
    assert "exit code 4" in error.summary and "no vault secrets" in error.detail
    assert "vault password" in error.fix
