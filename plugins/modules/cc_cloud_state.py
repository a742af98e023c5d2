#!/usr/bin/python
"""What a cloud has, read in one login."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_cloud_state
short_description: Read objects of a cloud, many kinds in one login
description:
  - One process and one token for everything, where each C(_info) module of openstack.cloud starts
    anew; some of what is read here has no such module. Changes nothing.
  - Of networks, routers and images only those of the project logged in to are read.
options:
  kinds:
    type: list
    elements: str
    required: true
    choices: [networks, subnets, routers, router_interfaces, ports, flavors, aggregates,
              resource_classes, traits, images, image_users, domains, projects, users, groups,
              roles, assignments, quotas, identity_providers]
    description: What to read.
  port_networks:
    type: list
    elements: str
    default: []
    description: Ids of networks whose ports are read.
  domains:
    type: list
    elements: str
    default: [default]
    description: Domains whose projects, users and groups are read, by name or id.
  holders:
    type: list
    elements: dict
    default: []
    description: Users and groups (kind, name, domain) whose assignments are read.
  quota_projects:
    type: list
    elements: dict
    default: []
    description: Projects (name, domain) whose quotas are read.
  logins:
    type: list
    elements: dict
    default: []
    description: Users with a password that is tried.
    suboptions:
      name: {type: str, required: true, description: The user.}
      domain: {type: str, default: default, description: Its domain, by name or id.}
      password: {type: str, required: true, description: The password to try.}
extends_documentation_fragment: [openstack.cloud.openstack]
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
state:
  description:
    - For each kind a list of objects with the attribute names of openstacksdk; for C(quotas) a map
      from project id to limits, for C(image_users) one from image id to the number of its servers.
      C(refused_logins) has domain id and name, in lower case, of users whose password is another
      one. C(project_id) and C(user_id) are those logged in with.
  returned: always
  type: dict
"""

import collections
import concurrent.futures

from ansible_collections.openstack.cloud.plugins.module_utils.openstack import OpenStackModule

IMAGE_KEYS = (
    "id", "name", "status", "visibility", "min_disk", "min_ram", "disk_format",
    "container_format", "tags", "checksum", "size", "owner", "os_hash_algo", "os_hash_value",
    "created_at", "updated_at", "virtual_size", "file", "schema", "self", "stores", "locations",
    "direct_url",
)  # fmt: skip
COMPUTE_QUOTAS = (
    "cores", "instances", "ram", "key_pairs", "metadata_items", "server_groups",
    "server_group_members",
)  # fmt: skip
# Routers that are highly available have further ports, in a network of their own.
INTERFACES = (
    "network:router_interface", "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)  # fmt: skip
PORT_KEYS = ("id", "network_id", "device_id", "device_owner", "fixed_ips")
RENAMED = {"protected": "is_protected", "os_hidden": "is_hidden"}


def plain(resources):
    return [resource.to_dict(computed=False) for resource in resources]


def images(conn):
    """Images of our project; openstacksdk renames some properties, so the answer is taken as is."""
    found = []
    url = f"/images?owner={conn.current_project_id}&limit=500"
    for hidden in ("false", "true"):
        page = f"{url}&os_hidden={hidden}"
        while page:
            body = conn.image.get(page).json()
            found += [image(one) for one in body["images"]]
            page = body.get("next", "").removeprefix("/v2")
    return found


def image(body):
    known = {key: body.get(key) for key in IMAGE_KEYS[:9]}
    known |= {name: body.get(key) for key, name in RENAMED.items()}
    known["created_at"] = body.get("created_at")
    rest = {key: value for key, value in body.items() if key not in (*IMAGE_KEYS, *RENAMED)}
    return {**known, "properties": rest}


def image_users(conn):
    """How many servers of all projects run each image."""
    if not conn.has_service("compute"):
        return {}
    servers = conn.compute.servers(all_projects=True)
    return dict(collections.Counter(one.image["id"] for one in servers if one.image))


def router_interfaces(conn):
    """Legs of routers, told apart as openstacksdk does in list_router_interfaces."""
    ports = []
    for router in conn.network.routers(project_id=conn.current_project_id):
        for port in conn.network.ports(device_id=router.id):
            if port.device_owner in INTERFACES:
                ports.append(port)
    return plain(ports)


def ports(conn, networks):
    """Who is in some networks; of ports not everything, as there may be many."""
    return [
        {key: port[key] for key in PORT_KEYS}
        for id_ in networks
        for port in conn.network.ports(network_id=id_)
    ]


def flavors(conn):
    """Flavors, and of those that are not public the projects that may use them."""
    found = plain(conn.compute.flavors(details=True, get_extra_specs=True, is_public=None))
    for one in found:
        if not one["is_public"]:
            access = conn.compute.get_flavor_access(one["id"])
            one["access"] = [each["tenant_id"] for each in access]
    return found


def custom_classes(conn):
    return [
        one for one in plain(conn.placement.resource_classes()) if one["name"].startswith("CUSTOM_")
    ]


class Identity:
    """What is read of Keystone: all of the domains asked for, never all of its users."""

    def __init__(self, conn, params):
        self.conn, self.params = conn, params
        self.domains = plain(conn.identity.domains())

    def domain(self, name):
        wanted = str(name or "default").lower()
        ids = [
            one["id"] for one in self.domains if wanted in (one["id"].lower(), one["name"].lower())
        ]
        return ids[0] if ids else None

    def _in_domains(self, lister):
        ids = {self.domain(name): None for name in ["default", *self.params["domains"]]}
        return [one for id_ in ids if id_ for one in plain(lister(domain_id=id_))]

    def projects(self):
        return self._in_domains(self.conn.identity.projects)

    def users(self):
        return self._in_domains(self.conn.identity.users)

    def groups(self):
        return self._in_domains(self.conn.identity.groups)

    def roles(self):
        return plain(self.conn.identity.roles())

    def _find(self, kind, said):
        domain = self.domain(said.get("domain"))
        if domain is None:
            return None
        lister = getattr(self.conn.identity, f"{kind}s")
        return next(iter(lister(name=said["name"], domain_id=domain)), None)

    def assignments(self):
        found = []
        for said in self.params["holders"]:
            kind = said["kind"]
            holder = self._find(kind, said)
            if holder is None:
                continue
            query = f"/role_assignments?include_names=true&{kind}.id={holder.id}"
            for one in self.conn.identity.get(query).json()["role_assignments"]:
                found.append(
                    {
                        "kind": kind,
                        **who(holder),
                        "role": one["role"]["name"],
                        **where(one["scope"]),
                    }
                )
        return found

    def quotas(self):
        found = {}
        for said in self.params["quota_projects"]:
            project = self._find("project", said)
            if project is not None:
                limits = self.conn.network.get_quota(project.id).to_dict(computed=False)
                compute = self.conn.compute.get_quota_set(project.id).to_dict(computed=False)
                limits |= {key: compute[key] for key in COMPUTE_QUOTAS if key in compute}
                found[project.id] = {k: v for k, v in limits.items() if isinstance(v, int)}
        return found

    def refused_logins(self):
        """Users of whom Keystone does not take the password: domain id and name."""

        def refused(login):
            return refuses(
                self.conn, login["name"], self.domain(login["domain"]), login["password"]
            )

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(refused, self.params["logins"]))
        return [
            [self.domain(login["domain"]), login["name"].lower()]
            for login, no in zip(self.params["logins"], answers, strict=True)
            if no
        ]


