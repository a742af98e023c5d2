"""BMCs and switches: they answer the hosts that talk to them."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.online.devices import Device
from cc_ansible.online.rules import Check, HostFinding, HostRule, warning
from cc_ansible.online.view import View

BMC = warning(Check.HARDWARE, "bmc-unreachable", "BMCs answer the hosts that run Ironic")
SWITCH = warning(Check.HARDWARE, "switch-unreachable", "Switches answer the hosts with Neutron")

RULES: dict[str, HostRule] = {"BMC": BMC, "switch": SWITCH}
FIXES = {
    "redfish": "Correct bmc.address or bmc.protocol; the BMC must answer HTTPS at /redfish/v1.",
    "ipmi": "Correct bmc.address or bmc.port, and switch on IPMI over LAN in the BMC.",
    "tcp": "Correct its address, and let SSH from the control hosts through.",
}


def silent(view: View) -> Iterator[HostFinding]:
    """Devices that do not answer some host that needs them."""
    for device in view.devices:
        asked = answers(view, device)
        failing = {name: why for name, why in asked.items() if why}
        if not failing:
            continue
        everywhere = len(failing) == len(asked)
        whence = "" if everywhere else f" from {', '.join(failing)}"
        why = next(iter(failing.values()))
        yield RULES[device.noun].broken(
            None,
            f"The {device.noun} {_of(device)} ({device.asked}) does not answer{whence}: {why}.",
            device.origin,
            detail="" if not everywhere else f"Asked from {', '.join(asked)}.",
            fix=FIXES[device.kind],
        )


def answers(view: View, device: Device) -> dict[str, str]:
    """Hosts that were asked about a device: empty when it answers, else why it does not."""
    found = {}
    for name in sorted(view.hosts_of(device.container)):
        host = view.hosts.get(name)
        answer = host.answer(device.kind, device.asked) if host else {}
        if answer:
            found[name] = "" if answer.get("state") == "open" else _why(answer)
    return found


def _of(device: Device) -> str:
    return f"of {device.name}" if device.noun == "BMC" else device.name


def _why(answer: object) -> str:
    found = answer if isinstance(answer, dict) else {}
    words = {
        "silent": "no answer",
        "refused": "connection refused",
        "unreachable": "no route to it",
        "unresolved": "its name does not resolve",
    }
    why = str(found.get("why") or "")
    return words.get(str(found.get("state")), why or "no answer")
