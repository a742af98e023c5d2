"""QEMU's monitor, over the pipes of its standard input and output.

Source: https://www.qemu.org/docs/master/interop/qmp-spec.html
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import Any

from cc_ansible.errors import RunFailed


class Monitor:
    """Gives commands and collects events of one QEMU."""

    def __init__(self, qemu: subprocess.Popen[bytes]) -> None:
        assert qemu.stdin and qemu.stdout
        self._in, self._out = qemu.stdin, qemu.stdout
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._rest = b""
        self._answers: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        self._selector.close()

    def greet(self, seconds: float = 30) -> None:
        """Wait until QEMU is there. Raises RunFailed when it is not in time, or ended."""
        if "QMP" not in self._answer(seconds):
            raise RunFailed("QEMU does not greet as it should.")
        self.tell("qmp_capabilities")

    def tell(self, command: str, seconds: float = 30, **arguments: Any) -> Any:
        """Give a command and return what it returns.

        Raises:
            RunFailed: QEMU refused, or did not answer within ``seconds``, or has ended.
        """
        said = json.dumps({"execute": command, "arguments": arguments})
        try:
            self._in.write(said.encode() + b"\n")
            self._in.flush()
        except OSError:
            raise RunFailed("QEMU has ended.") from None
        answer = self._answer(seconds)
        if "error" in answer:
            raise RunFailed(f"QEMU refused {command}.", detail=str(answer["error"].get("desc")))
        return answer.get("return")

    def resize(self, drive: str, more: int) -> None:
        """Make a drive this many bytes larger."""
        blocks = {each["device"]: each for each in self.tell("query-block")}
        size = blocks[drive]["inserted"]["image"]["virtual-size"]
        self.tell("block_resize", device=drive, size=size + more)

    def screen(self, file: Path) -> None:
        """Write what a monitor would show as PNG; nothing where it has no graphics."""
        with contextlib.suppress(RunFailed):
            self.tell("screendump", filename=str(file), format="png")

    def resets(self) -> int:
        """How often the guest has reset itself so far."""
        self._read(0)
        return sum(
            each["event"] == "RESET" and bool(each.get("data", {}).get("guest"))
            for each in self.events
        )

    def _answer(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not self._answers:
            left = deadline - time.monotonic()
            if left <= 0:
                raise RunFailed(f"QEMU did not answer within {seconds:g} s.")
            if not self._read(left):
                raise RunFailed("QEMU has ended.")
        return self._answers.pop(0)

    def _read(self, seconds: float) -> bool:
        """Take in what there is, waiting this long for it; False at the end of the pipe."""
        if not self._selector.select(seconds):
            return True
        data = os.read(self._out.fileno(), 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in filter(None, map(bytes.strip, lines)):
            said = json.loads(line)
            (self.events if "event" in said else self._answers).append(said)
        return bool(data)
