"""A Blazar that knows five of ten nodes, served over HTTP until standard input ends.

It is a process of its own: Blazar and Nova register different options of the same names.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch(os=True, select=True, socket=True, thread=True, time=True)

import json  # noqa: E402
import pathlib  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402

import eventlet.wsgi  # noqa: E402

SERVICES = pathlib.Path(__file__).parents[2]
for service in ("blazar-chi", "doni"):
    sys.path.append(str(SERVICES / service / "tests"))
from cloud import Cloud  # noqa: E402
from private_mariadb import PrivateMariaDB  # noqa: E402
from site_of_blazar import Site  # noqa: E402

POLL = 0.1


def main() -> None:
    """Say where Blazar and Keystone are, and serve."""
    # With SQLite a change of a lease and an event at once would stop each other.
    server = PrivateMariaDB()
    try:
        _serve(server.fresh())
    finally:
        server.remove()


def _serve(database: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        cloud = Cloud()
        site = Site(cloud, pathlib.Path(scratch) / "blazar.conf", database)
        names = [cloud.compute.node() for _ in range(10)]
        for name in names[:5]:
            site.host(name, uid=name)
        listener = eventlet.listen(("127.0.0.1", 0))
        cloud.blazar = f"http://127.0.0.1:{listener.getsockname()[1]}"
        eventlet.spawn(eventlet.wsgi.server, listener, site.app, log_output=False)
        print(
            json.dumps({"keystone": cloud.url, "blazar": cloud.blazar, "nodes": names}), flush=True
        )
        while True:
            site.events()
            if eventlet.green.select.select([sys.stdin], [], [], POLL)[0] and not sys.stdin.read(1):
                return


if __name__ == "__main__":
    main()