def who(holder):
    return {"holder_id": holder.id, "name": holder.name, "domain_id": holder.domain_id}


def where(scope):
    """A scope as it is compared, as modules take it, and in words."""
    if "project" in scope:
        project = scope["project"]
        on = ["project", project["domain"]["id"], project["name"]]
        return {
            "on": on,
            "scope": {"project": project["id"]},
            "about": f"project {project['name']}",
        }
    if "domain" in scope:
        domain = scope["domain"]
        return {
            "on": ["domain", domain["id"]],
            "scope": {"domain": domain["id"]},
            "about": f"domain {domain['name']}",
        }
    return {"on": ["system", "all"], "scope": {"system": "all"}, "about": "the system"}


def refuses(conn, name, domain, password):
    body = {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {"name": name, "domain": {"id": domain}, "password": password}
                },
            },
            "scope": "unscoped",
        }
    }
    answer = conn.identity.post("/auth/tokens", json=body, authenticated=False, raise_exc=False)
    return answer.status_code == 401


class StateModule(OpenStackModule):
    argument_spec = {
        "kinds": {
            "type": "list", "elements": "str", "required": True,
            "choices": [
                "networks", "subnets", "routers", "router_interfaces", "ports", "flavors",
                "aggregates", "resource_classes", "traits", "images", "image_users", "domains",
                "projects", "users", "groups", "roles", "assignments", "quotas",
                "identity_providers",
            ],
        },
        "port_networks": {"type": "list", "elements": "str", "default": []},
        "domains": {"type": "list", "elements": "str", "default": ["default"]},
        "holders": {"type": "list", "elements": "dict", "default": []},
        "quota_projects": {"type": "list", "elements": "dict", "default": []},
        "logins": {
            "type": "list", "elements": "dict", "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "domain": {"type": "str", "default": "default"},
                "password": {"type": "str", "required": True, "no_log": True},
            },
        },
    }  # fmt: skip
    module_kwargs = {"supports_check_mode": True}

    def run(self):
        conn, kinds = self.conn, self.params["kinds"]
        own = {"project_id": conn.current_project_id}
        readers = {
            "networks": lambda: plain(conn.network.networks(**own)),
            "subnets": lambda: plain(conn.network.subnets(**own)),
            "routers": lambda: plain(conn.network.routers(**own)),
            "router_interfaces": lambda: router_interfaces(conn),
            "ports": lambda: ports(conn, self.params["port_networks"]),
            "flavors": lambda: flavors(conn),
            "aggregates": lambda: plain(conn.compute.aggregates()),
            "resource_classes": lambda: custom_classes(conn),
            "traits": lambda: plain(conn.placement.traits()),
            "images": lambda: images(conn),
            "image_users": lambda: image_users(conn),
            "identity_providers": lambda: plain(conn.identity.identity_providers()),
        }
        state = {kind: readers[kind]() for kind in kinds if kind in readers}
        if rest := [kind for kind in kinds if kind not in readers]:
            identity = Identity(conn, self.params)
            state |= {
                kind: identity.domains if kind == "domains" else getattr(identity, kind)()
                for kind in rest
            }
            state["refused_logins"] = identity.refused_logins()
        self.exit_json(changed=False, state={**own, "user_id": conn.current_user_id, **state})


def main():
    StateModule()()


if __name__ == "__main__":
    main()
