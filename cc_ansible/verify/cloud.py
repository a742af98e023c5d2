"""Connections to the site's cloud, and what their errors mean."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.verify.check import Trouble, unexpected

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection

CLOUD = "kolla-admin-internal"
"""The cloud of the clouds.yaml that post-deploy writes: admin of a project."""
TIMEOUT = 20
"""Seconds that one answer may take."""


def connect(clouds_yaml: Path) -> Connection:
    """A connection as the site's admin, from the clouds.yaml that post-deploy wrote."""
    import logging

    import openstack

    # What does not answer is said once, as the result of a check.
    logging.getLogger("keystoneauth").setLevel(logging.ERROR)
    config = openstack.config.OpenStackConfig(config_files=[str(clouds_yaml)])
    made = openstack.connection.Connection(config=config.get_one(cloud=CLOUD))
    made.session.timeout = TIMEOUT
    return made


def adapter(connection: Connection, service_type: str) -> Adapter:
    """What asks a service that the SDK has no words for; answers that refuse are returned."""
    from keystoneauth1.adapter import Adapter

    return Adapter(
        connection.session,
        service_type=service_type,
        interface=connection.config.get_interface(),
        region_name=connection.config.get_region_name(),
        raise_exc=False,
    )


def explain(problem: Exception) -> Trouble:
    """What an error of an API means to the one who has to repair it.

    Clients wrap errors in others that say less; the first that says something counts.
    """
    cause: BaseException | None = problem
    while isinstance(cause, Exception):
        if found := _explained(cause):
            return found
        cause = cause.__cause__ or cause.__context__
    return unexpected(problem)


def _explained(problem: Exception) -> Trouble | None:
    from openstack.exceptions import ConfigException

    if isinstance(problem, CcError):
        return Trouble(f"{problem.summary} {problem.detail}".strip(), "", problem.fix)
    text = _text(problem)
    if isinstance(problem, ConfigException):
        cause = "The clouds.yaml of this machine is not one that this release wrote."
        return Trouble(text, cause, "Make it again: `cc-ansible post-deploy`.")
    status = _status(problem)
    if status == 401:
        cause = "Keystone refuses the credentials: the password here is not the cloud's."
        fix = "Make them again: `cc-ansible post-deploy`; see `cc-ansible passwords check`."
        return Trouble(text, cause, fix)
    if status == 403:
        return Trouble(text, "Admin may not do this: a policy was changed.", "See policy files.")
    if status is not None and status >= 500:
        return answered(status, text)
    return silent(problem)


def answered(status: int, text: str) -> Trouble:
    """An answer that says that the service is broken."""
    if status == 503:
        cause = "HAProxy has no server for it that works."
        return Trouble(text, cause, "See check HAProxy and the containers of this service.")
    if status in (502, 504):
        cause = "The service behind HAProxy takes the request and does not answer it."
        return Trouble(text, cause, "See the containers and logs of this service.")
    cause = "The service runs and fails: most often its database or RabbitMQ is out of reach."
    return Trouble(text, cause, "See its log, and checks Galera and RabbitMQ.")


def silent(problem: Exception) -> Trouble | None:
    """Why there was no answer at all; None when there was one."""
    from keystoneauth1.exceptions import ConnectFailure
    from keystoneauth1.exceptions import SSLError as SSLFailure
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import SSLError, Timeout

    text, kinds = _text(problem), (ConnectFailure, SSLFailure, NoConnection, Timeout, OSError)
    if not isinstance(problem, kinds):
        return None
    if isinstance(problem, SSLFailure | SSLError | ssl.SSLError) or "certificate" in text:
        why = "has expired" if "expired" in text else "is not trusted by this machine"
        fix = "See checks of certificates; where your own CA signed it, kolla_admin_openrc_cacert."
        return Trouble(text, f"Its certificate {why}.", fix)
    if re.search(r"refused|Errno 111", text):
        cause = "Nothing listens there: HAProxy is down, or does not know this service."
        return Trouble(text, cause, "See checks VIP, HAProxy and container haproxy.")
    if re.search(r"resol|Name or service|getaddrinfo", text):
        cause = "Its name does not resolve on this machine."
        return Trouble(text, cause, "See kolla_internal_fqdn, kolla_external_fqdn and your DNS.")
    if re.search(r"reset|aborted|closed", text):
        cause = "The connection is cut: HAProxy finds no server, or one that crashes."
        return Trouble(text, cause, "See check HAProxy and the containers of this service.")
    if re.search(r"No route|unreachable", text):
        return Trouble(
            text, "There is no way to it from this machine.", "See checks VIP and hosts."
        )
    cause = "It does not answer in time: a firewall drops packets, no host has the VIP, or the "
    return Trouble(text, f"{cause}service hangs.", "See checks VIP, HAProxy and Galera.")


def _status(problem: Exception) -> int | None:
    for name in ("http_status", "status_code"):
        if isinstance(found := getattr(problem, name, None), int):
            return found
    return None


def _text(problem: Exception) -> str:
    """What it says, in one line, without the names of the classes it came through."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    for pattern in (r"\[Errno \d+\] [^'\")>]+", r"certificate verify failed: [^(]+", r"timed out"):
        if found := re.search(pattern, text):
            return f"{_where(text)}{found[0].strip()}"
    return text[:300]


def _where(text: str) -> str:
    found = re.search(r"https?://[^\s'\")]+|host='([^']+)', port=(\d+)", text)
    if not found:
        return ""
    return f"{found[1]}:{found[2]}: " if found[1] else f"{found[0].rstrip(':')}: "
