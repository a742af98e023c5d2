"""The lab takes no addresses that this machine reaches elsewhere."""

from __future__ import annotations

import pytest

from cc_ansible.errors import CcError
from cc_ansible.lab.network import refuse_routed
from cc_ansible.lab.spec import Lab

GATEWAY = {"dst": "default", "gateway": "192.168.1.1", "dev": "eth0"}


def test_free_networks_after_the_labs_own_are_taken():
    refuse_routed(Lab(), [GATEWAY, {"dst": "192.168.1.0/24", "dev": "eth0"}])


@pytest.mark.parametrize(
    ("subnet", "route"),
    [
        ("192.168.0.0/24", {"dst": "192.168.1.0/24", "dev": "eth0"}),
        ("192.168.0.0/24", {"dst": "192.168.2.7", "gateway": "192.168.9.1", "dev": "tun0"}),
        ("10.20.30.0/24", {"dst": "10.0.0.0/8", "dev": "tun0"}),
    ],
    ids=["the LAN", "one machine", "all of a VPN"],
)
def test_what_this_machine_reaches_elsewhere_is_refused(subnet, route):
    with pytest.raises(CcError, match="this machine has a route to") as refused:
        refuse_routed(Lab(subnet=subnet), [GATEWAY, route])
    assert "--subnet" in (refused.value.fix or "")


def test_public_addresses_are_refused():
    with pytest.raises(CcError, match="its addresses are public"):
        refuse_routed(Lab(subnet="172.31.255.0/24"), [GATEWAY])
