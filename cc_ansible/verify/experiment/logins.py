"""Connections that an experiment needs besides the admin's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cc_ansible.hardware.credentials import TIMEOUT, Cloud

if TYPE_CHECKING:
    from openstack.connection import Connection
    from openstack.identity.v3._proxy import Proxy

_WHO = ("user_id", "username", "password", "user_domain_id", "user_domain_name")


def whole_system(admin: Connection) -> Connection:
    """The same admin for the whole system, who sees every node of Ironic, whoever owns it."""
    auth: dict[str, Any] = admin.config.get_auth_args()
    who = {key: auth[key] for key in _WHO if auth.get(key)}
    return _connection(admin, **who, system_scope="all")


def member(admin: Connection, user_id: str, password: str, project_id: str) -> Connection:
    """A user in a project."""
    return _connection(admin, user_id=user_id, password=password, project_id=project_id)


def domain_id(admin: Connection) -> str:
    """The domain of the admin's project."""
    auth: Any = admin.session.auth
    return str(auth.get_access(admin.session).project_domain_id)


def identity(admin: Connection) -> Proxy:
    """Keystone; the connection's type leaves open which version of its API it is."""
    return cast("Proxy", admin.identity)


def cloud(connection: Connection) -> Cloud:
    """What the clients for hardware take, with the session of a connection."""
    config = connection.config
    entry = {
        "auth": {"auth_url": str(config.get_auth_args().get("auth_url", ""))},
        "interface": config.get_interface(),
        "region_name": config.get_region_name(),
    }
    return Cloud(Path("clouds.yaml"), entry, _sessions={None: connection.session})


def _connection(admin: Connection, **auth: Any) -> Connection:
    from keystoneauth1.identity import v3
    from keystoneauth1.session import Session
    from openstack.config.cloud_region import from_session
    from openstack.connection import Connection as Made

    config = admin.config
    url = config.get_auth_args()["auth_url"]
    verify, cert = config.get_requests_verify_args()
    session = Session(
        auth=v3.Password(auth_url=url, **auth),
        verify=verify,
        cert=cert,
        timeout=admin.session.timeout or TIMEOUT,
    )
    region = from_session(
        session,
        region_name=config.get_region_name(),
        interface=config.get_interface(),
        auth={"auth_url": url},
    )
    return Made(config=region)
