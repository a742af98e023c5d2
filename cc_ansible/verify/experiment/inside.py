"""The server from the inside: its user logs in from here, through the floating IP."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from cc_ansible.login import key
from cc_ansible.login.ssh import Login, Server
from cc_ansible.verify.experiment.step import Said, Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble
from cc_ansible.verify.experiment.wait import SOON, NotYet

CONNECT = 30.0
"""Seconds for a login to a server that answers."""
SCRIPT = """
. /etc/os-release
echo "$(hostname), $PRETTY_NAME, Linux $(uname -r), up since $(uptime -s)"
ip -brief -4 address show scope global
lsblk --noheadings --output NAME,SIZE,FSTYPE,MOUNTPOINTS
sudo -n id
"""
LOG = "Look at its console, and at what cloud-init says there"


class Key(Step):
    name = "user's key"
    undone = "user's key removed"

    def __init__(self) -> None:
        self._kept = ExitStack()

    def run(self, trial: Trial) -> str:
        trial.key = self._kept.enter_context(key.made(trial.name))
        made = trial.user.compute.create_keypair(name=trial.name, public_key=trial.key.public)
        return f"Nova has {made.name}, {made.fingerprint}"

    def clean_up(self, trial: Trial) -> str:
        self._kept.close()
        trial.user.compute.delete_keypair(trial.name)
        return "Nova does not have it"


class SshLogin(Step):
    """The user's key, and nobody else's, opens the server, which is who it should be."""

    name = "login by ssh"

    def run(self, trial: Trial) -> Said:
        if not trial.address:
            raise NotHere("it has no floating IP")
        begun = trial.watch.clock()
        limit = trial.options.limit
        said = trial.watch.until("login by ssh", lambda: ask(trial, SCRIPT), limit, LOG)
        took = trial.watch.clock() - begun
        _require_own_key(trial)
        if trial.fixed_ip not in said:
            raise Trouble(
                f"it has not the address {trial.fixed_ip}",
                cause="It got no lease from Neutron's DHCP server, or another one answers.",
                fix="Look at the log of neutron_dhcp_agent: /var/log/kolla/neutron",
                log=tuple(said.splitlines()),
            )
        lines = tuple(said.splitlines())
        return Said(f"{trial.options.login}@{trial.address} after {took:.0f} s: {lines[0]}", lines)


def ask(trial: Trial, script: str) -> str | NotYet:
    """What a shell script writes that the user runs on the server.

    Raises:
        Trouble: it fails.
    """
    assert trial.key is not None, "the step that makes the key comes first"
    server = Server(trial.address, 22, trial.options.login, trial.key.private)
    if not server.greets():
        return NotYet(f"{trial.address} does not answer on port 22")
    with tempfile.TemporaryDirectory(prefix="cc-verify-") as place:
        login = Login(server, Path(place))
        try:
            if refusal := login.connect(CONNECT):
                return NotYet(refusal)
            done = login.run(script, root=False, timeout=SOON)
        finally:
            login.close()
    if not done.ok:
        raise Trouble(
            f"a command on the server ended with {done.code}: {done.said}",
            log=tuple(done.out.splitlines()),
        )
    return done.out.strip()


def _require_own_key(trial: Trial) -> None:
    assert trial.key is not None
    seen = ask(trial, "cat ~/.ssh/authorized_keys")
    keys = [] if isinstance(seen, NotYet) else [line for line in seen.splitlines() if line]
    ours = trial.key.public.split()[1]
    others = [line for line in keys if ours not in line]
    if others:
        raise Trouble(
            f"{len(others)} keys of others log in, too",
            cause="The image has keys, or the node was not written anew for this user.",
            fix="See that the image is clean, and that the node is cleaned between users.",
            log=tuple(line.rsplit(" ", 1)[-1] for line in others),
        )
