"""What a reservation asks for, whether a resource is like that, and who may reserve it."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from blazar.manager import exceptions as manager_ex
from blazar.utils import plugins
from oslo_config import cfg
from oslo_serialization import jsonutils

AUTHORIZED = "authorized_projects"
"""The capability that names the projects which may reserve a resource."""
EVERYBODY = "all"
ANYTHING = ("", "[]")

OPTIONS = [
    cfg.StrOpt(
        "default_resource_properties",
        default="",
        help="What is reserved when a request names no resource properties, as JSON text. "
        "Its dollar signs must be doubled: oslo.config puts values of options for single ones.",
    ),
    cfg.BoolOpt(
        "retry_allocation_without_defaults",
        default=True,
        help="Whether anything else will do when no resource with these properties is free.",
    ),
]

_ORDERS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
SIGNS = {"==", "!=", *_ORDERS}


def properties_to_try(asked: object, options: Any) -> list[str]:
    """The resource properties to look for, the best first, as JSON text.

    ``asked`` is what the request has, ``options`` a group with ``OPTIONS``.
    """
    text = as_text(asked)
    if text not in ANYTHING or not options.default_resource_properties:
        return [text]
    default = [options.default_resource_properties]
    return [*default, text] if options.retry_allocation_without_defaults else default


def as_text(asked: object) -> str:
    """Properties as JSON text: clients may send the JSON itself, or nothing."""
    if asked is None:
        return ""
    return asked if isinstance(asked, str) else str(jsonutils.dumps(asked))


def conditions(*properties: str | None) -> list[str]:
    """Each condition in JSON texts of properties, as "name operator value".

    Raises:
        MalformedRequirements: a text says something else.
    """
    found = []
    for text in properties:
        try:
            found += _each(jsonutils.loads(text or "[]"))
        except (TypeError, IndexError, ValueError, RecursionError):
            raise manager_ex.MalformedRequirements(rqrms=text) from None
    for condition in found:
        if condition.split(" ", 2)[1] not in SIGNS:
            raise manager_ex.MalformedRequirements(rqrms=condition)
    return found


def _each(wanted: Any) -> list[str]:
    # Of a condition within two "and", Blazar's own function takes the first part only.
    if isinstance(wanted, list) and len(wanted) > 1 and wanted[0] == "and":
        return [text for part in wanted[1:] for text in _each(part)]
    found: list[str] = plugins.convert_requirements(wanted)
    return found


def fits(resource: Mapping[str, Any], wanted: list[str]) -> bool:
    """Whether a resource meets all conditions; what it does not have, it does not meet."""
    return all(_meets(resource, *condition.split(" ", 2)) for condition in wanted)


def _meets(resource: Mapping[str, Any], name: str, sign: str, value: str) -> bool:
    found = resource.get(name)
    if found is None:
        return False
    if sign in ("==", "!="):
        return (str(found) == value) == (sign == "==")
    try:
        return bool(_ORDERS[sign](float(found), float(value)))
    except ValueError:
        return bool(_ORDERS[sign](str(found), value))


def allows(resource: Mapping[str, Any], project_id: str | None) -> bool:
    """Whether a project may reserve a resource: without the capability, every project may."""
    authorized = resource.get(AUTHORIZED)
    if authorized is None:
        return True
    projects = {project.strip() for project in str(authorized).split(",")}
    return EVERYBODY in projects or (bool(project_id) and project_id in projects)
