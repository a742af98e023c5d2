"""Level standard: what is tried, and that nothing of it stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openstack.connection import Connection
from small_cloud import World, clouds_yaml
from things import Things

from cc_ansible.verify.catalogue import Entry, missing
from cc_ansible.verify.cloud import connect
from cc_ansible.verify.experiment import names
from cc_ansible.verify.result import Result, Status
from cc_ansible.verify.standard import checks, leftovers
from cc_ansible.verify.standard.ground import Ground

SERVICES = ("network", "image", "compute", "orchestration", "reservation", "placement", "inventory")


class Cloud:
    """A cloud that keeps things; ``kept`` by kind and id."""

    def __init__(self, serve: Callable[..., str], file: Any) -> None:
        self.kept: dict[str, dict[str, dict[str, Any]]] = {}
        self.broken: set[str] = set()
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        about = {
            "services": SERVICES, "kept": self.kept, "broken": self.broken,
            "answers": self.answers, "asked": self.asked,
        }  # fmt: skip
        self.address = serve(type("This", (Things,), about))
        self.file = clouds_yaml(file, self.address)
        self.connection: Connection = connect(self.file)

    def run(self, *only: str, **ground: Any) -> dict[str, Result]:
        """Results of the checks of these names."""
        named = Ground(self.connection, leftovers.new_name(), **ground)
        found = checks.run(named, only, lambda text: None)
        return {result.name: result for result in found}

    @property
    def left(self) -> list[str]:
        """Names of what is there and not called ``theirs``."""
        things = [thing for kind in self.kept.values() for thing in kind.values()]
        names = [str(each.get("name", each.get("stack_name", ""))) for each in things]
        return [name for name in names if name != "theirs"]


@pytest.fixture
def cloud(serve: Callable[..., str], tmp_path: Any) -> Iterator[Cloud]:
    made = Cloud(serve, tmp_path / "clouds.yaml")
    yield made


def test_a_network_with_all_its_parts_is_made_and_removed(cloud: Cloud) -> None:
    result = cloud.run("network")["network"]
    assert not result.failed, result
    made = [each for each in cloud.asked if each.startswith("POST /network")]
    assert [each.rsplit("/", 1)[1] for each in made] == ["networks", "subnets", "ports", "routers"]
    assert [kind for kind, things in cloud.kept.items() if things] == ["subnets"]


def test_an_image_comes_back_as_it_was_and_is_removed(cloud: Cloud) -> None:
    result = cloud.run("image")["image"]
    assert (result.status, result.detail) == (
        Status.PASSED,
        "1 MiB up and down, sha512 agrees",
    ), result
    assert cloud.left == []


def test_an_image_that_was_spoiled_fails(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "things.hashlib.sha512", lambda data: __import__("hashlib").blake2b(data + b"x")
    )
    result = cloud.run("image")["image"]
    assert result.failed
    assert result.cause.startswith("Glance's store spoils data")
    assert cloud.left == []


def test_a_server_that_fits_nowhere_is_refused_by_the_scheduler(cloud: Cloud) -> None:
    result = cloud.run("server dry run")["server dry run"]
    assert (result.failed, result.detail) == (False, "an impossible server ends in NoValidHost")
    assert cloud.left == []


def test_a_stack_is_made_and_removed(cloud: Cloud) -> None:
    cloud.answers["GET /orchestration/v1/p"] = (404, {})
    result = cloud.run("stack")["stack"]
    assert (result.failed, result.detail) == (False, "made and removed"), result
    assert cloud.left == []


def test_what_breaks_in_the_middle_leaves_nothing_behind(cloud: Cloud) -> None:
    cloud.broken.add("POST /network/v2.0/ports")
    result = cloud.run("network")["network"]
    assert result.failed
    assert "its database or RabbitMQ is out of reach" in result.cause
    assert result.runbook == "docs/verify.md#network"
    assert cloud.kept["networks"] == {}


def test_ctrl_c_removes_what_was_made(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        # As when the request was sent and the answer is not read any more.
        cloud.connection.network.create_network(name=f"{ground.name}-network")
        raise KeyboardInterrupt

    monkeypatch.setattr(checks, "CHECKS", (("network", interrupted),))
    ground = Ground(cloud.connection, leftovers.new_name())
    cloud.kept["networks"] = {"n": {"id": "n", "name": "theirs"}}
    with pytest.raises(KeyboardInterrupt):
        checks.run(ground, (), lambda text: None)
    assert cloud.left == []
    assert list(cloud.kept["networks"]) == ["n"]


def gone() -> str:
    """The name of a verification whose process does not exist any more."""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return leftovers.new_name().replace(f"-{os.getpid()}-", f"-{pid}-")


def test_what_a_killed_verification_left_is_removed_first(cloud: Cloud) -> None:
    dead, alive = gone(), leftovers.new_name()
    cloud.kept |= {
        "networks": {
            "1": {"id": "1", "name": f"{dead}-network"},
            "2": {"id": "2", "name": f"{alive}-network"},
            "3": {"id": "3", "name": "theirs"},
        },
        "images": {"4": {"id": "4", "name": f"{dead}-image"}},
        "servers": {"5": {"id": "5", "name": f"{dead}-server", "status": "ERROR"}},
        "leases": {"6": {"id": "6", "name": f"{dead}-lease"}},
    }
    cloud.answers["GET /inventory/v1/hardware/"] = {"hardware": []}
    found = cloud.run("hardware list")
    removed = found["leftovers of killed verifications"]
    assert not removed.failed, removed
    assert removed.detail.count(dead) == 4
    assert cloud.left == [f"{alive}-network"]


def test_leftovers_that_cannot_be_removed_are_named(cloud: Cloud) -> None:
    dead = gone()
    cloud.kept["images"] = {"4": {"id": "4", "name": f"{dead}-image"}}
    cloud.broken.add("DELETE /image/v2/images")
    cloud.answers["GET /inventory/v1/hardware/"] = {"hardware": []}
    result = cloud.run("hardware list")["leftovers of killed verifications"]
    assert result.failed
    assert f"{dead}-image" in result.detail


def test_leftovers_of_experiments_and_of_others_are_not_ours() -> None:
    assert leftovers.abandoned(f"{gone()}-network")
    assert not leftovers.abandoned(f"{leftovers.new_name()}-network")
    assert not leftovers.abandoned(gone().removesuffix(names.CHECK))
    assert not leftovers.abandoned("cc-verify-something")
    long_ago = f"cc-verify-{int(time.time() - 90000):08x}-{names.machine()}-1-abcd"
    assert leftovers.abandoned(f"{long_ago}{names.CHECK}-network")


# --- catalogue, leases, hardware -------------------------------------------------------------


def entry(url: str, interface: str = "internal", kind: str = "compute") -> Entry:
    return Entry("nova", kind, interface, url)


@pytest.mark.parametrize(
    ("wanted", "present", "complete"),
    [
        ("http://vip:8774/v2.1", "http://vip:8774/v2.1", True),
        ("http://vip:8774/v2.1", "http://vip:8774/v2.1/", True),
        ("http://vip:8774/v2.1", "http://vip:8774/v2.1/more", False),
        ("http://vip:8774/v2.1", "http://old:8774/v2.1", False),
        ("http://vip:8004/v1/%(tenant_id)s", "http://vip:8004/v1/0a1b", True),
        ("http://vip:6780/v1/AUTH_%(project_id)s", "http://vip:6780/v1/AUTH_0a1b", True),
        ("http://vip:8004/v1/%(tenant_id)s", "http://old:8004/v1/0a1b", False),
    ],
)
def test_addresses_of_the_catalogue_are_compared(wanted: str, present: str, complete: bool) -> None:
    assert (missing([entry(wanted)], [entry(present)]) == []) is complete
    assert missing([entry(wanted)], [entry(present, "public")])
    assert missing([entry(wanted)], [entry(present, kind="network")])


def test_a_catalogue_that_lacks_something_says_what_it_has(cloud: Cloud) -> None:
    wanted = [
        Entry("glance", "image", "internal", f"http://{cloud.address}/image"),
        Entry("glance", "image", "public", "http://public:9292"),
        Entry("cinder", "block-storage", "internal", "http://vip:8776/v3"),
    ]
    result = cloud.run("catalogue", catalogue=wanted)["catalogue"]
    assert result.failed
    assert f"glance public: http://{cloud.address}/image" in result.detail
    assert "cinder internal: missing" in result.detail
    assert "`cc-ansible deploy --tags cinder`" in result.fix
    fine = cloud.run("catalogue", catalogue=wanted[:1])["catalogue"]
    assert (fine.failed, fine.detail) == (False, "1 endpoints as expected, 7 types of services")


def test_a_lease_is_made_far_ahead_and_given_back(cloud: Cloud) -> None:
    cloud.kept["os-hosts"] = {}
    cloud.answers["GET /reservation/v1/os-hosts"] = {"hosts": [{"id": "1", "reservable": True}]}
    cloud.answers["POST /reservation/v1/leases"] = (201, {"lease": {"id": "L"}})
    cloud.answers["DELETE /reservation/v1/leases/L"] = (200, {})
    result = cloud.run("lease")["lease"]
    assert (result.failed, result.detail) == (
        False,
        "a host of 1 reserved in 5 years, and given back",
    ), result
    assert "DELETE /reservation/v1/leases/L" in cloud.asked


# As Blazar's MaxLeaseDurationException says it.
TOO_LONG = "Lease duration of 3600 seconds must be less than or equal to the maximum lease "
TOO_LONG += "duration of 600 seconds."


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        (400, "Not enough resources available", Status.SKIPPED),
        (500, "Not enough hosts available", Status.SKIPPED),
        (409, "Lease is longer than allowed", Status.SKIPPED),
        (400, TOO_LONG, Status.SKIPPED),
        (500, "Internal Server Error", Status.FAILED),
        (400, "Malformed parameter events", Status.FAILED),
        (403, "Policy doesn't allow blazar:leases:post", Status.FAILED),
        (409, "The lease with name: cc-verify already exists", Status.FAILED),
    ],
)
def test_a_lease_that_is_refused(code: int, text: str, status: Status, cloud: Cloud) -> None:
    cloud.answers["GET /reservation/v1/os-hosts"] = {"hosts": [{"id": "1"}]}
    cloud.answers["POST /reservation/v1/leases"] = (code, {"error_message": text})
    result = cloud.run("lease")["lease"]
    assert result.status is status
    assert text in result.detail
    tries = cloud.asked.count("POST /reservation/v1/leases")
    assert tries == (3 if "enough" in text else 1)
    assert "calendars" in result.detail or "enough" not in text


def test_a_site_without_a_free_host_makes_no_lease(cloud: Cloud) -> None:
    cloud.answers["GET /reservation/v1/os-hosts"] = {"hosts": []}
    result = cloud.run("lease")["lease"]
    assert (result.status, result.detail) == (
        Status.SKIPPED,
        "Blazar has no host that can be reserved",
    )


def test_hardware_whose_tasks_failed_is_named(cloud: Cloud) -> None:
    def item(name: str, state: str) -> dict[str, Any]:
        workers = [{"worker_type": "ironic", "state": state}]
        kind = {"hardware_type": "baremetal", "properties": {}, "project_id": "p"}
        return {"uuid": name, "name": name, "workers": workers, **kind}

    cloud.answers["GET /inventory/v1/hardware/"] = {"hardware": [item("c01", "STEADY")]}
    assert cloud.run("hardware list")["hardware list"].detail == "1 items"
    rows = [item("c01", "STEADY"), item("c02", "ERROR")]
    cloud.answers["GET /inventory/v1/hardware/"] = {"hardware": rows}
    result = cloud.run("hardware list")["hardware list"]
    assert (result.failed, result.detail) == (True, "1 tasks failed: c02: ironic")


def test_a_service_that_the_site_does_not_run_is_skipped(world: World) -> None:
    ground = Ground(world.connection("network", "image", "compute"), leftovers.new_name())
    names = ("stack", "lease", "hardware list", "dashboard page", "dashboard login", "flavors")
    found = {each.name: each for each in checks.run(ground, names, lambda text: None)}
    assert {name: found[name].status for name in names} == dict.fromkeys(names, Status.SKIPPED)


def test_a_service_that_is_on_and_not_in_the_catalogue_fails(world: World) -> None:
    wanted = [Entry("heat", "orchestration", "internal", "http://vip:8004")]
    ground = Ground(world.connection("image"), leftovers.new_name(), wanted)
    found = {each.name: each for each in checks.run(ground, ("stack",), lambda text: None)}
    assert found["stack"].failed
    assert "`cc-ansible deploy --tags heat`" in found["stack"].fix


def test_flavors_say_how_many_nodes_each_would_get(cloud: Cloud) -> None:
    specs = {"resources:CUSTOM_BAREMETAL": "1", "resources:VCPU": "0"}
    kvm = {"id": "2", "name": "m1.small", "extra_specs": {}}
    bare = {"id": "1", "name": "baremetal", "extra_specs": specs}
    cloud.kept["flavors"] = {"1": bare, "2": kvm}
    found = {"allocation_requests": [{}, {}]}
    cloud.answers["GET /placement/allocation_candidates"] = found
    wanted = [Entry("ironic", "baremetal", "internal", "x")]
    ground = Ground(cloud.connection, "n", wanted, _present=[entry("x", kind="baremetal")])
    assert checks.computing.flavors(ground) == "baremetal: 2 nodes free"


# --- Horizon ---------------------------------------------------------------------------------

FORM = """\
<form id="login" method="POST"><input type="hidden" name="csrfmiddlewaretoken" value="tok&amp;en">
<select name="region"><option value="default">here</option></select>
<input type="text" name="username"><input type="password" name="password" value="">{}</form>"""
LOGIN, HOME = "/dash/auth/login/", {"Location": "/dash/project/"}


def horizon(world: World, *, good: bool = True, page: object = FORM.format("")) -> Ground:
    refused = FORM.format('<div class="alert alert-danger"><p>Invalid &quot;login&quot;.</div>')
    sent: list[bytes] = []
    world.answers |= {
        f"GET {LOGIN}": page,
        f"POST {LOGIN}": lambda body: sent.append(body) or ((302, "", HOME) if good else refused),
        "GET /dash/project/": "Sign Out",
        "GET /dash/auth/logout/": "bye",
    }
    connection = world.connection("identity")
    world.answers["sent"] = sent
    return Ground(connection, "n", dashboards=[f"http://{world.address}/dash"])


def test_horizon_shows_its_login_page(world: World) -> None:
    found = checks.dashboard.page(horizon(world))
    assert found == f"http://{world.address}/dash have it"


@pytest.mark.parametrize(
    ("page", "cause"),
    [
        ("<html>It works!</html>", "is not Horizon's login page"),
        ((503, "no server"), "HAProxy has no server for it that works"),
        ((400, "Bad Request"), "ALLOWED_HOSTS"),
    ],
)
def test_something_else_at_its_address_is_no_login_page(
    page: object, cause: str, world: World
) -> None:
    with pytest.raises(checks.Failed) as failed:
        checks.dashboard.page(horizon(world, page=page))
    assert cause in failed.value.troubles[0].cause


def test_the_admin_logs_in_with_what_the_form_holds(world: World) -> None:
    ground = horizon(world)
    assert checks.dashboard.login(ground) == f"admin gets in at http://{world.address}/dash"
    assert world.asked[-1] == "GET /dash/auth/logout/"
    (sent,) = world.answers["sent"]
    assert b"csrfmiddlewaretoken=tok%26en" in sent
    assert b"region=default" in sent
    assert b"username=admin&password=right" in sent


def test_a_refused_login_says_what_the_page_says(world: World) -> None:
    with pytest.raises(checks.Failed) as failed:
        checks.dashboard.login(horizon(world, good=False))
    (trouble,) = failed.value.troubles
    assert 'Invalid "login".' in trouble.seen
    assert "does not reach Keystone" in trouble.cause
