#!/usr/bin/python
"""Register what a service needs in Keystone, in one process inside kolla_toolbox."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_keystone_register
short_description: Make Keystone hold a service's services, endpoints, projects, users and roles
description:
  - Compares what Keystone holds with what is wanted and changes only the difference.
  - Runs as one process inside the kolla_toolbox container, which has openstacksdk.
options:
  container_engine: {type: str, required: true, description: docker or podman.}
  connection: {type: dict, required: true, description: Arguments of openstack.connect.}
  domain: {type: str, default: default, description: Domain of the users and projects.}
  endpoint_region: {type: str, required: true, description: Region of the endpoints.}
  services: {type: list, elements: dict, description: name, type, description, endpoints, state.}
  users: {type: list, elements: dict, description: user, password, project, role.}
  roles: {type: list, elements: str, description: Further roles to create.}
  user_roles:
    type: list
    elements: dict
    description: Assignments for existing users, in a project, a domain or the system.
  update_passwords: {type: bool, default: true, description: Set a password that differs.}
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
changes:
  description: One line for each thing that was, or in check mode would be, changed.
  returned: always
  type: list
  elements: str
"""

import json
import subprocess

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.parsing.convert_bool import boolean

PYTHON = "/opt/ansible/bin/python3"
TIMEOUT = 300

