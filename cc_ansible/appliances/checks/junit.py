"""Results as JUnit XML, a suite for each image.

The one of ``verify`` has suites for levels, which images do not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from cc_ansible.verify.junit import _case, _clean, _counts
from cc_ansible.verify.result import Result


def text(tested: Mapping[str, Sequence[Result]]) -> str:
    """The document; ``tested`` are the results of each image by its title."""
    every = [result for results in tested.values() for result in results]
    top = ElementTree.Element("testsuites", _counts("cc-ansible appliance test", every))
    for title, results in tested.items():
        suite = ElementTree.SubElement(top, "testsuite", _counts(_clean(title), results))
        for result in results:
            _case(suite, title, result)
            suite[-1].set("classname", _clean(title))
    ElementTree.indent(top)
    body = ElementTree.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
