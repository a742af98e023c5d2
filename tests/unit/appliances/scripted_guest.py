"""A guest that is well, whose answers a test replaces."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cc_ansible.appliances.boot.guest import Guest
from cc_ansible.login.ssh import Outcome

SHADOW = "root:*:20000:0:99999:7:::\ncc:!:20000:0:99999:7:::\n"
WELL = {
    "cat /etc/os-release": 'PRETTY_NAME="Debian 13"\nID=debian\nVERSION_CODENAME=trixie\n',
    "uname -rm": "6.12.48+deb13-amd64 x86_64\n",
    "cat /proc/cmdline": "root=LABEL=cc-root console=ttyS0\n",
    "systemctl is-system-running": "running\n",
    "list-units --failed": "",
    "list-units --state=active": "93\n",
    "systemctl is-active systemd-timesyncd": "active\n" + "inactive\n" * 6,
    "findmnt -nvo SOURCE /": "/dev/vda3\n",
    "findmnt -bno SIZE /": f"{3 * 2**30}\n",
    "lsblk": f"part {3 * 2**30} vda3\ndisk {3 * 2**30 + 2**27} vda\n",
    "cat /etc/machine-id; cat": "77aa\nssh-ed25519 AAAA\n",
    "getent passwd": "cc:x:1000:1000::/home/cc:/bin/bash\n",
    "id -un": "cc\n",
    "id -Gn": "cc sudo docker\n",
    "sudo -n id -u": "0\n",
    "test -O": "",
    "cat /etc/shadow": SHADOW,
    "sshd -T": "permitrootlogin without-password\nport 22\n",
    "systemd-run": "",
    "ss -Hltn": "LISTEN 0 5 0.0.0.0:8099\n",
    "systemctl stop": "",
    "stat -c": "",
    "authorized_keys*": "",
    "apt-config dump": 'Acquire::http::Proxy "";\n',
    "ls -d /etc/dib*": "",
    "ip -j -4 addr show scope global":
        '[{"ifname":"ens2","addr_info":[{"local":"10.0.2.15"}]},{}]',
    "ip -j -4 addr show scope link": "[{}]",
    "readlink": "/run/systemd/resolve/stub-resolv.conf\n",
    "test -e": "",
    "hostname": "cc-booted\n",
    "cloud-init status": "status: done\nextended_status: done\n",
    "cat /run/cloud-init/result.json":
        '{"v1": {"datasource": "DataSourceNoCloud [seed=/dev/vdb]", "errors": []}}',
    "cat /run/cc-booted/token": "t0ken",
    "cat /etc/cc-manifest.json": '{"name": "debian-13", "version": "abc", "arch": "x86_64"}',
    "dpkg-query": "bash 5.2\nlibc6 2.41\n",
    "docker info": "26.1 overlay2\n",
    "docker import": "",
}  # fmt: skip
SAID = "Linux version 6.12\nsystemd[1]: Detected.\ncc-booted login:\n"


class Scripted(Guest):
    """``changed`` replaces answers: an outcome, or what a command that succeeds writes."""

    how, arch, serial, user, hostname = "script", "x86_64", "ttyS0", "cc", "cc-booted"
    key, token, patience, seconds = "ssh-ed25519 OURS test", "t0ken", 0.01, 31.0
    offers: tuple[str, ...] = ("publickey",)
    open_port = False
    said = SAID
    off: float | None = 4.0

    def __init__(
        self,
        changed: Mapping[str, str | Outcome] | None = None,
        blind: Mapping[str, str] | None = None,
    ) -> None:
        answers: dict[str, str | Outcome] = {**WELL, "date +%s": f"{time.time():.0f}"}
        self.well, self.changed = answers, dict(changed or {})
        self.blind = blind or {}
        self.since = time.time()
        self.asked: list[tuple[str, bool]] = []

    def run(self, command: str, *, root: bool = False, timeout: float = 60) -> Outcome:
        self.asked.append((command, root))
        for known in (self.changed, self.well):
            if fitting := [part for part in known if part in command]:
                answer = known[max(fitting, key=len)]
                return answer if isinstance(answer, Outcome) else Outcome(0, answer, "")
        return Outcome(127, "", f"{command}: nobody wrote an answer")

    @property
    def console(self) -> str:
        return self.said

    def methods(self) -> list[str]:
        return list(self.offers)

    def answers(self) -> bool:
        return self.open_port

    def reboot(self) -> float:
        return 20.0

    def power_off(self) -> float | None:
        return self.off
