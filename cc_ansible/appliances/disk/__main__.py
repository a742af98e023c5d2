"""Started as root in namespaces of its own: writes the disk that a JSON file orders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cc_ansible.appliances.disk.write import Order, write
from cc_ansible.errors import CcError


def main(order_file: str) -> int:
    """Write the disk and, beside the order, ``done.json`` or ``error.json``."""
    file = Path(order_file)
    said = json.loads(file.read_text())
    paths = {name: Path(said[name]) for name in ("root", "target", "work")}
    try:
        done = write(Order(**{**said, **paths}))
    except CcError as problem:
        error = {"summary": problem.summary, "detail": problem.detail, "fix": problem.fix}
        (file.parent / "error.json").write_text(json.dumps(error))
        return 1
    (file.parent / "done.json").write_text(json.dumps(done))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
