#!/usr/bin/python
"""Application credentials whose secrets a site keeps itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_application_credentials
short_description: Application credentials of several users, with secrets that are given
description:
  - Only its user can make an application credential, so each is made with the user's password.
    openstack.cloud.application_credential makes one anew in every run and needs a cloud of its
    own for each user.
  - One that differs, or whose secret is another one, is replaced; they cannot be changed. What
    Keystone would refuse is found out before anything is removed.
options:
  credentials:
    type: list
    elements: dict
    required: true
    description: What shall be there.
    suboptions:
      name: {type: str, required: true, description: Its name.}
      user: {type: str, required: true, description: Whose it is.}
      user_domain: {type: str, default: Default, description: The user's domain.}
      password: {type: str, required: true, description: The user's password.}
      project: {type: str, required: true, description: The project it is for.}
      project_domain: {type: str, default: Default, description: The project's domain.}
      secret: {type: str, required: true, description: Its secret.}
      roles: {type: list, elements: str, required: true, description: Roles it has, no more.}
      access_rules:
        type: list
        elements: dict
        default: []
        description: Requests (service, method, path) it may make; any when empty.
      description: {type: str, default: "", description: What it is for.}
  owners:
    type: list
    elements: dict
    default: []
    description: Further users that may have some of ours which are wanted no longer.
    suboptions:
      user: {type: str, required: true, description: The user.}
      user_domain: {type: str, default: default, description: Its domain, by name or id.}
      password: {type: str, required: true, description: Its password.}
  prune: {type: bool, default: false, description: Whether others of ours of these users go.}
extends_documentation_fragment: [openstack.cloud.openstack]
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
told:
  description: A sentence for each that was made, replaced or removed, or would be in check mode.
  returned: always
  type: list
differs:
  description: Whether something was, or would be, done.
  returned: always
  type: bool
"""

from ansible_collections.openstack.cloud.plugins.module_utils.openstack import OpenStackModule

MARK = "[cc-ansible]"
TEXT = {"type": "str", "required": True}
SECRET = {"type": "str", "required": True, "no_log": True}
RULE = ("service", "method", "path")
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
LONGEST_PATH = 225


def marked(text):
    return text if text.endswith(MARK) else f"{text} {MARK}".strip()


def rules_of(body):
    return sorted(tuple(rule[key] for key in RULE) for rule in body.get("access_rules") or [])


def impossible(owner, wanted, body):
    """Why Keystone would refuse a credential, in words; empty when it would not.

    Its schema is in keystone/application_credential/schema.py; roles are those of the token.
    """
    has = {role.lower() for role in owner.session.auth.get_access(owner.session).role_names}
    lacking = [role for role in wanted["roles"] if role.lower() not in has]
    if lacking:
        return f"{wanted['user']} has no role {' '.join(lacking)} in project {wanted['project']}"
    for rule in body.get("access_rules", []):
        path = str(rule["path"])
        if rule["method"] not in METHODS or not path.startswith("/") or len(path) > LONGEST_PATH:
            return f"{rule['method']} {path} is no request"
        if not rule["service"]:
            return f"{rule['method']} {path} needs the type of a service"
    return ""


