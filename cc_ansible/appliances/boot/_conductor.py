"""Serves one HTTP request of a booted deploy ramdisk: Ironic, as far as an agent sees of it before
it has found its node. Run by QEMU for each connection, with a file for what was asked.

Source of the routes: Ironic's API reference, `/`, `/v1` and `/v1/lookup`.
"""

import json
import sys
from pathlib import Path

VERSION = {"id": "v1", "version": "1.104", "min_version": "1.1", "status": "CURRENT"}
ROOT = {"name": "OpenStack Ironic API", "versions": [VERSION], "default_version": VERSION}
LOOKUP = "/v1/lookup"


def main(asked: Path) -> None:
    line = sys.stdin.buffer.readline().decode(errors="replace").strip()
    while sys.stdin.buffer.readline().strip():
        pass
    with asked.open("a") as file:
        file.write(f"{line}\n")
    target = line.split()[1] if len(line.split()) > 1 else ""
    status, body = ("404 Not Found", {}) if target.startswith(LOOKUP) else ("200 OK", ROOT)
    said = json.dumps(body)
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(said)}"
    sys.stdout.write(f"{head}\r\nConnection: close\r\n\r\n{said}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
