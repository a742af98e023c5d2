"""What a user's notebook does with python-chi; who that is, is in the environment.

Prints what it got as one line of JSON.
"""

from __future__ import annotations

import datetime
import json
import sys

import chi
import chi.network
from chi import lease as leases
from chi import server as servers


def main(name: str, node_type: str, image: str, network: str, public_key: str) -> None:
    """Reserve a node, an address and a VLAN; use them, and give them back."""
    chi.set("keypair_name", name)
    chi.set("keypair_public_key", public_key)
    lease = leases.Lease(name, duration=datetime.timedelta(hours=2))
    lease.add_node_reservation(amount=1, node_type=node_type)
    lease.add_fip_reservation(amount=1)
    lease.add_network_reservation(network_name=f"{name}-net")
    lease.submit(wait_for_active=True)
    reservation = lease.node_reservations[0]["id"]
    server = servers.Server(
        name, reservation_id=reservation, image_name=image, network_name=network
    )
    server.submit(wait_for_active=True, show=None)
    (address,) = lease.get_reserved_floating_ips()
    server.associate_floating_ip(address)
    got = {
        "lease": leases.get_lease(name).status,
        "server": server.status,
        "addresses": server.get_all_floating_ips(),
        "reserved": address,
        "network": chi.network.get_network(f"{name}-net")["status"],
    }
    server.delete()
    lease.delete()
    got["after"] = [one.name for one in leases.list_leases()]
    print(json.dumps(got))


if __name__ == "__main__":
    main(*sys.argv[1:])
