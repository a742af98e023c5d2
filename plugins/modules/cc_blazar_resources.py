#!/usr/bin/python
"""VLANs and floating addresses that Blazar may lend."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_blazar_resources
short_description: Hand network segments and floating addresses to Blazar
description:
  - Registers what is missing, and with I(prune) removes what is not wanted, among the segments of
    I(physical_networks) and the addresses of I(floating_network); nothing else is touched.
  - A Blazar without a plugin for networks or floating addresses is told of none; C(told) says so.
options:
  networks:
    type: list
    elements: dict
    default: []
    description: Segments (network_type, physical_network, segment_id).
  physical_networks:
    type: list
    elements: str
    default: []
    description: Physical networks all of whose segments in Blazar are the site's.
  floating_ips: {type: list, elements: str, default: [], description: Addresses.}
  floating_network: {type: str, default: "", description: Id of the network the addresses are of.}
  prune: {type: bool, default: false, description: Whether to remove what is not wanted.}
  patience:
    type: float
    default: 150
    description: Seconds to wait for a Blazar that was only just started and cannot answer yet.
extends_documentation_fragment: [openstack.cloud.openstack]
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
told:
  description: A sentence for each thing that was done, would be done in check mode, or was left.
  returned: always
  type: list
"""

import time

from ansible_collections.openstack.cloud.plugins.module_utils.openstack import OpenStackModule

ABSENT = (404, 405)
STARTING = (500, 502, 503, 504)
"""What HAProxy and Blazar's API answer before the API and the manager behind it are up."""
PAUSE = 2
MANY = 8


class Kind:
    """One collection of Blazar's API, and how its members are told apart."""

    def __init__(self, noun, path, listed, key, body):
        self.noun, self.path, self.listed, self.key, self.body = noun, path, listed, key, body


NETWORK = Kind(
    "VLAN", "/networks", "networks",
    lambda one: (one["physical_network"], str(one["segment_id"])),
    lambda key: {"network_type": "vlan", "physical_network": key[0], "segment_id": int(key[1])},
)  # fmt: skip
ADDRESS = Kind(
    "floating address", "/floatingips", "floatingips",
    lambda one: (one["floating_network_id"], one["floating_ip_address"]),
    lambda key: {"floating_network_id": key[0], "floating_ip_address": key[1]},
)  # fmt: skip


def known_by(key):
    """How a member is called: ``physnet1:300``, or an address."""
    return f"{key[0]}:{key[1]}" if key[1].isdigit() else key[1]


def several(names):
    """Names of members, cut where they become many."""
    shown = " ".join(names[:MANY])
    return shown if len(names) <= MANY else f"{shown} and {len(names) - MANY} more"


class BlazarModule(OpenStackModule):
    argument_spec = {
        "networks": {"type": "list", "elements": "dict", "default": []},
        "physical_networks": {"type": "list", "elements": "str", "default": []},
        "floating_ips": {"type": "list", "elements": "str", "default": []},
        "floating_network": {"type": "str", "default": ""},
        "prune": {"type": "bool", "default": False},
        "patience": {"type": "float", "default": 150},
    }
    module_kwargs = {"supports_check_mode": True}

    def run(self):
        from keystoneauth1.exceptions import EndpointNotFound

        self.told, self.before, self.after = [], [], []
        self.changed = False
        adapter = self.blazar()
        try:
            reachable = adapter.get_endpoint() is not None
        except EndpointNotFound:
            reachable = False
        if not reachable:
            self.exit_json(changed=False, told=["Blazar is not in the catalogue; nothing is lent"])
        network = self.params["floating_network"]
        self.settle(
            adapter, NETWORK,
            [NETWORK.key(one) for one in self.params["networks"]],
            lambda key: key[0] in self.params["physical_networks"],
        )  # fmt: skip
        self.settle(
            adapter, ADDRESS,
            [(network, address) for address in self.params["floating_ips"]],
            lambda key: key[0] == network,
        )  # fmt: skip
        lines = {"before": "".join(self.before), "after": "".join(self.after)}
        self.exit_json(changed=self.changed, told=self.told, diff=lines)

    def blazar(self):
        from keystoneauth1.adapter import Adapter

        config = self.conn.config
        return Adapter(
            self.conn.session, service_type="reservation", raise_exc=False,
            interface=config.get_interface("reservation"), region_name=config.region_name,
        )  # fmt: skip

    def settle(self, adapter, kind, wanted, is_of_site):
        """Make the members of one collection those that are wanted."""
        answer = self.listed(adapter, kind)
        if answer.status_code in ABSENT:
            if wanted:
                self.told.append(f"{kind.noun}s: this Blazar lends none; {len(wanted)} left out")
            return
        self.require(answer, f"list {kind.noun}s")
        found = {kind.key(one): one for one in answer.json()[kind.listed]}
        missing = [key for key in wanted if key not in found]
        surplus = [key for key in found if key not in wanted and is_of_site(key)]
        for key in [] if self.check_mode else missing:
            made = adapter.post(kind.path, json=kind.body(key))
            self.require(made, f"lend {kind.noun} {known_by(key)}")
        self.note(kind, missing, "lent", self.after)
        if not self.params["prune"]:
            if surplus:
                names = several([known_by(key) for key in surplus])
                self.told.append(
                    f"{kind.noun} {names}: the site does not lend it; --prune removes it"
                )
            return
        for key in [] if self.check_mode else list(surplus):
            gone = adapter.delete(f"{kind.path}/{found[key]['id']}")
            if gone.status_code == 409:
                surplus.remove(key)
                self.told.append(
                    f"{kind.noun} {known_by(key)}: is reserved; it stays until it is not"
                )
            else:
                self.require(gone, f"remove {kind.noun} {known_by(key)}")
        self.note(kind, surplus, "lent no longer", self.before)

    def listed(self, adapter, kind):
        """The answer to a list; while Blazar is only starting it is asked again."""
        until = time.monotonic() + self.params["patience"]
        while True:
            answer = adapter.get(kind.path)
            if answer.status_code not in STARTING or time.monotonic() > until:
                return answer
            time.sleep(PAUSE)

    def note(self, kind, keys, what, lines):
        if keys:
            self.changed = True
            self.told.append(f"{kind.noun} {several([known_by(key) for key in keys])}: {what}")
            lines.extend(f"{kind.noun} {known_by(key)}\n" for key in keys)

    def require(self, answer, what):
        if not answer.ok:
            try:
                why = answer.json().get("error_message") or answer.text
            except ValueError:
                why = answer.text
            self.fail_json(msg=f"Blazar did not {what}: HTTP {answer.status_code}, {why[:400]}")


def main():
    BlazarModule()()


if __name__ == "__main__":
    main()
