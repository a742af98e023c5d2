"""Level quick for real: this machine as a host through Ansible, a dead one beside it, a cloud."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import control_hosts
import pytest
import served
import small_site
import this_machine
from small_cloud import Cloud, clouds_yaml
from this_machine import inspected

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import known
from cc_ansible.runs.steps import Steps
from cc_ansible.site.load import load
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey
from cc_ansible.verify import record, run
from cc_ansible.verify.result import Level, Result, Status
from cc_ansible.verify.run import Verification

SETTINGS = """\
docker_registry: r.example.org
openstack_tag: "2026.1-test"
api_interface: lo
neutron_external_interface: nonesuch
kolla_container_engine: podman
node_config_directory: {config}
"""
HOSTS = (
    "here ansible_connection=local ansible_become=false",
    "closed ansible_host=127.0.0.1 ansible_port=1",
)
INVENTORY = control_hosts.inventory(*HOSTS) + control_hosts.DEPLOYED_FROM_HERE
IMAGE = "r.example.org/kolla/{}:2026.1-test"
SECRET = "made-up-mariadb_monitor_password"


class Home:
    """A site, what it left, and how to verify it."""

    def __init__(self, path: Path) -> None:
        self.path = small_site.write(path / "site", SETTINGS.format(config=path / "etc"))
        small_site.complete(self.path)
        (self.path / "inventory" / "hosts").write_text(INVENTORY)
        self.state = load(self.path, env={}).state_dir

    def verify(self, *only: str, level: Level = Level.QUICK) -> Verification:
        subject = Subject(Survey(self.path), known)
        with Steps(quiet=True) as steps:
            return run.verify(load(self.path, env={}), subject, level, steps, only)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """This machine with an engine of files that has two containers, and a cloud that answers."""
    path = tmp_path_factory.mktemp("verify")
    for name in ("etc", "logs"):
        (path / name).mkdir()
    (path / "logs" / "nova-api.log").write_text(
        time.strftime(f"%Y-%m-%d %H:%M:%S.123 7 ERROR nova [-] told {SECRET}\n")
    )
    keystone, memcached = (
        inspected(name, Health={"Status": "healthy"}) for name in ("keystone", "memcached")
    )
    keystone["Config"]["Image"] = IMAGE.format("keystone")
    logs = {"Type": "volume", "Source": str(path / "logs"), "Destination": "/var/log/kolla"}
    keystone["Mounts"] = [logs]
    (path / "containers.json").write_text(json.dumps([keystone, memcached]))
    about = {
        "services": ("identity",), "answers": {}, "asked": [], "log_message": lambda *_: None
    }  # fmt: skip
    with (
        served.http(type("This", (Cloud,), about)) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("CC_ANSIBLE_STATE_DIR", str(path / "state"))
        patch.setenv("PATH", f"{this_machine.engine(path)}:{os.environ['PATH']}")
        patch.setenv("NO_PROXY", "127.0.0.1")
        made = Home(path)
        (made.state / "credentials").mkdir(parents=True)
        clouds_yaml(made.state / "credentials" / "clouds.yaml", address)
        yield made


@pytest.fixture(scope="module")
def found(home: Home) -> dict[str, Result]:
    return {result.name: result for result in home.verify().results}


def test_containers_that_kolla_would_run_are_expected(found: dict[str, Result]) -> None:
    result = found["containers on here"]
    missing = {each.removesuffix(" is missing") for each in result.detail.split("; ")}
    assert {"nova_api", "haproxy", "mariadb", "doni_worker", "blazar_manager"} <= missing
    assert "keystone" not in missing and "memcached" not in missing
    assert f"the site says {IMAGE.format('memcached')}" in result.cause
    assert "`cc-ansible deploy --tags nova`" in result.fix


def test_a_dead_host_fails_alone(found: dict[str, Result]) -> None:
    result = found["host closed"]
    assert "Connection refused" in result.detail
    assert "containers on closed" not in found
    assert not found["host here"].failed


def test_services_of_the_host_are_asked_with_the_sites_own_values(
    found: dict[str, Result], home: Home
) -> None:
    asked = (home.path.parent / "asked").read_text().splitlines()
    (words,) = [json.loads(each) for each in asked if '"exec"' in each]
    assert words["words"][-8:-2] == ["--host", "127.0.0.1", "--port", "3306", "--user", "monitor"]
    assert words["secret"] == SECRET
    assert found["Galera"].failed
    assert "here: ValueError" in found["RabbitMQ"].detail or "refused" in found["RabbitMQ"].detail


def test_no_secret_of_the_site_is_shown_or_kept(found: dict[str, Result], home: Home) -> None:
    assert found["logs of here"].failed
    assert "nova [-] told ********" in found["logs of here"].cause
    assert SECRET not in (home.state / record.FILE).read_text()


def test_the_cloud_is_asked_at_the_same_time(found: dict[str, Result]) -> None:
    assert found["token"].status is Status.PASSED
    assert {name for name in found if name.startswith("endpoint ")} == {
        "endpoint name-of-identity internal",
        "endpoint name-of-identity public",
    }


def test_the_clock_of_this_machine_agrees_with_itself(found: dict[str, Result]) -> None:
    assert "behind" not in found["clock of here"].detail
    assert "ahead" not in found["clock of here"].detail


def test_results_are_kept_for_others(found: dict[str, Result], home: Home) -> None:
    kept = json.loads((home.state / record.FILE).read_text())
    assert [each["name"] for each in kept] == list(found)


def test_some_checks_alone_are_asked_and_not_kept(found: dict[str, Result], home: Home) -> None:
    before = (home.state / record.FILE).stat().st_mtime_ns
    asked = (home.path.parent / "asked").stat().st_mtime_ns
    some = home.verify("token", "endpoint*")
    assert [result.name.split()[0] for result in some.results] == ["token", "endpoint", "endpoint"]
    assert (home.state / record.FILE).stat().st_mtime_ns == before
    assert (home.path.parent / "asked").stat().st_mtime_ns == asked


def test_the_catalogue_is_compared_with_what_kolla_registers(home: Home) -> None:
    (result,) = home.verify("catalogue", level=Level.STANDARD).results
    assert result.failed
    assert "nova internal: missing" in result.detail
    assert "The catalogue lacks http://192.0.2.250:8774/v2.1 (compute, internal)." in result.cause
    assert "doni internal: missing" in result.detail
    assert "ironic-inspector" not in result.detail


def test_a_site_without_hosts_is_refused(home: Home, tmp_path: Path) -> None:
    empty = Home(tmp_path)
    (empty.path / "inventory" / "hosts").write_text("[control]\n[network]\n[compute]\n")
    with pytest.raises(SiteInvalid):
        empty.verify()
