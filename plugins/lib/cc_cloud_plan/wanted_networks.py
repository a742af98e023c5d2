"""``neutron_networks`` and the provisioning network, as the objects of Neutron they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_cloud_plan import addresses
from cc_cloud_plan.steps import Refused, truth

SHARED_NAME, SHARED_CIDR = "sharednet1", "10.0.0.0/24"
PUBLIC_NAME = "public"
HIGHEST_VLAN = 4094
Entry = Mapping[str, Any]


@dataclass
class Wanted:
    """One network and its subnets, with nothing in it that the site leaves to Neutron."""

    name: str
    attributes: dict[str, Any]
    subnets: list[dict[str, Any]] = field(default_factory=list)

    @property
    def external(self) -> bool:
        """Whether it leads out of the site."""
        return bool(self.attributes.get("is_router_external"))

    @property
    def shared(self) -> bool:
        """Whether every project may use it."""
        return bool(self.attributes.get("is_shared"))


def all_of(entries: list[Entry], provisioning: Entry) -> Iterator[Wanted]:
    """Every network that the site asks for.

    :raises Refused: an entry lacks what its network needs.
    """
    public = next((entry for entry in entries if is_public(entry)), None)
    if public is not None:
        yield _public(public)
    shared: list[Wanted] = []
    for entry in entries:
        if entry.get("sharednet") is not None:
            shared.append(_shared(entry, cidr=None if shared else SHARED_CIDR))
    yield from shared
    own = _provisioning(provisioning)
    if own is not None and own.name not in {one.name for one in shared}:
        yield own
    for entry in entries:
        if _needs_spare(entry, provisioning):
            yield _spare(entry)


def has_vlans(entry: Entry) -> bool:
    """Whether networks on a physical network are VLANs; the external one is flat by itself."""
    said = entry.get("network_type")
    if said:
        return bool(said == "vlan")
    return (
        entry["name"] != PUBLIC_NAME
        or entry.get("sharednet") is not None
        or bool((entry.get("public") or {}).get("vlan"))
        or any(entry.get(f"{kind}_vlan_ranges") for kind in ("on_demand", "reservable"))
    )


def own_vlan(entry: Entry, provisioning: Entry) -> int | None:
    """The VLAN of a network of the site on a physical network."""
    for part in ("sharednet", "public"):
        vlan = (entry.get(part) or {}).get("vlan")
        if vlan:
            return int(vlan)
    if provisioning.get("vlan") and provisioning.get("physical_network") == entry["name"]:
        return int(provisioning["vlan"])
    return None


def spare_vlan(entry: Entry) -> int:
    """The highest VLAN of a physical network that nobody may lend."""
    lent = set(addresses.vlans(entry.get("reservable_vlan_ranges")))
    return max({*range(1, HIGHEST_VLAN + 1)} - lent, default=HIGHEST_VLAN)


def is_public(entry: Entry) -> bool:
    """Whether the external network is on a physical network."""
    return entry.get("name") == PUBLIC_NAME or entry.get("public") is not None


def public_name(entries: list[Entry]) -> str | None:
    """How the external network is called, if the site has one."""
    entry = next((entry for entry in entries if is_public(entry)), None)
    return None if entry is None else (entry.get("public") or {}).get("name") or PUBLIC_NAME


def _public(entry: Entry) -> Wanted:
    said: Entry = entry if entry.get("public") is None else entry["public"]
    name = str(public_name([entry]))
    vlan = said.get("vlan") if said is not entry else None
    kind = said.get("segment_type") or said.get("network_type") or ("vlan" if vlan else "flat")
    attributes = _attributes(entry, said, kind, vlan)
    attributes |= {"is_router_external": True, "is_shared": False}
    subnets = list(_subnets(name, said, dhcp=False, public=True))
    return Wanted(name, attributes, subnets)


def _shared(entry: Entry, cidr: str | None) -> Wanted:
    said: Entry = entry["sharednet"] or {}
    name = said.get("name") or SHARED_NAME
    kind = entry.get("network_type") or "vlan"
    vlan = said.get("vlan")
    if kind == "vlan" and not vlan and not addresses.vlans(entry.get("on_demand_vlan_ranges")):
        raise Refused(f"shared network {name} needs `vlan`, as {entry['name']} has none on demand")
    attributes = _attributes(entry, said, kind, vlan)
    attributes |= {"is_router_external": False, "is_shared": True}
    if not truth(said.get("enabled"), True):
        return Wanted(name, attributes)
    if not said.get("cidr") and not said.get("subnets"):
        if cidr is None:
            raise Refused(f"shared network {name} needs `cidr`")
        said = {**said, "cidr": cidr}
    return Wanted(name, attributes, list(_subnets(name, said, dhcp=True)))


def _provisioning(said: Entry) -> Wanted | None:
    vlan, kind = said.get("vlan"), said.get("type") or "vlan"
    if kind == "vlan" and not vlan:
        return None
    name = said["name"]
    attributes = _attributes({"name": said["physical_network"]}, said, kind, vlan)
    attributes |= {"is_router_external": False, "is_shared": False}
    gateway = said.get("gateway") or addresses.first(said["cidr"])
    start, end = said.get("pool_start"), said.get("pool_end")
    pools = [{"start": start, "end": end}] if start and end else None
    subnet = {**said, "gateway_ip": gateway, "allocation_pools": pools}
    return Wanted(name, attributes, list(_subnets(name, subnet, dhcp=True)))


def _needs_spare(entry: Entry, provisioning: Entry) -> bool:
    """Whether Neutron would give away the one VLAN that its configuration has to name here."""
    return (
        has_vlans(entry)
        and not addresses.vlans(entry.get("on_demand_vlan_ranges"))
        and own_vlan(entry, provisioning) is None
    )


def _spare(entry: Entry) -> Wanted:
    attributes = _attributes(entry, {}, "vlan", spare_vlan(entry))
    attributes |= {"is_router_external": False, "is_shared": False}
    return Wanted(f"{entry['name']}-spare", attributes)


def _attributes(entry: Entry, said: Entry, kind: str, vlan: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"is_admin_state_up": True, "provider_network_type": kind}
    if kind in ("flat", "vlan"):
        found["provider_physical_network"] = entry["name"]
    if vlan and kind != "flat":
        found["provider_segmentation_id"] = int(vlan)
    mtu = said.get("mtu") or entry.get("mtu")
    if mtu:
        found["mtu"] = int(mtu)
    return found


def _subnets(
    name: str, said: Entry, *, dhcp: bool, public: bool = False
) -> Iterator[dict[str, Any]]:
    """The subnet of a network's own keys, and those below ``subnets``."""
    if said.get("cidr"):
        own = dict(said)
        if (
            said.get("ip_range_start")
            and said.get("ip_range_end")
            and not own.get("allocation_pools")
        ):
            own["allocation_pools"] = [
                {"start": said["ip_range_start"], "end": said["ip_range_end"]}
            ]
        yield _subnet(f"{name}-subnet", own, dhcp=dhcp, public=public)
    more = said.get("subnets") or []
    for number, item in enumerate(more, start=2):
        six = addresses.network(item["cidr"]).version == 6
        suffix = "subnet-v6" if six and len(more) == 1 else f"subnet{number}"
        yield _subnet(item.get("name") or f"{name}-{suffix}", item, dhcp=dhcp, public=public)


def _subnet(name: str, said: Entry, *, dhcp: bool, public: bool) -> dict[str, Any]:
    inner = addresses.network(said["cidr"])
    found: dict[str, Any] = {
        "name": name,
        "cidr": str(inner),
        "ip_version": inner.version,
        "is_dhcp_enabled": truth(said.get("enable_dhcp"), dhcp),
    }
    gateway = said.get("gateway_ip") or said.get("gateway")
    if gateway is None and public:
        gateway = addresses.public_gateway(inner)
    if gateway:
        found["gateway_ip"] = addresses.same(gateway)
    if said.get("allocation_pools"):
        found["allocation_pools"] = addresses.pools(said["allocation_pools"])
    elif public and inner.version == 4:
        found["allocation_pools"] = addresses.public_pools(inner, found["gateway_ip"])
    servers = said.get("dns_nameservers")
    if servers is not None:
        items = servers.split(",") if isinstance(servers, str) else servers
        found["dns_nameservers"] = [addresses.same(str(item).strip()) for item in items]
    if inner.version == 6 and found["is_dhcp_enabled"]:
        mode = said.get("ipv6_mode") or "slaac"
        found |= {"ipv6_ra_mode": mode, "ipv6_address_mode": mode}
    return found
