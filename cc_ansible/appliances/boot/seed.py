"""What cloud-init is told at the first boot: a NoCloud seed.

Source of its form: https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.runs.process import check

PORT = "cc.report"
"""Name of the virtio port through which a guest tells what went wrong with it."""
TOKEN = "/run/cc-booted/token"  # noqa: S105 - a file's name
REPORT = f"""\
#!/bin/sh
# Tells the machine that tests this image what it would otherwise not see without a login.
port=${{1:-/dev/virtio-ports/{PORT}}}
[ -e "$port" ] || exit 0
{{
  echo '== address'; ip -o addr show scope global
  echo '== listening'; ss -Hltn 'sport = :22'
  echo '== failed'; systemctl list-units --failed --plain --no-legend --full
  systemctl list-units --failed --plain --no-legend --full | while read -r unit rest; do
    echo "== journal $unit"; journalctl -b -u "$unit" -n 12 --no-pager -o cat
  done
  echo '== journal ssh'; journalctl -b -u ssh -u sshd -n 12 --no-pager -o cat
  echo '== cloud-init'; cloud-init status --long
  echo '== end'
}} > "$port" 2>/dev/null
exit 0
"""


@dataclass(frozen=True)
class Seed:
    """``key`` is the line of who may log in. There is no password.

    ``network`` is a network configuration of version 2, for where no DHCP server is.
    """

    key: str
    hostname: str
    network: Mapping[str, Any] | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    def files(self) -> dict[str, str]:
        """The seed's files by name."""
        meta = {"instance-id": f"cc-{self.token}", "local-hostname": self.hostname}
        user = {
            "ssh_authorized_keys": [self.key],
            # Nobody answers questions for names here, and sudo asks for the machine's own.
            "manage_etc_hosts": "localhost",
            "write_files": [
                {"path": TOKEN, "content": self.token},
                {"path": "/run/cc-booted/report", "content": REPORT},
            ],
            "runcmd": [["sh", "/run/cc-booted/report"]],
        }
        # JSON is YAML.
        found = {
            "meta-data": json.dumps(meta),
            "user-data": f"#cloud-config\n{json.dumps(user)}\n",
        }
        if self.network is not None:
            found["network-config"] = json.dumps(self.network)
        return found

    def write(self, directory: Path) -> None:
        """As files, where cloud-init of an unpacked system looks (mode 0700)."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in self.files().items():
            (directory / name).write_text(text)

    def image(self, work: Path) -> Path:
        """As a disk with a FAT file system labelled CIDATA; made without a mount.

        Raises:
            RunFailed: mtools failed.
        """
        self.write(work / "seed")
        image = work / "seed.img"
        check(["mformat", "-C", "-i", str(image), "-f", "1440", "-v", "CIDATA", "::"])
        names = [str(work / "seed" / name) for name in self.files()]
        check(["mcopy", "-i", str(image), *names, "::"])
        return image
