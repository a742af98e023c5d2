"""Requests to other services: log in, send, tell what went wrong."""

from __future__ import annotations

import contextlib
import json as jsonlib
import logging
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import requests
from keystoneauth1 import adapter, exceptions, loading
from keystoneauth1.session import TCPKeepAliveAdapter
from oslo_config import cfg
from oslo_context import context
from oslo_utils import strutils

from doni.workers.base import WorkerError

LOG = logging.getLogger(__name__)

RETRIES = 2
"""How often a request that may be repeated is."""

UNAVAILABLE = [502, 503, 504]
"""Statuses that a proxy gives while a service restarts."""

LONGEST = 1000
"""Characters of a service's own words that are passed on."""

CONNECTIONS = 100
"""Connections to one service that are kept; more are made when more threads ask for one."""


@dataclass(frozen=True)
class Reply:
    """What a service answered. An empty body is None."""

    code: int
    body: Any
    text: str
    """What the service says went wrong; empty if it did not."""


class ServiceError(WorkerError):
    """A service answered a request with an error."""

    def __init__(self, service: str, status: int, text: str) -> None:
        super().__init__(f"{service} responded with HTTP {status}: {text}")
        self.status = status
        self.text = text


class Client:
    """One service's API. Threads share it.

    ``group`` is the option group with its login; ``service_type``, when given, is asked for in
    place of that of the group.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        group: str,
        name: str,
        *,
        version: str,
        service_type: str | None = None,
        microversion: str | None = None,
    ) -> None:
        self.name = name
        self._version = version
        self._turns = threading.BoundedSemaphore(conf[group].concurrency)
        session = loading.load_session_from_conf_options(
            conf, group, auth=_login(conf, group), session=_connections()
        )
        self._adapter: adapter.Adapter = loading.load_adapter_from_conf_options(
            conf, group, session=session, default_microversion=microversion, raise_exc=False
        )
        if service_type:
            self._adapter.service_type = service_type
            # The group says where its own service is, not where this one is.
            self._adapter.endpoint_override = None

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: dict[str, Any] | None = None,
        allow: Collection[int] = (),
    ) -> Reply:
        """Send a request; one that may be repeated is, if the service cannot be reached.

        Raises:
            ServiceError: the status is 400 or above, and not in ``allow``.
            WorkerError: the service cannot be reached, or does not answer with JSON.
        """
        retries = RETRIES if method in ("GET", "DELETE") else 0
        try:
            with self._turns:
                response = self._adapter.request(
                    self._url(path),
                    method,
                    json=json,
                    params=params,
                    headers=_headers(),
                    connect_retries=retries,
                    status_code_retries=retries,
                    retriable_status_codes=UNAVAILABLE,
                    # Requests and answers hold passwords.
                    log=False,
                )
        except exceptions.ClientException as error:
            LOG.warning("%s %s of %s failed: %s", method, path, self.name, type(error).__name__)
            reason = strutils.mask_password(str(error))[:LONGEST]
            raise WorkerError(f"Could not contact {self.name} API: {reason}") from error
        LOG.debug("%s %s of %s: %s", method, path, self.name, response.status_code)
        return self._reply(response, allow)

    def get(self, path: str, **options: Any) -> Any:
        """The body of an answer to GET.

        Raises:
            ServiceError: as ``request``.
            WorkerError: as ``request``.
        """
        return self.request("GET", path, **options).body

    def project_id(self) -> str | None:
        """The project that the login is for; None if there is no login.

        Raises:
            WorkerError: Keystone cannot be reached, or refuses the login.
        """
        try:
            found: str | None = self._adapter.get_project_id()
        except exceptions.ClientException as error:
            reason = strutils.mask_password(str(error))[:LONGEST]
            raise WorkerError(f"Could not contact Keystone API: {reason}") from error
        return found

    def _url(self, path: str) -> str:
        """The whole URL; catalogues name the version in it, or do not."""
        base: str | None = self._adapter.get_endpoint()
        if not base:
            raise exceptions.EndpointNotFound(f"the catalogue has no {self._adapter.service_type}")
        base = base.rstrip("/")
        return base + path if re.search(r"/v\d[\d.]*$", base) else f"{base}/{self._version}{path}"

    def _reply(self, response: requests.Response, allow: Collection[int]) -> Reply:
        failed = response.status_code >= 400
        text = _words(response) if failed else ""
        if failed and response.status_code not in allow:
            raise ServiceError(self.name, response.status_code, text)
        if failed or not response.content.strip():
            return Reply(response.status_code, None, text)
        try:
            return Reply(response.status_code, response.json(), "")
        except ValueError:
            raise WorkerError(f"Malformed answer from {self.name}: it is not JSON") from None


def _login(conf: cfg.ConfigOpts, group: str) -> Any:
    """The authentication plugin that a group configures."""
    auth = loading.load_auth_from_conf_options(conf, group)
    if auth is None:
        raise cfg.RequiredOptError("auth_type", group=cfg.OptGroup(group))
    return auth


def _connections() -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, TCPKeepAliveAdapter(pool_maxsize=CONNECTIONS))
    return session


def _headers() -> dict[str, str]:
    """The id of the request that this thread works on, if it has one."""
    current = context.get_current()
    if current is None:
        return {}
    return {"X-OpenStack-Request-ID": current.global_id}


def _words(response: requests.Response) -> str:
    """What a service says went wrong, in one line and without passwords."""
    text = response.text
    with contextlib.suppress(ValueError):
        text = _message(response.json()) or text
    text = " ".join(text.split()) or response.reason or "no explanation"
    return strutils.mask_password(text)[:LONGEST]


def _message(body: Any) -> str | None:
    """The message in an error body of Ironic, Blazar or Keystone."""
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("faultstring"), str):
        return str(body["faultstring"])
    inner = body.get("error_message") or body.get("error") or body.get("message")
    if isinstance(inner, str) and inner.startswith("{"):
        # Ironic's is JSON in a text.
        with contextlib.suppress(ValueError):
            return _message(jsonlib.loads(inner)) or inner
    return _message(inner)
