"""Projects, users, groups and roles, who has which role where, and quotas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cc_cloud_plan.steps import (
    Plan,
    Refused,
    description,
    differences,
    is_marked,
    truth,
)

DEFAULT_DOMAIN = "default"
COMPUTE_QUOTAS = frozenset(
    ("cores", "instances", "ram", "key_pairs", "metadata_items", "server_groups",
     "server_group_members")
)  # fmt: skip
NETWORK_QUOTAS = frozenset(
    ("floating_ips", "networks", "ports", "rbac_policies", "routers", "security_groups",
     "security_group_rules", "subnets", "subnet_pools")
)  # fmt: skip
NEEDED = {"user": frozenset({"admin"}), "project": frozenset({"admin", "service"})}
"""What no cloud of Kolla-Ansible works without, in the default domain."""
Said = Mapping[str, Any]
Key = tuple[str, str]
Attributes = dict[str, Any]
Holders = Mapping[Key, Said]


def plan(wanted: Said, state: Said, *, prune: bool = False) -> Plan:
    """Compare roles, projects, groups and users with those of Keystone."""
    result = Plan(prune=prune)
    domains = _Domains(state["domains"])
    roles = {str(one["name"]) for one in state["roles"]}
    for name in dict.fromkeys(str(one) for one in wanted.get("roles") or []):
        if name not in roles:
            result.make("role", name, {"description": description(None, None)})
    found = {kind: domains.indexed(state[kind]) for kind in ("projects", "groups", "users")}
    for kind, make in (("projects", _project), ("groups", _group), ("users", _user)):
        named: set[Key] = set()
        for index, said in enumerate(wanted.get(kind) or []):
            key = domains.key(said)
            if domains.id(key[0]) is None:
                result.refuse(kind[:-1], str(said["name"]), f"there is no domain {key[0]}")
            elif key in named:
                result.refuse(kind[:-1], str(said["name"]), "the site names it twice")
            else:
                make(result, {**said, "index": index}, key, found[kind].get(key), state)
            named.add(key)
        for key, one in found[kind].items():
            if key not in named and _is_ours(kind[:-1], one, state):
                _obsolete(result, kind[:-1], one)
    for kind in ("user", "group"):
        _assignments(result, kind, wanted.get(f"{kind}s") or [], found[f"{kind}s"], state, domains)
    return result


def _is_needed(kind: str, found: Said, state: Said) -> bool:
    """Whether the cloud stands on it: it keeps what it has, whatever is pruned."""
    if found["id"] == state.get(f"{kind}_id"):
        return True
    return found["domain_id"] == DEFAULT_DOMAIN and str(found["name"]).lower() in NEEDED.get(
        kind, ()
    )


def _is_ours(kind: str, found: Said, state: Said) -> bool:
    return is_marked(found.get("description")) and not _is_needed(kind, found, state)


def _obsolete(result: Plan, kind: str, found: Said) -> None:
    """Users and groups go; a project may still have machines, so it is only disabled."""
    name = str(found["name"])
    if kind != "project":
        result.remove(kind, name, {"id": found["id"]})
    elif not found.get("is_enabled"):
        return
    elif result.prune:
        args = {"domain": found["domain_id"], "is_enabled": False}
        result.change(kind, name, {"is_enabled": (True, False)}, args)
    else:
        result.notes.append(f"project {name}: the site names it no longer; --prune disables it")


def holders(objects: Any, kind: str) -> list[dict[str, Any]]:
    """Name and domain of what the site wants, and nothing secret."""
    return [
        {"kind": kind, "name": said["name"], "domain": said.get("domain") or DEFAULT_DOMAIN}
        for said in objects or []
    ]


def logins(users: Any) -> list[dict[str, Any]]:
    """Users whose passwords can be tried."""
    return [
        {
            "name": said["name"],
            "domain": said.get("domain") or DEFAULT_DOMAIN,
            "password": said["password"],
        }
        for said in users or []
        if said.get("password") and truth(said.get("enabled"), True)
    ]


def owners(users: Any) -> list[dict[str, Any]]:
    """Users whose application credentials may be of ours, with what they log in with."""
    return [
        {"user": said["name"], "user_domain": said["domain"], "password": said["password"]}
        for said in logins(users)
    ]


def credentials(wanted: Any, users: Any) -> list[dict[str, Any]]:
    """Application credentials with the passwords of their users.

    :raises Refused: the site does not say the password of a user.
    """
    found = []
    for said in wanted or []:
        domain = str(said.get("user_domain") or DEFAULT_DOMAIN).lower()
        owner: Said = next(
            (
                user for user in users or []
                if user["name"] == said["user"]
                and str(user.get("domain") or DEFAULT_DOMAIN).lower() == domain
            ),
            {},
        )  # fmt: skip
        password = said.get("password") or owner.get("password")
        if not password:
            why = f"cloud_users has no user {said['user']} with a password"
            raise Refused(f"application credential {said['name']}: {why}")
        found.append({**said, "password": password})
    return found


class _Domains:
    """Domains by their name or id; names of Keystone are the same in any case."""

    def __init__(self, found: Iterable[Said]) -> None:
        self._ids = {
            str(one[key]).lower(): str(one["id"]) for one in found for key in ("name", "id")
        }

    def id(self, name: Any) -> str | None:
        return self._ids.get(str(name or DEFAULT_DOMAIN).lower())

    def key(self, said: Said) -> Key:
        """Domain and name of what the site wants."""
        domain = said.get("domain") or DEFAULT_DOMAIN
        return self.id(domain) or str(domain), str(said["name"]).lower()

    def indexed(self, objects: Iterable[Said]) -> dict[Key, Said]:
        return {(str(one["domain_id"]), str(one["name"]).lower()): one for one in objects}


def _attributes(result: Plan, kind: str, said: Said, found: Said | None, state: Said) -> Attributes:
    """Description of an object and, but for groups, whether it is enabled."""
    wanted: Attributes = {}
    if found is None or not _is_needed(kind, found, state):
        wanted["description"] = description(said.get("description"), found)
    elif said.get("description") is not None:
        wanted["description"] = str(said["description"])
    if kind != "group":
        wanted["is_enabled"] = truth(said.get("enabled"), True)
        if found and not wanted["is_enabled"] and _is_needed(kind, found, state):
            result.refuse(kind, str(said["name"]), "the cloud does not work without it")
    return wanted


def _project(result: Plan, said: Said, key: Key, found: Said | None, state: Said) -> None:
    _object(result, "project", said, key, _attributes(result, "project", said, found, state), found)
    _quota(result, said, key, found, state)


def _group(result: Plan, said: Said, key: Key, found: Said | None, state: Said) -> None:
    _object(result, "group", said, key, _attributes(result, "group", said, found, state), found)


def _user(result: Plan, said: Said, key: Key, found: Said | None, state: Said) -> None:
    attributes = _attributes(result, "user", said, found, state)
    if said.get("email") is not None:
        attributes["email"] = said["email"]
    if found is None:
        _object(result, "user", said, key, attributes, found)
        return
    changes = differences(attributes, found)
    refused = [key[0], key[1]] in [list(login) for login in state.get("refused_logins") or []]
    if refused and attributes["is_enabled"]:
        changes["password"] = ("another", "that of the site")
    args = {"id": found["id"], "domain": key[0], "index": said["index"], **attributes}
    args["new_password"] = "password" in changes
    result.change("user", str(said["name"]), changes, args)


def _object(
    result: Plan, kind: str, said: Said, key: Key, attributes: dict[str, Any], found: Said | None
) -> None:
    name = str(said["name"])
    args = {"domain": key[0], "index": said["index"], **attributes}
    if found is None:
        result.make(kind, name, args, f"in domain {said['domain']}" if said.get("domain") else "")
    else:
        result.change(kind, name, differences(attributes, found), {"id": found["id"], **args})


def _quota(result: Plan, said: Said, key: Key, project: Said | None, state: Said) -> None:
    wanted = {name: int(value) for name, value in (said.get("quota") or {}).items()}
    unknown = sorted(wanted.keys() - COMPUTE_QUOTAS - NETWORK_QUOTAS)
    if unknown:
        result.refuse("quota", str(said["name"]), f"nobody knows {', '.join(unknown)}")
    wanted = {name: value for name, value in wanted.items() if name not in unknown}
    found = state["quotas"].get(project["id"], {}) if project else {}
    changes = {
        name: (found.get(name), value) for name, value in wanted.items() if found.get(name) != value
    }
    args = {"project": project["id"] if project else str(said["name"]), "quota": wanted}
    result.change("quota", str(said["name"]), changes, args)


def _assignments(
    result: Plan, kind: str, wanted: Iterable[Said], found: Holders, state: Said, domains: _Domains
) -> None:
    """Every role that is wanted is given; of others, users that we made lose theirs by pruning."""
    for said in wanted:
        key, name = domains.key(said), str(said["name"])
        there = {
            _key_of(one): one for one in state["assignments"]
            if one["kind"] == kind and (one["domain_id"], str(one["name"]).lower()) == key
        }  # fmt: skip
        named = set()
        for role, scope, args in _scopes(said.get("roles") or [], domains):
            named.add((role, scope))
            if (role, scope) not in there:
                who = {kind: name, f"{kind}_domain": key[0]}
                about = f"on {args['about']}"
                result.make("assignment", f"{role} of {name}", {**who, **args}, about)
        holder = found.get(key)
        if holder is None or _is_needed(kind, holder, state):
            continue
        for extra in sorted(there.keys() - named):
            _surplus(result, kind, name, there[extra], _is_ours(kind, holder, state))


def _surplus(result: Plan, kind: str, name: str, one: Said, ours: bool) -> None:
    """A role that the site does not name."""
    label = f"{one['role']} of {name}"
    why = f"{kind} {name} has it on {one['about']}, the site does not say so"
    if ours:
        args = {kind: one["holder_id"], "role": one["role"], **one["scope"]}
        result.remove("assignment", label, args, why)
    else:
        result.notes.append(f"assignment {label}: {why}; it stays, as others made this {kind}")


def _key_of(one: Said) -> tuple[str, tuple[str, ...]]:
    return str(one["role"]), tuple(str(part).lower() for part in one["on"])


def _scopes(
    roles: Iterable[Said], domains: _Domains
) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """Role, scope and arguments of each wanted assignment."""
    for item in roles:
        role = str(item["role"])
        if item.get("system"):
            yield role, ("system", "all"), {"role": role, "system": "all", "about": "the system"}
        elif item.get("project"):
            project = str(item["project"])
            domain = domains.id(item.get("project_domain")) or str(item["project_domain"])
            args = {"role": role, "project": project, "project_domain": domain}
            yield (
                role,
                ("project", domain.lower(), project.lower()),
                {**args, "about": f"project {project}"},
            )
        else:
            domain = domains.id(item.get("domain")) or str(item.get("domain"))
            yield (
                role,
                ("domain", domain.lower()),
                {"role": role, "domain": domain, "about": f"domain {domain}"},
            )
