"""Each virtual address is on exactly one host, as keepalived has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cc_ansible.online.facts import address
from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "VIP"


def judge(view: View) -> Iterator[Result]:
    """One result for each virtual address."""
    hosts = view.having("keepalived")
    for text in dict.fromkeys(vip for host in hosts for vip in _vips(host)):
        check, vip = Check(f"{NAME} {text}", "vip"), address(text)
        having = [host.name for host in hosts if host.facts and vip in host.facts.addresses]
        unseen = [host.name for host in hosts if not host.facts]
        if not having and unseen:
            yield check.skipped(f"no host that could be looked at has it; {unseen[0]} may")
            continue
        yield check.judged(_troubles(text, having, hosts), f"on {', '.join(having)}")


def _vips(host: Host) -> Iterator[str]:
    yield host.want("kolla_internal_vip_address")
    if host.flag("external_vip"):
        yield host.want("kolla_external_vip_address")


def _troubles(vip: str, having: list[str], hosts: list[Host]) -> list[Trouble]:
    names = ", ".join(host.name for host in hosts)
    if not having:
        cause = f"No host has {vip}: keepalived does not run, or does not find HAProxy alive, on "
        fix = "See container keepalived and its log: `docker logs keepalived`; then `systemctl "
        fix += f"restart kolla-keepalived-container` on {hosts[0].name}."
        return [Trouble("on no host", f"{cause}{names}.", fix)]
    if len(having) > 1:
        both = " and ".join(having)
        cause = f"{both} have {vip} at once: they do not hear each other's VRRP packets."
        fix = "Let VRRP (IP protocol 112, 224.0.0.18) through between them, and see that no other "
        fix += "cluster in the network has the same keepalived_virtual_router_id."
        return [Trouble(f"on {both}", cause, fix)]
    return []
