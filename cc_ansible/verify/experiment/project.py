"""A project and a user for the experiment: what an admin can do proves nothing about users."""

from __future__ import annotations

import secrets

from cc_ansible.verify.experiment import logins
from cc_ansible.verify.experiment.lease import remaining
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import RESERVATION, Site, Trial
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import SOON, NotYet

ROLE = "member"
LOG = "Look at the logs of Keystone and Neutron: /var/log/kolla"


class Project(Step):
    name = "a user's project"
    undone = "project removed"

    def run(self, trial: Trial) -> str:
        from openstack.exceptions import raise_from_response

        identity = logins.identity(trial.admin)
        domain = logins.domain_id(trial.admin)
        role = identity.find_role(ROLE)
        if role is None:
            raise Trouble(f"there is no role {ROLE}", fix="cc-ansible deploy --tags keystone")
        about = "An experiment of cc-ansible verify; it is removed afterwards."
        project = identity.create_project(name=trial.name, domain_id=domain, description=about)
        # The end is for sites that ask for a special character.
        password = f"{secrets.token_urlsafe(24)}-Aa1!"
        user = identity.create_user(
            name=trial.name,
            domain_id=domain,
            password=password,
            default_project_id=project.id,
            description=about,
        )
        # The SDK's own call does not say when it is refused.
        place = f"/projects/{project.id}/users/{user.id}/roles/{role.id}"
        raise_from_response(identity.put(place))
        trial.project = str(project.id)
        trial.member = logins.member(trial.admin, str(user.id), password, str(project.id))
        trial.member.session.get_token()
        return f"user {trial.name} has a token, with role {ROLE}"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name)
        return "Keystone has no project and no user of it"


def remove(site: Site, name: str) -> None:
    """Remove the project of an experiment, its user, and what Neutron made for it.

    Raises:
        Trouble: a lease is left, which only ends while its user is there; or one stays.
    """
    if site.has(RESERVATION) and (left := remaining(site, name)):
        raise Trouble(
            f"the project stays, as lease {left[0]['id']} does",
            cause="Blazar acts as the user of a lease to end it.",
            fix=f"openstack reservation lease delete {left[0]['id']}",
        )
    site.watch.until("end of the project", lambda: _gone(site, name), SOON, LOG)


def _gone(site: Site, name: str) -> bool | NotYet:
    identity, network = logins.identity(site.admin), site.admin.network
    for user in list(identity.users(name=name)):
        # They would stay in Nova, where nobody finds them without their user.
        for found in list(site.admin.compute.keypairs(user_id=user.id)):
            site.admin.compute.delete_keypair(found, user_id=user.id)
        identity.delete_user(user.id)
    projects = list(identity.projects(name=name))
    for project in projects:
        # Without their project nobody would find them again.
        for group in list(network.security_groups(project_id=project.id)):
            network.delete_security_group(group)
        identity.delete_project(project)
    return NotYet("Keystone still has it") if projects else True
