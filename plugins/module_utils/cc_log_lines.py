"""Finds lines in logs that say ERROR or worse. For module cc_service_health."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

BLOCK = 1 << 16
MOST = 8 << 20
"""Bytes at the end of one file that are read."""
KINDS = 500
"""How many kinds of lines to tell of; the most recent ones. Who judges them knows which are
harmless, so that these must not crowd out the others."""
WIDTH = 500
DAY = 86400
# Lines of oslo.log, MariaDB, RabbitMQ, Open vSwitch and libvirt begin with day and time.
STAMP = re.compile(rb"^(\d{4}-\d\d-\d\d)[ T]+(\d{1,2}:\d\d:\d\d)([^\s|]*)", re.MULTILINE)
TROUBLE = re.compile(
    STAMP.pattern + rb"(?:[ \t]+\d+)?(?:[ \t]+\[?|\|\d+\|[^|\n]*\||[ \t]+\d+:[ \t]+)"
    rb"(ERROR|CRITICAL|FATAL|error|critical|emergency|alert|ERR|EMER)\b[\]|]?[ \t:]*([^\n]*)",
    re.MULTILINE,
)
VARIABLE = re.compile(
    r"\breq-[0-9a-f-]+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b0x[0-9a-f]+|\b[0-9a-f]{12,}\b"
    r"|\d+\.\d+(?![\d.]*\.\d)|\b\d{5,}\b"
)


def troubles(directory, since):
    """Lines of files below ``directory`` that are newer than ``since`` (seconds since 1970).

    Nothing older than a day is told. Lines that differ in ids and times only are one kind;
    ``more`` is how many kinds are not told.
    """
    if not Path(directory).is_dir():
        return {"problem": f"there is no directory {directory}"}
    since = max(since, time.time() - DAY)
    unreadable = []
    kinds, files, cut = {}, 0, []
    for path in logs(directory, unreadable):
        try:
            about = path.stat()
            if about.st_mtime < since or not about.st_size:
                continue
            with path.open("rb") as stream:
                files += 1
                begin = start(stream, about.st_size, since)
                if about.st_size - begin > MOST:
                    begin = about.st_size - MOST
                    cut.append(str(path.relative_to(directory)))
                stream.seek(begin)
                text = stream.read(MOST)
        except FileNotFoundError:
            continue  # It was rotated away.
        except OSError as problem:
            unreadable.append(f"{path}: {problem.strerror}")
            continue
        collect(kinds, str(path.relative_to(directory)), events(text, since))
    newest = sorted(kinds.values(), key=lambda kind: kind["last"])[-KINDS:]
    return {
        "since": since,
        "files": files,
        "cut": cut,
        "unreadable": unreadable,
        "kinds": newest,
        "more": len(kinds) - len(newest),
    }


def logs(directory, unreadable):
    """Files below a directory; directories that cannot be read are added to ``unreadable``."""

    def note(problem):
        unreadable.append(f"{problem.filename}: {problem.strerror}")

    found = []
    for top, _, names in os.walk(directory, onerror=note):
        found += [Path(top, name) for name in names if name.endswith(".log")]
    return sorted(found)


def start(stream, size, since):
    """Where about lines begin that are as new as ``since``: lines are in order of time."""
    low, high = 0, size
    while high - low > BLOCK:
        middle = (low + high) // 2
        stream.seek(middle)
        found = STAMP.search(stream.read(BLOCK))
        if found and when(found) < bound(found, since):
            low = middle
        else:
            high = middle
    return low


def when(found):
    """Day and time of a line, to be compared."""
    return b"%s %s" % (found[1], found[2].rjust(8, b"0"))


def bound(found, since):
    """The same for ``since``, in the time zone that the line is in: this host's, or UTC."""
    utc = found[3].endswith((b"Z", b"+00:00", b"+0000", b"+0000:"))
    moment = time.gmtime(since) if utc else time.localtime(since)
    return time.strftime("%Y-%m-%d %H:%M:%S", moment).encode()


def events(text, since):
    """Time, first and last line of each event; those of a traceback have all the same time."""
    current = None
    for found in TROUBLE.finditer(text):
        if when(found) < bound(found, since):
            continue
        said = found[5].decode(errors="replace").rstrip()[:WIDTH]
        line = found[0].decode(errors="replace").rstrip()[:WIDTH]
        stamp = (found[1], found[2], found[3])
        if current and current["stamp"] == stamp and same_logger(current["text"], said):
            if said.partition(" ")[2].strip():  # Tracebacks of other processes end in empty lines.
                current.update(last_text=said, last_line=line)
            continue
        if current:
            yield current
        current = {
            "stamp": stamp, "when": when(found).decode(), "level": found[4].decode().upper(),
            "text": said, "line": line, "last_text": said, "last_line": line,
        }  # fmt: skip
    if current:
        yield current


def same_logger(one, other):
    return one.split(" ", 1)[0] == other.split(" ", 1)[0]


def collect(kinds, file, found):
    """Add events to those of the same kind."""
    for event in found:
        shape = VARIABLE.sub("*", f"{event['text']}\n{event['last_text']}")
        kind = kinds.setdefault(
            (file, shape), {"file": file, "count": 0, "first": event["when"], "level": ""}
        )
        kind["count"] += 1
        lines = dict.fromkeys((event["line"], event["last_line"]))
        texts = dict.fromkeys((event["text"], event["last_text"]))
        kind.update(
            last=event["when"], level=event["level"], lines=list(lines), text=" ... ".join(texts)
        )
