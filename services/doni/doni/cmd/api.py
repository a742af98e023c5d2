"""doni-api: the API in a small server, for development. Use a WSGI server in production."""

from __future__ import annotations

import sys

from werkzeug.serving import run_simple

from doni import conf
from doni.api import app
from doni.db import session


def main() -> int:
    """Serve until interrupted."""
    found = conf.prepare(sys.argv[1:])
    session.configure(found)
    run_simple(found.api.host_ip, found.api.port, app.create_app(found), threaded=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
