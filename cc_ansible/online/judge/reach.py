"""Whether Ansible gets to a host, and what it may do there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cc_ansible.online.facts import Host
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import View

UNREACHABLE = error(Check.REACH, "host-unreachable", "Ansible can log in to every host")
NO_ROOT = error(Check.REACH, "host-become", "Ansible can become root on every host")
UNKNOWN = error(Check.REACH, "host-unknown", "Ansible can run Python on every host")
NOT_ASKED = warning(Check.REACH, "host-answers", "Hosts can be asked what they reach")
NOT_EVALUATED = error(Check.REACH, "host-variables", "The site's values can be evaluated")

SHOWN_LINES = 4
# What SSH says, what it means, and what helps; the first that matches.
_SSH = (
    (
        "identification has changed",
        "its SSH host key has changed",
        "If it was reinstalled, `ssh-keygen -R {address}`, then `ssh {login}` once by hand; if "
        "not, find out who answers there.",
    ),
    (
        "host key verification failed|no .* host key is known",
        "this machine does not know its SSH host key",
        "Log in once by hand to compare and accept it: `ssh {login}`.",
    ),
    (
        "permission denied|too many authentication failures",
        "it does not let us in",
        "Put this machine's public key into ~/.ssh/authorized_keys there, or correct "
        "ansible_user and ansible_ssh_private_key_file.",
    ),
    (
        "could not resolve|name or service not known",
        "its name does not resolve",
        "Set ansible_host to its address, or add the name to DNS or /etc/hosts.",
    ),
    (
        "connection refused",
        "nothing listens on its SSH port",
        "Start sshd there, or correct ansible_host and ansible_port.",
    ),
    (
        "timed out|no route to host|network is unreachable|did not respond",
        "it does not answer",
        "Switch it on, or correct ansible_host; a firewall must let SSH through.",
    ),
)
_SUDO = re.compile("sudo|become|privilege escalation|a password is required", re.IGNORECASE)
_NO_PYTHON = re.compile("interpreter|python[0-9.]*: (?:command )?not found", re.IGNORECASE)


def unreachable(view: View) -> Iterator[HostFinding]:
    """Hosts that could not be looked at at all."""
    for host in view.hosts.values():
        at = view.listed(host)
        if host.unreachable:
            meaning, fix = _explain(host.unreachable)
            fix = fix.format(**_login(view, host))
            summary = f"{host.name} cannot be reached: {meaning}."
            detail = _end(host.unreachable)
            yield UNREACHABLE.broken(host.name, summary, at, detail=detail, fix=fix)
        elif host.facts is None:
            fix = "Run `ansible -m ping` against it, or look at the message above."
            if _NO_PYTHON.search(host.trouble):
                fix = "Install Python there: `apt-get install python3`."
            summary = f"{host.name} lets us in, but could not be looked at."
            yield UNKNOWN.broken(host.name, summary, at, detail=_end(host.trouble), fix=fix)


def rights(view: View) -> Iterator[HostFinding]:
    """Hosts on which we are no root, or for which the site's values make no sense."""
    for host in view.hosts.values():
        if host.denied:
            summary = f"Nobody can become root on {host.name}."
            if not _SUDO.search(host.denied):
                summary = f"Looking at {host.name} as root failed."
            yield NO_ROOT.broken(
                host.name,
                summary,
                view.listed(host),
                detail=_end(host.denied),
                fix="Let the user run sudo without a password (NOPASSWD: ALL), or log in as root.",
            )
        if host.unasked:
            yield NOT_ASKED.broken(
                host.name,
                f"{host.name} could not be asked what it reaches: names, VIPs, registry, BMCs.",
                view.listed(host),
                detail=_end(host.unasked),
                fix="Run it again; if it stays, look at the message above.",
            )
        if host.unevaluated:
            yield NOT_EVALUATED.broken(
                host.name,
                f"Some values of the site cannot be evaluated for {host.name}.",
                detail=host.unevaluated,
                fix="Correct the variable it names; `cc-ansible explain NAME` shows who sets it.",
            )


def _login(view: View, host: Host) -> dict[str, str]:
    """How to log in by hand, and the name under which SSH keeps the host's key."""
    values = view.subject.values
    address = str(values.known_or(host.name, "ansible_host", host.name))
    user = values.known_or("", "ansible_user", host.name)
    port = values.known_or("", "ansible_port", host.name)
    login = f"{user}@{address}" if user else address
    if not port:
        return {"login": login, "address": address}
    return {"login": f"-p {port} {login}", "address": f"'[{address}]:{port}'"}


def _end(text: str) -> str:
    """The end of a message: SSH and sudo say there what the matter is."""
    return "\n".join(text.splitlines()[-SHOWN_LINES:])


def _explain(message: str) -> tuple[str, str]:
    for pattern, meaning, fix in _SSH:
        if re.search(pattern, message, re.IGNORECASE):
            return meaning, fix
    return "Ansible gave up", "Log in by hand with `ssh` to see more."
