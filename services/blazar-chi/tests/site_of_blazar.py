"""A site with Blazar: its manager, its API, and people who ask it.

RabbitMQ is the one part that is not there: calls of the API reach the manager directly, through
JSON, and errors come back as Blazar gets them from a broker, by the name of their class.
"""

from __future__ import annotations

import datetime
import json
import logging
import pathlib
from typing import Any

import oslo_messaging
import schema
from blazar import context, policy
from blazar.api.v1 import app as api_app
from blazar.db.sqlalchemy import facade_wrapper
from blazar.manager import service as manager_service
from blazar.notification import notifier
from blazar.utils import service as service_utils
from cloud import Cloud
from oslo_config import cfg
from oslo_serialization import jsonutils
from oslo_utils import timeutils

CONF = cfg.CONF
CONFIGURATION = """
[DEFAULT]
transport_url = fake:/
os_auth_port = {port}
os_auth_prefix = identity
os_admin_username = blazar
os_admin_project_name = service
[database]
connection = {database}
[manager]
plugins = chi.host.plugin,chi.network.plugin,virtual.floatingip.plugin
[oslo_messaging_notifications]
driver = noop
[keystone_authtoken]
auth_type = password
auth_url = http://127.0.0.1:{port}/identity/v3
www_authenticate_uri = http://127.0.0.1:{port}/identity/v3
username = blazar
password = secret
project_name = service
user_domain_id = default
project_domain_id = default
"""
DATE = "%Y-%m-%d %H:%M"


class Refused(Exception):
    """The API said no."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status


class Site:
    """One Blazar; a new one for each test, since it keeps its options in a global."""

    def __init__(self, cloud: Cloud, file: pathlib.Path, database: str, options: str = "") -> None:
        self.cloud = cloud
        file.write_text(CONFIGURATION.format(port=cloud.port, database=database) + options)
        CONF([], project="blazar", default_config_files=[str(file)])
        policy.reset()
        facade_wrapper._clear_engine()
        schema.all_of_it(database, file)
        notifier.init()
        self.manager = manager_service.ManagerService()
        self._endpoint = service_utils.ContextEndpointHandler(self.manager, None)
        self._call = service_utils.RPCClient.call
        service_utils.RPCClient.call = lambda _, name, **kwargs: self.call(name, **kwargs)
        # Blazar's API answers nobody whose request it does not log.
        logging.getLogger("blazar.api.v1.request_log").setLevel(logging.INFO)
        self.app = api_app.make_app()
        self._client = self.app.test_client()

    def close(self) -> None:
        """Leave nothing behind for the next one."""
        service_utils.RPCClient.call = self._call
        CONF.clear()

    def call(self, name: str, **kwargs: Any) -> Any:
        """What the manager says to the API."""
        ctx = json.loads(jsonutils.dumps(context.current().to_dict()))
        kwargs = json.loads(jsonutils.dumps(kwargs))
        try:
            answer = getattr(self._endpoint, name)(ctx, **kwargs)
        except Exception as problem:
            raise oslo_messaging.RemoteError(type(problem).__name__, str(problem)) from problem
        return json.loads(jsonutils.dumps(answer))

    def ask(self, method: str, path: str, body: Any = None, who: str = "admin") -> Any:
        """The body of the answer to a request of an admin, or of a user of a project."""
        headers = {"X-Auth-Token": who, "Accept": "application/json"}
        answer = self._client.open("/v1" + path, method=method, json=body, headers=headers)
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.get_json())
        return answer.get_json() if answer.data else None

    def events(self) -> None:
        """Do what is due, as the manager does every ten seconds."""
        self.manager._process_events()

    def advance(self, **time: float) -> None:
        """Let time pass, and do what is due then."""
        timeutils.advance_time_delta(datetime.timedelta(**time))
        self.events()

    def in_the_manager(self, act: Any, *args: Any) -> Any:
        """Do what one of the manager's own tasks would do."""
        return service_utils.with_empty_context(act)(*args)

    def resource_id(self, lease: dict[str, Any]) -> str:
        """What the manager hands to the plugin for the one reservation of a lease."""
        found: str = lease["reservations"][0]["resource_id"]
        return found

    def host(self, node: str, **capabilities: Any) -> dict[str, Any]:
        """Make a node reservable."""
        host: dict[str, Any] = self.ask("POST", "/os-hosts", {"name": node, **capabilities})["host"]
        return host

    def lease(
        self,
        *reservations: dict[str, Any],
        who: str = "p1",
        start: datetime.timedelta | None = None,
        length: datetime.timedelta = datetime.timedelta(hours=1),
    ) -> dict[str, Any]:
        """A lease; it begins now, and has begun when this returns, unless a start is given."""
        begin = timeutils.utcnow() + (start or datetime.timedelta())
        body = {
            "name": "lease",
            "start_date": begin.strftime(DATE) if start else "now",
            "end_date": (begin + length).strftime(DATE),
            "reservations": list(reservations),
            "events": [],
        }
        lease = self.ask("POST", "/leases", body, who)["lease"]
        self.events()
        return self.show(lease)

    def show(self, lease: dict[str, Any]) -> dict[str, Any]:
        """The lease as it is now."""
        found: dict[str, Any] = self.ask("GET", f"/leases/{lease['id']}")["lease"]
        return found

    def standing(self, lease: dict[str, Any], who: str = "admin") -> dict[str, Any]:
        """What Nova's scheduler learns of the reservation of nodes in a lease."""
        (key,) = (r["id"] for r in lease["reservations"] if r["resource_type"] == "physical:host")
        answer = self.ask("GET", f"/os-hosts/reservable?reservation_id={key}", who=who)
        found: dict[str, Any] = answer["reservable"]["reservations"][key]
        return found

    def prolong(self, lease: dict[str, Any], end: datetime.datetime, who: str = "p1") -> Any:
        """Ask for another end."""
        body = {"end_date": end.strftime(DATE)}
        return self.ask("PUT", f"/leases/{lease['id']}", body, who)["lease"]


def nodes(number: int = 1, properties: Any = "", **more: Any) -> dict[str, Any]:
    """What a request says to reserve nodes."""
    text = properties if isinstance(properties, str) else json.dumps(properties)
    return {
        "resource_type": "physical:host",
        "min": number,
        "max": number,
        "hypervisor_properties": "",
        "resource_properties": text,
        **more,
    }


def uid(text: str) -> list[str]:
    """The property by which a node is asked for."""
    return ["==", "$uid", text]


def network(name: str = "net", properties: Any = "", **more: Any) -> dict[str, Any]:
    """What a request says to reserve a network."""
    return {
        "resource_type": "network",
        "network_name": name,
        "network_description": "",
        "network_properties": "",
        "resource_properties": properties
        if isinstance(properties, str)
        else json.dumps(properties),
        **more,
    }