# Runs inside the container; the request comes on its standard input.
SCRIPT = r'''
import json, sys
import openstack
from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3

wanted = json.load(sys.stdin)
connection = {key: value for key, value in wanted["connection"].items() if value}
cloud = openstack.connect(**connection)
identity = cloud.identity
changes = []


def change(text, act):
    changes.append(text)
    return None if wanted["check"] else act()


def by_name(entries):
    return {entry.name: entry for entry in entries}


def register_service(item, services, endpoints):
    found = services.get((item["name"], item.get("type")))
    if item.get("state", "present") == "absent":
        if found:
            change("service %s deleted" % item["name"], lambda: identity.delete_service(found))
        return
    if not found:
        found = change("service %s created" % item["name"], lambda: identity.create_service(
            name=item["name"], type=item["type"], description=item.get("description")))
    elif item.get("description") and found.description != item["description"]:
        change("service %s described" % item["name"], lambda: identity.update_service(
            found, description=item["description"]))
    for endpoint in item.get("endpoints", []):
        register_endpoint(item, found, endpoint, endpoints)


def register_endpoint(item, service, endpoint, endpoints):
    label = "%s endpoint of %s" % (endpoint["interface"], item["name"])
    key = (service.id if service else None, endpoint["interface"], wanted["endpoint_region"])
    found = endpoints.get(key)
    if not found:
        change("%s created" % label, lambda: identity.create_endpoint(
            service_id=service.id, interface=endpoint["interface"], url=endpoint["url"],
            region_id=region()))
    elif found.url != endpoint["url"]:
        change("%s moved" % label, lambda: identity.update_endpoint(found, url=endpoint["url"]))


def region():
    name = wanted["endpoint_region"]
    if not any(entry.id == name for entry in identity.regions()):
        identity.create_region(id=name)
    return name


def accepts(user, domain):
    """Whether Keystone accepts the wanted password, asked by logging in with it."""
    auth_url = cloud.config.get_auth_args().get("auth_url")
    plugin = v3.Password(auth_url=auth_url, username=user["user"], password=user["password"],
                         user_domain_id=domain.id, unscoped=True)
    try:
        plugin.get_access(session.Session(verify=connection.get("cacert") or True))
    except exceptions.Unauthorized:
        return False
    return True


def register_user(item, users, projects, domain):
    found = users.get(item["user"])
    password = item.get("password")
    if not found:
        project = projects.get(item["project"])
        made = change("user %s created" % item["user"], lambda: identity.create_user(
            name=item["user"], password=password, domain_id=domain.id,
            default_project_id=project.id))
        users[item["user"]] = made
    elif password and wanted["update_passwords"] and not accepts(item, domain):
        change("password of %s changed" % item["user"],
               lambda: identity.update_user(found, password=password))


def assign(item, users, projects, roles, domains):
    user, role = users.get(item["user"]), roles.get(item["role"])
    if item.get("project"):
        kind, target = "project", projects.get(item["project"])
    elif item.get("domain"):
        kind, target = "domain", domains.get(item["domain"]) or domains_by_id.get(item["domain"])
    else:
        kind, target = "system", item.get("system")
    known = bool(user and role and target)
    has = known and getattr(identity, "validate_user_has_%s_role" % kind)(
        *order(kind, target, user, role))
    present = item.get("state", "present") != "absent"
    if bool(has) == present:
        return
    verb = "assign" if present else "unassign"
    where = "to" if present else "from"
    act = getattr(identity, "%s_%s_role_%s_user" % (verb, kind, where))
    label = "role %s of %s in %s %sed" % (
        item["role"], item["user"], item.get(kind, kind), verb)
    change(label, lambda: act(*order(kind, target, user, role)))


def order(kind, target, user, role):
    return (user, role, target) if kind == "system" else (target, user, role)


domains = by_name(identity.domains())
domains_by_id = {entry.id: entry for entry in domains.values()}
domain = domains_by_id.get(wanted["domain"]) or domains[wanted["domain"]]
if wanted["services"]:
    services = {(entry.name, entry.type): entry for entry in identity.services()}
    endpoints = {(e.service_id, e.interface, e.region_id): e for e in identity.endpoints()}
    for item in wanted["services"]:
        register_service(item, services, endpoints)
if wanted["users"] or wanted["user_roles"]:
    projects = by_name(identity.projects(domain_id=domain.id))
    for name in dict.fromkeys(item["project"] for item in wanted["users"]):
        if name not in projects:
            projects[name] = change("project %s created" % name, lambda: identity.create_project(
                name=name, domain_id=domain.id))
    users = by_name(identity.users(domain_id=domain.id))
    for item in wanted["users"]:
        register_user(item, users, projects, domain)
if wanted["users"] or wanted["user_roles"] or wanted["roles"]:
    roles = by_name(identity.roles())
    for name in dict.fromkeys([item["role"] for item in wanted["users"]] + wanted["roles"]):
        if name not in roles:
            roles[name] = change("role %s created" % name, lambda: identity.create_role(name=name))
    for item in wanted["users"] + wanted["user_roles"]:
        assign(item, users, projects, roles, domains)
json.dump(changes, sys.stdout)
'''


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "container_engine": {"type": "str", "required": True},
            "connection": {"type": "dict", "required": True, "no_log": True},
            "domain": {"type": "str", "default": "default"},
            "endpoint_region": {"type": "str", "required": True},
            "services": {"type": "list", "elements": "dict", "default": []},
            "users": {"type": "list", "elements": "dict", "default": [], "no_log": True},
            "roles": {"type": "list", "elements": "str", "default": []},
            "user_roles": {"type": "list", "elements": "dict", "default": []},
            "update_passwords": {"type": "bool", "default": True, "no_log": False},
        },
        supports_check_mode=True,
    )
    request = {key: value for key, value in module.params.items() if key != "container_engine"}
    request["services"] = [
        item for item in request["services"] if boolean(item.get("enabled", True), strict=False)
    ]
    request["check"] = module.check_mode
    argv = [module.params["container_engine"], "exec", "-i", "kolla_toolbox", PYTHON, "-c", SCRIPT]
    try:
        result = subprocess.run(
            argv, input=json.dumps(request), capture_output=True, text=True,
            timeout=TIMEOUT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        module.fail_json(msg=f"Keystone did not answer within {TIMEOUT} s")
    if result.returncode:
        tail = [line for line in result.stderr.splitlines() if line.strip()][-3:]
        module.fail_json(msg="\n".join(tail) or f"kolla_toolbox exited with {result.returncode}")
    changes = json.loads(result.stdout)
    module.exit_json(changed=bool(changes), changes=changes)


if __name__ == "__main__":
    main()
