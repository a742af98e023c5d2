"""The routes of hardware."""

from __future__ import annotations

import uuid as uuids

from flask import Blueprint, Response, request
from oslo_utils import uuidutils
from werkzeug.routing import BaseConverter

from doni.api import access, body, changes, hiding, paging, patch, render, service
from doni.api.replies import empty, reply
from doni.db import hardware as db
from doni.db import listing
from doni.db.models import Hardware
from doni.exceptions import HardwareNotFound, Invalid
from doni.hardware import schema
from doni.hardware.faults import LONGEST
from doni.policies import hardware as rules

blueprint = Blueprint("hardware", __name__, url_prefix="/v1/hardware")

ITEM = "/<item:uuid>"


class ItemConverter(BaseConverter):
    """What may stand for an item in a path: all but what is a path of its own."""

    regex = "(?!export$)[^/]+"
    part_isolating = True


@blueprint.get("")
def list_hardware() -> Response:
    """The items of the caller's project, or of all."""
    project_id: str | None = access.own_project(rules.GET)
    if request.args.get("all_projects"):
        access.authorize(rules.GET_ALL)
        project_id = None
    else:
        access.authorize(rules.GET, project_id)
    wanted = paging.wanted(project_id)
    items = listing.page(wanted)
    renderer = render.Renderer()
    more = wanted.limit and len(items) == wanted.limit
    return reply(
        {
            "hardware": [renderer.whole(item) for item in items],
            "links": paging.links(wanted, items[-1].uuid) if more else [],
        }
    )


@blueprint.get("/export")
def export() -> Response:
    """The public properties of all items."""
    access.authorize(rules.EXPORT)
    renderer = render.Renderer()
    items = listing.page(listing.Wanted(tasks=False))
    return reply({"hardware": [renderer.public(item) for item in items]})


@blueprint.post("")
def create() -> Response:
    """Enrol an item."""
    sent = body.read()
    hiding.hide(sent.get("properties") if isinstance(sent, dict) else None)
    kind = schema.check_body(service.current().kinds, sent)
    access.authorize(rules.CREATE, access.project())
    values = {
        "name": sent["name"],
        "project_id": access.own_project(rules.CREATE),
        "hardware_type": kind.name,
        "properties": schema.completed(kind, sent["properties"]),
    }
    return reply(render.Renderer().whole(db.create(values, kind.workers)), 201)


@blueprint.get(ITEM)
def show(uuid: str) -> Response:
    """One item."""
    hardware = db.get(_checked(uuid))
    access.authorize(rules.GET, hardware.project_id)
    return reply(render.Renderer().whole(hardware))


@blueprint.patch(ITEM)
def update(uuid: str) -> Response:
    """Change an item and its windows."""
    known = _checked(uuid)
    operations = patch.parsed(body.read())
    hardware = db.change(known, changes.decider(service.current().kinds, operations))
    return reply(render.Renderer().whole(hardware))


@blueprint.delete(ITEM)
def delete(uuid: str) -> Response:
    """Retire an item."""
    db.retire(_checked(uuid), _may(rules.DELETE))
    return empty()


@blueprint.post(f"{ITEM}/sync")
def sync(uuid: str) -> Response:
    """Have the workers look at an item again."""
    db.sync(_checked(uuid), _may(rules.UPDATE))
    return empty()


@blueprint.get(f"{ITEM}/availability")
def availability(uuid: str) -> Response:
    """The windows of an item."""
    if not _canonical(uuid):
        raise HardwareNotFound(uuid[:LONGEST])
    hardware = db.get(uuid, windows=True)
    access.authorize(rules.GET, hardware.project_id)
    return reply({"availability": [render.window(window) for window in hardware.windows]})


def _may(rule: str) -> db.Check:
    def check(hardware: Hardware) -> None:
        access.authorize(rule, hardware.project_id)

    return check


def _canonical(text: str) -> bool:
    """Whether a text is a uuid as they are stored: in lower case, with dashes."""
    return uuidutils.is_uuid_like(text) and str(uuids.UUID(text)) == text


def _checked(uuid: str) -> str:
    """The uuid that a path names.

    Raises:
        Invalid: it names none.
        HardwareNotFound: it is not written as uuids are stored.
    """
    if not uuidutils.is_uuid_like(uuid):
        raise Invalid(f"Expected UUID for hardware_uuid: {uuid[:LONGEST]}")
    if not _canonical(uuid):
        raise HardwareNotFound(uuid)
    return uuid
