"""Checks of who gets in: users, ssh, firewall, and what the image must not carry."""

from __future__ import annotations

import shlex
import time

from cc_ansible.appliances.boot.qemu import PROBE
from cc_ansible.appliances.checks.subject import Look, failed
from cc_ansible.verify.check import Failed, Trouble

LISTEN_SECONDS = 10.0
SLACK = 5
"""Seconds: files that are made at boot may be as much older than it, as clocks tell."""


def users(look: Look) -> str:
    """The default user is there, may become root, and has no password."""
    user = look.guest.user
    entry = look.ask(f"getent passwd {shlex.quote(user)}").split(":")
    troubles = []
    if look.ask("id -un") != user:
        troubles.append(Trouble(f"the login is not {user}", "", ""))
    if look.tries("sudo -n id -u") != "0":
        troubles.append(
            Trouble(
                f"{user} cannot become root",
                "sudo asks for a password, or is not installed.",
                f"See sudo: of {user} in /etc/cloud/cloud.cfg, and package sudo.",
            )
        )
    home, shell = entry[5], entry[6]
    if not look.guest.run(f"test -O {shlex.quote(home)} -a -w {shlex.quote(home)}").ok:
        troubles.append(Trouble(f"{home} does not belong to {user}", "", "See its owner."))
    if shell.endswith(("nologin", "false")):
        troubles.append(Trouble(f"{user} has no shell", f"It is {shell}.", ""))
    troubles += _passwords(look)
    if troubles:
        raise Failed(*troubles)
    groups = look.ask("id -Gn").split()
    return f"{user} ({', '.join(groups)}), sudo without a password, no passwords"


def _passwords(look: Look) -> list[Trouble]:
    """Users who have one; an empty field lets anybody in."""
    listed = look.tries("cat /etc/shadow", root=True).splitlines()
    fields = [line.split(":") for line in listed]
    having = [f[0] for f in fields if len(f) > 1 and (f[1].startswith("$") or f[1] == "")]
    if not having:
        return []
    return [
        Trouble(
            f"there is a password for {', '.join(having)}",
            "Everybody who has the image can find it out.",
            "Lock it: passwd -l. Elements that set one are for tests only.",
        )
    ]


def ssh(look: Look) -> str:
    """Logging in takes a key and nothing else will do."""
    methods = look.guest.methods()
    asking = [m for m in methods if m in ("password", "keyboard-interactive")]
    if asking:
        raise failed(
            f"ssh offers to log in by {' and '.join(asking)}",
            "Its server asks for passwords, which are guessed at as soon as it has an address.",
            "Set `PasswordAuthentication no` and `KbdInteractiveAuthentication no`.",
        )
    if methods != ["publickey"]:
        raise failed(f"ssh offers {', '.join(methods) or 'nothing'}", "", "")
    root = _settings(look).get("permitrootlogin", "")
    if root == "yes":
        raise failed(
            "ssh lets root log in", "PermitRootLogin is yes.", "Set it to prohibit-password or no."
        )
    return f"by key only, root: {root or 'unknown'}"


def _settings(look: Look) -> dict[str, str]:
    shown = look.tries("PATH=$PATH:/usr/sbin sshd -T", root=True)
    return dict(line.split(" ", 1) for line in shown.splitlines() if " " in line)


def firewall(look: Look) -> str:
    """A port that a user opens stays closed to the network until the firewall is told."""
    guest = look.guest
    unit = "cc-probe"
    listens = f"python3 -m http.server {PROBE} --directory /run/cc-booted"
    look.ask(f"systemd-run --quiet --collect --unit={unit} {listens}", root=True)
    try:
        deadline = time.monotonic() + LISTEN_SECONDS * guest.patience
        while not look.tries(f"ss -Hltn 'sport = :{PROBE}'"):
            if time.monotonic() > deadline:
                raise failed("nothing could be started to be hidden by it", "", "")
            time.sleep(0.5)
        if guest.answers():
            rules = look.tries("PATH=$PATH:/usr/sbin nft list ruleset", root=True)
            raise failed(
                f"port {PROBE} can be reached",
                "It has rules, but they let this in." if rules else "It has no rules at all.",
                "See that nftables is installed and enabled, and its input chain drops.",
                *rules.splitlines()[:8],
            )
    finally:
        guest.run(f"systemctl stop {unit}", root=True)
    return f"ssh comes through, port {PROBE} does not"


def clean(look: Look) -> str:
    """Nothing of the build, and nothing that two machines must not share, is in the image."""
    old = [
        f
        for f in look.tries(
            "stat -c '%Y %n' /etc/machine-id /etc/ssh/ssh_host_*_key", root=True
        ).splitlines()
        if int(f.split()[0]) < look.guest.since - SLACK
    ]
    troubles = [
        Trouble(
            f"{name} was in the image",
            "All machines that are made from it share it.",
            "Remove it at the end of the build (element cc-clean).",
        )
        for name in (line.split(" ", 1)[1] for line in old)
    ]
    troubles += _strange_keys(look) + _of_the_build(look)
    if troubles:
        raise Failed(*troubles)
    return "host keys and machine id are this machine's own; no keys, proxies or logs of the build"


def _strange_keys(look: Look) -> list[Trouble]:
    """Keys that let somebody in whom nobody named."""
    ours = look.guest.key.split()[1]
    find = "find /root /home /etc /srv /var -xdev -name 'authorized_keys*' -type f -print"
    found = look.tries(f"{find} | xargs -r grep -Hv -e '^#' -e '^$'", root=True)
    strange = [line for line in found.splitlines() if ours not in line]
    if not strange:
        return []
    files = ", ".join(sorted({line.partition(":")[0] for line in strange}))
    return [
        Trouble(
            f"somebody else's key is in {files}",
            "Who has it can log in to every machine that is made from this image.",
            "Remove it at the end of the build.",
            tuple(line.rsplit(" ", 1)[-1] for line in strange),
        )
    ]


def _of_the_build(look: Look) -> list[Trouble]:
    troubles = []
    settings = look.tries("apt-config dump")
    if proxies := [
        line for line in settings.splitlines() if "::Proxy" in line and '""' not in line
    ]:
        why = "Users' machines do not reach what the build went through."
        troubles.append(Trouble("apt uses a proxy", why, "Remove it from apt's configuration.",
                                tuple(proxies)))  # fmt: skip
    leftovers = "ls -d /etc/dib* /tmp/in_target.d /tmp/*hooks* /root/.bash_history"
    if left := look.guest.run(f"{leftovers} 2>/dev/null", root=True).out.split():
        why = "The build left it there."
        troubles.append(Trouble(f"{', '.join(left)} is in the image", why,
                                "Remove it at the end of the build."))  # fmt: skip
    return troubles
