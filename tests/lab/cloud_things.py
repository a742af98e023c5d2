"""Everything in a cloud that somebody can have made there, by kinds."""

from __future__ import annotations


def of(cloud) -> dict[str, set[str]]:
    return {
        "servers": {each.id for each in cloud.compute.servers(all_projects=True)},
        "nodes": {each.id for each in cloud.baremetal.nodes()},
        "allocations": {each.id for each in cloud.baremetal.allocations()},
        "hosts": _of_blazar(cloud, "os-hosts"),
        "leases": _of_blazar(cloud, "leases"),
        "ports": {each.id for each in cloud.network.ports()},
        "networks": {each.id for each in cloud.network.networks()},
        "routers": {each.id for each in cloud.network.routers()},
        "addresses": {each.id for each in cloud.network.ips()},
        "security groups": {each.id for each in cloud.network.security_groups()},
        "projects": {each.id for each in cloud.identity.projects()},
        "users": {each.id for each in cloud.identity.users()},
        "aggregates": {each.id for each in cloud.compute.aggregates()},
    }


def _of_blazar(cloud, kind: str) -> set[str]:
    url = cloud.session.get_endpoint(service_type="reservation", interface="internal")
    return {
        str(each["id"]) for each in cloud.session.get(f"{url}/{kind}").json()[kind.split("-")[-1]]
    }
