"""A Heat stack without any resource of another service."""

from __future__ import annotations

from typing import Any

from cc_ansible.verify.check import Failed, Trouble
from cc_ansible.verify.standard.ground import Ground, until

TEMPLATE = {
    "heat_template_version": "2021-04-16",
    "resources": {"word": {"type": "OS::Heat::RandomString", "properties": {"length": 8}}},
}
SECONDS = 90.0
FIX = "See agents of Heat, check RabbitMQ, and the log of heat-engine."


def stack(ground: Ground) -> str:
    """It is made and removed, so API, engine and database of Heat work."""
    ground.require("orchestration", "Heat")
    heat = ground.admin.orchestration
    made = heat.create_stack(name=f"{ground.name}-stack", template=TEMPLATE, timeout_mins=2)
    try:
        state, reason = until("finished", lambda: _ended(heat, made.id, "CREATE"), SECONDS, FIX)
    finally:
        _remove(heat, made.id)
    if state != "CREATE_COMPLETE":
        raise Failed(Trouble(f"{state}: {reason}", "Heat could not make the simplest stack.", FIX))
    return "made and removed"


def _remove(heat: Any, stack_id: str) -> None:
    """Remove a stack.

    Raises:
        Failed: Heat could not, or not in time.
    """
    heat.delete_stack(stack_id)
    state, reason = until("removed", lambda: _ended(heat, stack_id, "DELETE"), SECONDS, FIX)
    if state != "DELETE_COMPLETE":
        cause = "Heat could not remove the simplest stack."
        raise Failed(Trouble(f"{state}: {reason}", cause, FIX))


def _ended(heat: Any, stack_id: str, action: str) -> tuple[str, str] | None:
    """How an action on a stack ended; None while it goes on."""
    from openstack.exceptions import NotFoundException

    try:
        seen = heat.get_stack(stack_id)
    except NotFoundException:
        return "DELETE_COMPLETE", ""
    state = str(seen.status)
    ended = state.startswith(action) and state.endswith(("COMPLETE", "FAILED"))
    return (state, str(seen.status_reason)) if ended else None
