"""A small testbed here: Keystone, Blazar and Ironic as doubles, Doni as it is, on SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import own_credentials
import pytest
import served
import yaml
from doni.api.app import create_app
from doni.conf import opts
from doni.db import models, session
from doni.hardware import types
from oslo_config import cfg
from oslo_log import log
from werkzeug.wrappers import Request, Response

WORKERS = (
    "ironic", "blazar.physical_host", "blazar.device", "balena", "k8s", "tunelo",
)  # fmt: skip
PASSWORD = "keystone-secret"
OWN = "0" * 31 + "1"
OTHER = "0" * 31 + "2"
STRANGE = "0" * 31 + "3"
Wsgi = Callable[..., Iterable[bytes]]


class Testbed:
    """``calls`` are the requests that services got: service, method and path.

    ``admin_of`` are the projects that the admin may act for. ``leases`` and ``hosts`` are what
    Blazar has, ``nodes`` what Ironic has and shows to who asks for the whole system.
    """

    __test__ = False

    def __init__(self, directory: Path) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.admin_of = {OWN, OTHER}
        self.projects = {"admin": OWN, "physics": OTHER, "strangers": STRANGE}
        self.leases: list[dict[str, Any]] = []
        self.hosts: list[dict[str, Any]] = []
        self.allocations: list[dict[str, Any]] = []
        self.nodes: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.has_blazar = True
        self.availability_list = True
        self.before: Callable[[str, str], Response | None] = lambda method, path: None
        self.conf = _conf(f"sqlite:///{directory}/doni.sqlite")
        session.reset()
        session.configure(self.conf)
        models.Base.metadata.create_all(session.engine())
        self._doni: Wsgi = create_app(self.conf, auth=False)
        self.url = ""

    def login(self, state_dir: Path) -> None:
        """What post-deploy leaves."""
        auth = {
            "auth_url": self.url,
            "project_domain_name": "Default",
            "user_domain_name": "Default",
            "project_name": "admin",
            "username": "admin",
            "password": PASSWORD,
        }
        cloud = {"auth": auth, "interface": "internal", "region_name": "RegionOne"}
        system = {key: value for key, value in auth.items() if not key.startswith("project_")}
        whole = {**cloud, "auth": {**system, "system_scope": "all"}}
        directory = state_dir / "credentials"
        directory.mkdir(parents=True, exist_ok=True)
        for name, clouds in (
            (
                "clouds.yaml",
                {"kolla-admin-internal": cloud, "kolla-admin-system-internal": whole},
            ),
            ("cc-ansible-clouds.yaml", own_credentials.clouds(self.url, PASSWORD)),
        ):
            (directory / name).write_text(yaml.safe_dump({"clouds": clouds}))

    def writes(self) -> list[tuple[str, str]]:
        """Requests that change something, without Keystone's."""
        return [
            (method, path)
            for service, method, path in self.calls
            if service != "keystone" and method != "GET"
        ]

    def lists(self) -> list[str]:
        """Questions, without Keystone's."""
        return [path for service, method, path in self.calls if service != "keystone"
                and method == "GET"]  # fmt: skip

    def enrol(self, name: str, project: str = OWN, **properties: Any) -> str:
        """Enrol a node as somebody else would; returns its uuid."""
        body = {
            "management_address": "10.0.0.1",
            "interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:01"}],
            "cpu_arch": "x86_64",
            **properties,
        }
        from doni.db import hardware

        kind = types.TYPES["baremetal"]
        values = {"name": name, "project_id": project, "hardware_type": kind.name}
        return str(hardware.create({**values, "properties": body}, kind.workers).uuid)

    def tasks(self, state: str = "STEADY", **details: Any) -> None:
        """Have every task end so, as a worker would."""
        from sqlalchemy import update

        with session.writer() as db:
            db.execute(update(models.WorkerTask).values(state=state, state_details=details))

    def lease(self, host: str, start: str, end: str, name: str = "experiment") -> None:
        """A lease of a user for a host, which is called by the uuid of the hardware."""
        number = str(len(self.leases) + 1)
        if not any(each["id"] == host for each in self.hosts):
            self.hosts.append({"id": host, "hypervisor_hostname": host})
        self.leases.append(
            {
                "id": f"lease-{number}",
                "name": name,
                "project_id": OTHER,
                "start_date": start,
                "end_date": end,
                "status": "ACTIVE",
            }
        )
        reservation = {"id": f"r{number}", "lease_id": f"lease-{number}"}
        self.allocations.append(
            {
                "resource_id": host,
                "reservations": [{**reservation, "start_date": start, "end_date": end}],
            }
        )

    def app(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = Request(environ)
        service, method = _service(request.path), request.method
        self.calls.append((service, method, request.full_path.rstrip("?")))
        token = request.headers.get("X-Auth-Token", "")
        if (answer := self.before(method, request.path)) is not None:
            return answer(environ, start)
        _, _, credential = token.removeprefix("token-").partition(":")
        path = request.path.removeprefix("/blazar")
        if credential and not own_credentials.may(credential, service, method, path):
            return _reply({"error": "beyond its access rules"}, 401)(environ, start)
        if service == "doni":
            if not self.availability_list and request.path == "/v1/availability":
                return _reply({"error": "no such page"}, 404)(environ, start)
            self._identify(environ, token)
            return self._doni(environ, start)
        found: Response = getattr(self, f"_{service}")(request)
        return found(environ, start)

    def _identify(self, environ: dict[str, Any], token: str) -> None:
        if token.startswith("token-"):
            environ |= {
                "HTTP_X_IDENTITY_STATUS": "Confirmed",
                "HTTP_X_USER_ID": "u-admin",
                "HTTP_X_PROJECT_ID": token.removeprefix("token-").partition(":")[0],
                "HTTP_X_ROLES": "admin,member,reader",
            }

    def _keystone(self, request: Request) -> Response:
        if request.path.endswith("/projects"):
            found = [
                {"id": identity, "name": name, "domain_id": "default"}
                for name, identity in self.projects.items()
            ]
            return _reply({"projects": found})
        body = json.loads(request.get_data())["auth"]
        [method] = body["identity"]["methods"]
        said = body["identity"][method]
        if method == "application_credential":
            identity, given, name = OWN, said["secret"], f":{said['name']}"
        elif "system" in body["scope"]:
            identity, given, name = OWN, said["user"]["password"], ""
        else:
            project = body["scope"]["project"]
            identity = project.get("id") or self.projects[project["name"]]
            given, name = said["user"]["password"], ""
        if given != PASSWORD or identity not in self.admin_of:
            return _reply({"error": {"code": 401, "message": "no"}}, 401)
        token = {
            "methods": [method],
            "user": {"id": "u-admin", "name": "admin", "domain": {"id": "default"}},
            "project": {"id": identity, "name": "p", "domain": {"id": "default"}},
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "catalog": self._catalogue(),
        }
        return _reply({"token": token}, 201, {"X-Subject-Token": f"token-{identity}{name}"})

    def _catalogue(self) -> list[dict[str, Any]]:
        services = {"identity": self.url, "inventory": self.url}
        services["baremetal"] = f"{self.url}/ironic"
        if self.has_blazar:
            services["reservation"] = f"{self.url}/blazar/v1"
        return [
            {
                "type": kind,
                "name": kind,
                "id": kind,
                "endpoints": [
                    {
                        "interface": "internal",
                        "region": "RegionOne",
                        "region_id": "RegionOne",
                        "url": url,
                        "id": kind,
                    }
                ],
            }
            for kind, url in services.items()
        ]

    def _blazar(self, request: Request) -> Response:
        path = request.path.removeprefix("/blazar/v1")
        found = {
            "/leases": {"leases": self.leases},
            "/os-hosts": {"hosts": self.hosts},
            "/os-hosts/allocations": {"allocations": self.allocations},
        }.get(path)
        return _reply(found) if found else _reply({"error_message": "no such page"}, 404)

    def _ironic(self, request: Request) -> Response:
        """One node a page: there always is a next one but for the last."""
        if request.path.endswith("/history"):
            return _reply({"history": self.history})
        version = request.headers.get("X-OpenStack-Ironic-API-Version", "1.1")
        if "fault" in request.args["fields"] and int(version.split(".")[1]) < 42:
            return _reply({"error_message": '{"faultstring": "Request not acceptable."}'}, 406)
        after = request.args.get("marker")
        rest = [node for node in self.nodes if after is None or node["uuid"] > after]
        more = {"next": f"{self.url}/ironic/v1/nodes?marker=x"} if rest[1:] else {}
        return _reply({"nodes": rest[:1], **more})


@contextmanager
def running(directory: Path) -> Iterator[Testbed]:
    """A testbed that answers on a free port of this machine; its database is in ``directory``."""
    bed = Testbed(directory)
    try:
        with served.wsgi(bed.app) as address:
            bed.url = f"http://{address}"
            yield bed
    finally:
        session.reset()


@pytest.fixture
def bed(tmp_path: Path, no_proxy: None) -> Iterator[Testbed]:
    with running(tmp_path) as found:
        yield found


def _service(path: str) -> str:
    if path.startswith("/blazar"):
        return "blazar"
    if path.startswith("/ironic"):
        return "ironic"
    return "keystone" if path.startswith("/v3") else "doni"


def _reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body)
    return Response(text, status, headers=headers, content_type="application/json")


def _conf(url: str) -> cfg.ConfigOpts:
    found = cfg.ConfigOpts()
    opts.register(found)
    log.register_options(found)
    found([], project="doni", default_config_files=[])
    found.set_override("connection", url, group="database")
    found.set_override("enabled_hardware_types", list(types.TYPES))
    found.set_override("enabled_worker_types", list(WORKERS))
    return found
