"""What the doubles of services share: a server on loopback that writes down what it is asked."""

from __future__ import annotations

import abc
import json
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request and the status of its answer."""

    method: str
    path: str
    body: Any
    query: dict[str, str]
    headers: dict[str, str]
    status: int = 0

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Double(abc.ABC):
    """A service. Subclasses answer in ``answer``; ``faults`` are asked first."""

    calls: list[Call] = field(default_factory=list)
    faults: list[Callable[[Call], tuple[int, Any] | None]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""
    _server: Any = None

    @abc.abstractmethod
    def answer(self, call: Call) -> tuple[int, Any]:
        """Status and body."""

    def error(self, problem: Problem) -> Any:
        """The body that goes with an error, in the words of the service."""
        return {"error": str(problem)}

    def asked(self, *words: str) -> list[Call]:
        """The calls so far in which all words are."""
        return [call for call in self.calls if all(word in str(call) for word in words)]

    def writes(self) -> list[str]:
        """The calls so far that change something."""
        return [str(call) for call in self.calls if call.method != "GET"]

    def forget(self) -> None:
        """Start a new list of calls."""
        self.calls.clear()

    def start(self) -> None:
        """Serve."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                text = self.rfile.read(length)
                parts = urllib.parse.urlsplit(self.path)
                call = Call(
                    self.command,
                    parts.path,
                    json.loads(text) if text else None,
                    dict(urllib.parse.parse_qsl(parts.query)),
                    dict(self.headers),
                )
                status, body = double._reply(call)
                payload = (
                    b""
                    if body is None
                    else body
                    if isinstance(body, bytes)
                    else json.dumps(body).encode()
                )
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Do not serve any more."""
        self._server.shutdown()
        self._server.server_close()

    def _reply(self, call: Call) -> tuple[int, Any]:
        with self.lock:
            self.calls.append(call)
            fault = next((found for ask in self.faults if (found := ask(call))), None)
            if fault:
                call.status = fault[0]
                return fault
            try:
                call.status, body = self.answer(call)
            except Problem as problem:
                call.status, body = problem.status, self.error(problem)
            return call.status, body
