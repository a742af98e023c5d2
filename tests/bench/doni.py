"""How fast two worker processes of Doni enrol items, on a MariaDB of their own; needs no lab.

python -m tests.bench.doni
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cc_ansible.paths import PROJECT, VENV_BIN

sys.path.insert(0, str(PROJECT / "services/doni/tests"))

ITEMS = 1000
WORKERS = 2
CONFIG = """\
[DEFAULT]
enabled_hardware_types = fake-hardware
enabled_worker_types = fake-worker
[database]
connection = {url}
"""


def main() -> None:
    from private_mariadb import PrivateMariaDB

    # As in production: what is committed is on the disk.
    server = PrivateMariaDB(durable=True)
    processes = []
    with tempfile.TemporaryDirectory() as scratch:
        try:
            config = Path(scratch, "doni.conf")
            config.write_text(CONFIG.format(url=server.fresh()))
            with_config = ["--config-file", str(config)]
            subprocess.run([VENV_BIN / "doni-dbsync", *with_config, "upgrade"], check=True)
            for _ in range(WORKERS):
                argv = [VENV_BIN / "doni-worker", *with_config]
                processes.append(subprocess.Popen(argv, stderr=subprocess.DEVNULL))
            time.sleep(3)
            measure(with_config)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=60)
            server.remove()


def measure(argv: list[str]) -> None:
    from doni import conf
    from doni.db import hardware, session, upkeep

    session.configure(conf.prepare(argv))
    begin = time.monotonic()
    for number in range(ITEMS):
        values = {"project_id": "p", "hardware_type": "fake-hardware", "name": f"node{number}"}
        hardware.create({**values, "properties": {}}, ["fake-worker"])
    enrolled = time.monotonic()
    while upkeep.counts().tasks.get(("fake-worker", "STEADY"), 0) < ITEMS:
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    print(f"{ITEMS} fake items enrolled in {enrolled - begin:.2f} s, ", end="")
    print(f"STEADY through {WORKERS} workers {seconds - (enrolled - begin):.2f} s later: ", end="")
    print(f"{ITEMS / seconds:.0f} items/s", flush=True)
    with session.writer() as db:
        from sqlalchemy import text

        db.execute(text("UPDATE worker_task SET state = 'PENDING', generation = generation + 1"))
    begin = time.monotonic()
    while upkeep.counts().tasks.get(("fake-worker", "STEADY"), 0) < ITEMS:
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    print(f"all of them again: {seconds:.2f} s, {ITEMS / seconds:.0f} items/s", flush=True)


if __name__ == "__main__":
    main()