class CredentialsModule(OpenStackModule):
    argument_spec = {
        "credentials": {
            "type": "list", "elements": "dict", "required": True, "no_log": False,
            "options": {
                "name": TEXT, "user": TEXT, "password": SECRET, "project": TEXT, "secret": SECRET,
                "user_domain": {"type": "str", "default": "Default"},
                "project_domain": {"type": "str", "default": "Default"},
                "roles": {"type": "list", "elements": "str", "required": True},
                "access_rules": {"type": "list", "elements": "dict", "default": []},
                "description": {"type": "str", "default": ""},
            },
        },
        "owners": {
            "type": "list", "elements": "dict", "default": [],
            "options": {
                "user": TEXT, "password": SECRET,
                "user_domain": {"type": "str", "default": "default"},
            },
        },
        "prune": {"type": "bool", "default": False},
    }  # fmt: skip
    module_kwargs = {"supports_check_mode": True}

    def run(self):
        self.told, self.changed, self.seen = [], False, set()
        self.implied = self.implications()
        users = {}
        for wanted in self.params["credentials"]:
            users.setdefault((wanted["user"], wanted["user_domain"]), []).append(wanted)
        for group in users.values():
            self.of_user(group)
        for said in self.params["owners"]:
            self.of_owner(said)
        self.exit_json(changed=self.changed, differs=self.changed, told=self.told)

    def implications(self):
        """What each role brings with it, by name: Keystone lists it among a credential's roles."""
        answer = self.conn.identity.get("/role_inferences", raise_exc=False)
        if not answer.ok:
            return {}
        return {
            one["prior_role"]["name"]: {role["name"] for role in one["implies"]}
            for one in answer.json()["role_inferences"]
        }

    def with_implied(self, names):
        found, new = set(), set(names)
        while new:
            found |= new
            new = {more for name in new for more in self.implied.get(name, ())} - found
        return sorted(found)

    def of_user(self, group):
        names = {wanted["name"] for wanted in group}
        owner, found = None, {}
        for wanted in group:
            in_project = self.login(
                wanted,
                user_domain_name=wanted["user_domain"], project_name=wanted["project"],
                project_domain_name=wanted["project_domain"],
            )  # fmt: skip
            if in_project is None:
                self.unknown(wanted)
                continue
            owner, found = in_project, self.listed(in_project)
            self.settle(owner, wanted, found.get(wanted["name"]))
        if owner:
            self.surplus(owner, found, names)

    def of_owner(self, said):
        """A user of whom nothing is wanted, unless it was looked at already."""
        domain = self.conn.identity.find_domain(said["user_domain"])
        owner = self.login(said, user_domain_id=domain.id, unscoped=True) if domain else None
        if owner and owner.get_user_id() not in self.seen:
            self.surplus(owner, self.listed(owner), set())

    def login(self, said, **scope):
        """Keystone as a user; None where it lets the user not in."""
        from keystoneauth1 import adapter, exceptions, session
        from keystoneauth1.identity import v3

        config = self.conn.config.config
        url = config["auth"]["auth_url"].rstrip("/")
        url = url if url.endswith("/v3") else f"{url}/v3"
        password = v3.Password(
            auth_url=url, username=said["user"], password=said["password"], **scope
        )
        opened = session.Session(auth=password, verify=self.conn.session.verify)
        owner = adapter.Adapter(opened, endpoint_override=url, raise_exc=False)
        try:
            opened.get_token()
        except exceptions.Unauthorized as problem:
            self.problem = problem
            return None
        return owner

    def path(self, owner):
        return f"/users/{owner.get_user_id()}/application_credentials"

    def listed(self, owner):
        """Credentials of a user, by name."""
        self.seen.add(owner.get_user_id())
        answer = owner.get(self.path(owner))
        self.require(answer, "list application credentials")
        return {one["name"]: one for one in answer.json()["application_credentials"]}

    def unknown(self, wanted):
        """In check mode the user may be still to come."""
        if not self.check_mode:
            self.fail_json(
                msg=f"User {wanted['user']} cannot log in to {wanted['project']}: {self.problem}"
            )
        self.note(wanted["name"], f"new, for {wanted['user']}")

    def settle(self, owner, wanted, found):
        body = {
            "name": wanted["name"], "secret": wanted["secret"], "unrestricted": False,
            "description": marked(wanted["description"]),
            "roles": [{"name": role} for role in wanted["roles"]],
        }  # fmt: skip
        if wanted["access_rules"]:
            body["access_rules"] = [
                {key: rule.get(key, "") for key in RULE} for rule in wanted["access_rules"]
            ]
        why = self.differs(owner, body, found)
        if not why:
            return
        self.note(wanted["name"], why)
        if self.check_mode:
            return
        if problem := impossible(owner, wanted, body):
            self.fail_json(msg=f"Application credential {wanted['name']} cannot be made: {problem}")
        if found is not None:
            gone = owner.delete(f"{self.path(owner)}/{found['id']}")
            self.require(gone, f"remove application credential {wanted['name']}")
        made = owner.post(self.path(owner), json={"application_credential": body})
        self.require(made, f"make application credential {wanted['name']}")

    def differs(self, owner, body, found):
        """Why a credential has to be made, in words; empty when it has not."""
        roles = sorted(role["name"] for role in body["roles"])
        if found is None:
            return f"new, with {' '.join(roles)}"
        there = sorted(role["name"] for role in found["roles"])
        if there not in (roles, self.with_implied(roles)):
            return f"roles {' '.join(there)} -> {' '.join(roles)}"
        if found["project_id"] != owner.get_project_id():
            return "of another project"
        if found["unrestricted"] or rules_of(found) != rules_of(body):
            return "its access differs"
        # One that somebody made by hand and that is as it should be is no reason for a new one.
        ours = (found.get("description") or "").endswith(MARK)
        if ours and found["description"] != body["description"]:
            return "its description differs"
        return "" if self.works(found["id"], body["secret"]) else "its secret is another one"

    def works(self, id_, secret):
        identity = {
            "methods": ["application_credential"],
            "application_credential": {"id": id_, "secret": secret},
        }
        answer = self.conn.identity.post(
            "/auth/tokens",
            json={"auth": {"identity": identity}},
            authenticated=False,
            raise_exc=False,
        )
        return answer.status_code != 401

    def surplus(self, owner, found, names):
        for name, one in found.items():
            if name in names or not (one.get("description") or "").endswith(MARK):
                continue
            if not self.params["prune"]:
                why = "the site names it no longer; --prune removes it"
                self.told.append(f"application credential {name}: {why}")
                continue
            self.note(name, "removed, the site names it no longer")
            if not self.check_mode:
                gone = owner.delete(f"{self.path(owner)}/{one['id']}")
                self.require(gone, f"remove application credential {name}")

    def note(self, name, what):
        self.changed = True
        self.told.append(f"application credential {name}: {what}")

    def require(self, answer, what):
        if not answer.ok:
            self.fail_json(msg=f"Keystone did not {what}: {answer.text[:400]}")


def main():
    CredentialsModule()()


if __name__ == "__main__":
    main()
