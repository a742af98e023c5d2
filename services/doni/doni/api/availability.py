"""The windows of many items at once; each item's own are a route of it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from doni.api import access, render
from doni.api.replies import reply
from doni.db import windows as db
from doni.policies import hardware as rules

blueprint = Blueprint("availability", __name__, url_prefix="/v1/availability")


@blueprint.get("")
def list_windows() -> Response:
    """The windows of all items of the caller's project, or of all projects."""
    project_id: str | None = access.own_project(rules.GET)
    if request.args.get("all_projects"):
        access.authorize(rules.GET_ALL)
        project_id = None
    else:
        access.authorize(rules.GET, project_id)
    found = db.of_project(project_id)
    return reply({"availability": [render.listed_window(window) for window in found]})
