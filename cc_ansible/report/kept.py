"""What lies on this machine: certificates of the site config, results of the last ``verify``."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cc_ansible.errors import RunFailed
from cc_ansible.report.facts import Verification
from cc_ansible.report.health import Certificate
from cc_ansible.verify import record
from cc_ansible.verify.result import Level, Result, Status

_SUFFIXES = {".pem", ".crt", ".cert", ".cer"}


def certificates(directory: Path) -> list[Certificate]:
    """Every certificate in files below a directory of the site config."""
    from cc_ansible.site import pem

    files = sorted(file for file in directory.rglob("*") if file.suffix in _SUFFIXES)
    return [
        Certificate(f"certificates/{file.relative_to(directory)}", one.end)
        for file in files
        if file.is_file()
        for one in pem.read(file).certificates
    ]


def verification(state_dir: Path) -> Verification | None:
    """The results of the last ``verify``; None when there was none.

    :raises RunFailed: what it left cannot be read.
    """
    file = state_dir / record.FILE
    try:
        when = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
        results = [_result(each) for each in json.loads(file.read_text())]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise RunFailed(
            f"{file} cannot be read.", detail=repr(problem), fix="cc-ansible verify"
        ) from None
    return Verification(when, results)


def _result(said: Mapping[str, Any]) -> Result:
    return Result(
        str(said["name"]),
        Level(said["level"]),
        Status(said["status"]),
        str(said["detail"]),
        float(said.get("seconds", 0)),
        str(said.get("cause", "")),
        str(said.get("fix", "")),
        tuple(map(str, said.get("log", ()))),
        str(said.get("runbook", "")),
        base64.b64decode(str(said.get("picture", ""))),
    )
