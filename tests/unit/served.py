"""Web servers on a free port of this machine, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

from werkzeug.serving import make_server


def http(handler: type[BaseHTTPRequestHandler]) -> AbstractContextManager[str]:
    """Answer with a handler until the block ends; gives the address, as HOST:PORT."""
    return _serving(ThreadingHTTPServer(("127.0.0.1", 0), handler))


def wsgi(app: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> AbstractContextManager[str]:
    """Answer with a WSGI application until the block ends; gives the address, as HOST:PORT."""
    return _serving(make_server("127.0.0.1", 0, app, threaded=True))


@contextmanager
def _serving(server: HTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
