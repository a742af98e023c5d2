"""Becomes the command given to it, after asking the kernel to end it when its parent dies.

Started as a script (``python -I -S _child.py PARENT COMMAND...``): doing this between fork and exec
of a process that has threads would not be safe.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, argv: list[str]) -> None:
    """Replace this process by ``argv``; exit 127 if that cannot be executed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(143)  # It died before we asked.
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)
        raise SystemExit(127) from None


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
