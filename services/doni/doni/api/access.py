"""Who asks, and whether they may."""

from __future__ import annotations

from typing import Any, cast

from flask import g, request
from oslo_context.context import RequestContext

from doni.api import service
from doni.exceptions import Forbidden, Unauthenticated

NO_TOKEN = "The request you have made requires authentication"  # noqa: S105


def identify() -> None:
    """Remember who asks, from what the authentication put in the headers."""
    g.context = RequestContext.from_environ(request.environ)
    g.known = request.environ.get("HTTP_X_IDENTITY_STATUS") == "Confirmed"


def need_token() -> None:
    """Let only those on who are known.

    Raises:
        Unauthenticated: nobody is.
    """
    if not g.known:
        raise Unauthenticated(NO_TOKEN)


def project() -> str | None:
    """The project that the token is scoped to."""
    return cast("str | None", g.context.project_id) if g.known else None


def allowed(rule: str, project_id: str | None = None) -> bool:
    """Whether the caller may do something with what belongs to a project."""
    creds: dict[str, Any] = {"is_project_scoped": bool(project()), "roles": []}
    if g.known:
        creds = dict(g.context.to_policy_values()) | {"is_project_scoped": bool(project())}
    enforcer = service.current().enforcer
    return bool(enforcer.authorize(rule, {"project_id": project_id}, creds, do_raise=False))


def authorize(rule: str, project_id: str | None = None) -> None:
    """Go on only if the caller may do something with what belongs to a project.

    Raises:
        Unauthenticated: nobody is known to ask.
        Forbidden: they may not.
    """
    if not allowed(rule, project_id):
        need_token()
        raise Forbidden(f"{rule} is disallowed by policy")


def own_project(rule: str) -> str:
    """The project of the caller, who needs one, whatever the policy of a site says.

    Raises:
        Forbidden: the token has none.
    """
    found = project()
    if not found:
        raise Forbidden(f"{rule} is disallowed by policy: the token is not scoped to a project")
    return found
