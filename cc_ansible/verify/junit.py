"""Results as JUnit XML, which CI systems show: a suite for each level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from cc_ansible.verify.result import Level, Result, Status

# What XML 1.0 cannot hold, even escaped: logs may have it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(site: str, results: Sequence[Result]) -> str:
    """The document."""
    top = ElementTree.Element("testsuites", _counts("cc-ansible verify", results))
    for level in Level:
        if mine := [result for result in results if result.level is level]:
            suite = ElementTree.SubElement(top, "testsuite", _counts(f"verify {level}", mine))
            for result in mine:
                _case(suite, site, result)
    ElementTree.indent(top)
    body = ElementTree.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _counts(name: str, results: Sequence[Result]) -> dict[str, str]:
    return {
        "name": name,
        "tests": str(len(results)),
        "failures": str(sum(result.failed for result in results)),
        "errors": "0",
        "skipped": str(sum(result.status is Status.SKIPPED for result in results)),
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _case(suite: ElementTree.Element, site: str, result: Result) -> None:
    about = {
        "classname": _clean(f"{site}.{result.level}"),
        "name": _clean(result.name),
        "time": f"{result.seconds:.3f}",
    }
    case = ElementTree.SubElement(suite, "testcase", about)
    if result.failed:
        message = {"message": _clean(result.detail), "type": "failed"}
        failure = ElementTree.SubElement(case, "failure", message)
        parts = [result.cause, result.fix and f"fix: {result.fix}"]
        parts += [*result.log, result.runbook and f"runbook: {result.runbook}"]
        failure.text = _clean("\n".join(filter(None, parts)))
    elif result.status is Status.SKIPPED:
        ElementTree.SubElement(case, "skipped", {"message": _clean(result.detail)})
    else:
        ElementTree.SubElement(case, "system-out").text = _clean(result.detail)


def _clean(said: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", said)
