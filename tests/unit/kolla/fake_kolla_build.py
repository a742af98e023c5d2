"""Stands in for kolla-build: renders a directory of contexts, "builds" images as files.

Placed beside it: templates/ (contexts), images/ (the fake engine's), calls (a log), and
optionally broken (the name of an image that fails to build).
"""

import configparser
import json
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

HOME = Path(__file__).parent


def main(arguments: list[str]) -> int:
    config = configparser.ConfigParser(interpolation=None)
    config.read(arguments[arguments.index("--config-file") + 1])
    settings = config["DEFAULT"]
    patterns = [word for word in arguments if word.startswith("^")]
    with (HOME / "calls").open("a") as calls:
        calls.write(("render" if "--template-only" in arguments else " ".join(patterns)) + "\n")
    work = Path(settings["work_dir"], "docker")
    shutil.copytree(HOME / "templates", work)
    if "--template-only" in arguments:
        return 0
    broken = HOME / "broken"
    for context in sorted(path.parent for path in work.rglob("Dockerfile")):
        name = context.name
        image = HOME / "images" / quote(f"{settings['namespace']}/{name}:{settings['tag']}", "")
        if not any(re.search(pattern, name) for pattern in patterns) or image.exists():
            continue
        print(f"INFO:kolla.common.utils.{name}:Building started at today")
        if broken.exists() and broken.read_text() == name:
            log = Path(settings["logs_dir"], f"000_FAILED_{name}.log")
            log.write_text("Step 1/2\n\nE: no room left\n")
            print("ERROR:kolla.common.utils:something unrelated")
            return 1
        image.write_text(json.dumps({"id": f"sha256:{uuid4().hex}", "labels": {}}))
        print(f"INFO:kolla.common.utils.{name}:Built at today (took 0:00:01)")
    return 0


sys.exit(main(sys.argv[1:]))
