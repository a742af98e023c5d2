"""Bytes of a pipe into lines of text, however they arrive."""

from __future__ import annotations

from collections.abc import Iterator

LIMIT = 32 * 1024 * 1024
"""Bytes kept of one line; a longer one is cut."""


class Lines:
    """Collects chunks of bytes and yields whole lines, without their line end."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield the lines that ``data`` completes."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._keep(piece)
            yield self._take()
        self._keep(rest)

    def end(self) -> Iterator[str]:
        """Yield what is left when the pipe closes."""
        if self._size:
            yield self._take()

    def _keep(self, piece: bytes) -> None:
        piece = piece[: LIMIT - self._size]
        if piece:
            self._chunks.append(piece)
            self._size += len(piece)

    def _take(self) -> str:
        line = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return line.decode("utf-8", "replace").removesuffix("\r")
