"""What is around the app: health, request ids, proxies, authentication."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import webob.exc
from keystoneauth1 import exceptions as ksa_exc
from keystonemiddleware import auth_token
from oslo_config import cfg
from oslo_context import context
from oslo_db import exception as db_exc
from oslo_middleware import healthcheck, http_proxy_to_wsgi
from oslo_middleware.healthcheck import pluginbase
from sqlalchemy import text

from doni.db import session

Wsgi = Any
Environ = dict[str, Any]

HEALTH = "/healthcheck"

UNANSWERED = (
    ksa_exc.ConnectFailure,
    ksa_exc.DiscoveryFailure,
    ksa_exc.RequestTimeout,
    auth_token.ksm_exceptions.ServiceError,
)
"""Why nothing is known of a token, good or bad."""

AWAY = "The identity service does not answer. Try again later."


class Labelled:
    """Gives each request an id, and each reply the headers that all of them have."""

    def __init__(self, app: Wsgi) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        request_id = context.generate_request_id()
        environ["openstack.request_id"] = request_id
        given = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
        if given.startswith("req-") and len(given) == len(request_id):
            environ["openstack.global_request_id"] = given

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            own = [("OpenStack-Request-Id", request_id), ("Vary", "X-Auth-Token")]
            return start_response(status, headers + own, *more)

        found: Iterable[bytes] = self.app(environ, started)
        return found


class Authentication(auth_token.AuthProtocol):  # type: ignore[misc]
    """Says who asks; the app decides what those may do of whom nothing is known."""

    def fetch_token(self, token: str, **options: Any) -> Any:
        """What the identity service knows of a token."""
        try:
            return super().fetch_token(token, **options)
        except ksa_exc.EndpointNotFound:
            raise _away() from None
        except auth_token.ksm_exceptions.InvalidToken as error:
            # The decision is the app's, but a token of which nothing can be learnt is not a bad
            # one: the client would drop it.
            if isinstance(error.__context__, UNANSWERED):
                raise _away() from None
            raise


def _away() -> webob.exc.HTTPServiceUnavailable:
    return webob.exc.HTTPServiceUnavailable(
        body=json.dumps({"error": AWAY}).encode(), content_type="application/json", charset="UTF-8"
    )


class Mounted:
    """One app at one path, another one everywhere else."""

    def __init__(self, path: str, there: Wsgi, app: Wsgi) -> None:
        self.path = path
        self.there = there
        self.app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        here = environ.get("PATH_INFO", "").rstrip("/") == self.path
        found: Iterable[bytes] = (self.there if here else self.app)(environ, start_response)
        return found


class DatabaseCheck(pluginbase.HealthcheckBaseExtension):
    """Healthy while the database answers; by the name ``doni_database`` in [healthcheck]."""

    def healthcheck(self, server_port: int) -> pluginbase.HealthcheckResult:
        """Ask the database."""
        try:
            with session.reader() as db:
                db.execute(text("SELECT 1"))
        except db_exc.DBError:
            return pluginbase.HealthcheckResult(False, "the database does not answer")
        return pluginbase.HealthcheckResult(True, "OK")


def wrapped(app: Wsgi, conf: cfg.ConfigOpts, auth: bool) -> Wsgi:
    """The app with all that is around it; ``auth`` False leaves out authentication."""
    if auth:
        app = Authentication(app, {"oslo_config_config": conf, "delay_auth_decision": True})
    app = http_proxy_to_wsgi.HTTPProxyToWSGI(app, conf)
    return Mounted(HEALTH, healthcheck.Healthcheck(None, conf), Labelled(app))
