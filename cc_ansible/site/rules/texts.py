"""Rules about values as texts: templates that Jinja takes, and quotes that YAML knows."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.leaves import leaves
from cc_ansible.site.names import nearest
from cc_ansible.site.net import settings
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template
from cc_ansible.site.yamlfile import KeyPath, Tagged
from cc_ansible.site.yamlsalvage import UNREADABLE

EMPTY_VALUE = warning("empty-value", "Settings that have a default are not emptied by accident")
TEMPLATE_SYNTAX = error("template-syntax", "Templates are valid Jinja")
UNKNOWN_TAG = error("unknown-tag", "Tags of values are those that Ansible knows")
ODD_QUOTES = warning("odd-quotes", "Values are in quotes that YAML knows", explains=True)

TAGS = ("!vault", "!unsafe", "!vault-encrypted", UNREADABLE)
_ODD = "“”„‘’«»"


def templates(subject: Subject) -> Iterator[Finding]:
    """Values in which Jinja finds no sense."""
    for source in subject.survey.sources:
        for path, text in _texts(source.document.value) if source.of_site else ():
            if reason := _wrong(text):
                yield TEMPLATE_SYNTAX.broken(
                    f"The template of {path[0]} is not valid: {reason.rstrip('?')}.",
                    source.document.origin(*path),
                    fix="Close every {{ with }}, and put texts inside of it in quotes.",
                )


def quotes(subject: Subject) -> Iterator[Finding]:
    """Values in quotes that a word processor made; they become part of the value."""
    for source in subject.survey.sources:
        for path, text in _texts(source.document.value) if source.of_site else ():
            if len(text) > 1 and text[0] in _ODD and text[-1] in _ODD:
                yield ODD_QUOTES.broken(
                    f"The quotes around the value of {path[-1]} are part of it.",
                    source.document.origin(*path),
                    fix='Use straight quotes: "...".',
                )


def tags(subject: Subject) -> Iterator[Finding]:
    """Values with a tag at which Ansible gives up."""
    for source in subject.survey.sources:
        for path, tag in _tags(source.document.value) if source.of_site else ():
            yield UNKNOWN_TAG.broken(
                f"{path[0]} has the tag {tag}, which Ansible does not know.",
                source.document.origin(*path),
                fix=f"Remove it; Ansible knows {' and '.join(TAGS[:2])}.",
            )


def empty(subject: Subject) -> Iterator[Finding]:
    """Settings without a value: they replace the default by nothing."""
    elsewhere = settings.parsers(subject)
    for source in subject.survey.sources:
        for name, value in source.document.value.items() if source.of_site else ():
            if value is None and name not in elsewhere and _has_default(subject, name):
                yield EMPTY_VALUE.broken(
                    f"{name} has no value, which takes its default away.",
                    source.document.origin(name),
                    fix='Give it a value, remove the line, or write "" where nothing is meant.',
                )


def _has_default(subject: Subject, name: str) -> bool:
    definitions = subject.known.variables().get(name, ())
    defaults = [definition.value() for definition in definitions]
    return bool(defaults) and all(value not in (None, "") for value in defaults)


def _texts(value: Any) -> Iterator[tuple[KeyPath, str]]:
    return ((path, leaf) for path, leaf in leaves(value) if isinstance(leaf, str))


def _tags(value: Any) -> Iterator[tuple[KeyPath, str]]:
    for path, leaf in leaves(value):
        if isinstance(leaf, Tagged) and leaf.tag not in TAGS:
            yield path, leaf.tag.replace("tag:yaml.org,2002:", "!!")


def _wrong(text: str) -> str:
    """Why Jinja refuses a text; empty when it does not."""
    import jinja2

    if not is_template(text):
        return ""
    try:
        list(_lexer().lex(text))
        return _misspelt_filter(_lexer().parse(text))
    except jinja2.TemplateSyntaxError as problem:
        message = str(problem.message).rstrip(".")
        # Filters and tests are Ansible's; plain Jinja does not know them.
        if message.startswith(("No filter named", "No test named", "Encountered unknown tag")):
            return ""
        return message


def _misspelt_filter(tree: Any) -> str:
    from jinja2 import nodes

    for name in sorted({str(node.name) for node in tree.find_all(nodes.Filter)}):
        if name not in _filters() and (close := nearest(name, _filters(), 0.85)):
            return f"there is no filter {name}; did you mean {close}?"
    return ""


@functools.cache
def _filters() -> frozenset[str]:
    """The filters of Jinja and of Ansible itself; collections and Kolla-Ansible have more."""
    from ansible.plugins.filter import core, mathstuff, urls, urlsplit
    from jinja2.filters import FILTERS

    modules: tuple[Any, ...] = (core, mathstuff, urls, urlsplit)
    own = (name for module in modules for name in module.FilterModule().filters())
    return frozenset({*FILTERS, *own, "ipaddr", "ipv4", "ipv6", "next_nth_usable"})


def _lexer() -> Any:
    import jinja2

    # Nothing is rendered with it.
    return jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
