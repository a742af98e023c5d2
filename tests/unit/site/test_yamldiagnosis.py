from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import yamlfile, yamlsalvage
from cc_ansible.site.yamlfile import Tagged

FILE = Path("defaults.yml")


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a:\n  - x\n\t- y\n", 3, 1, "tab"),
        ('a: 1\nb: "x\nc: 2\n', 2, 4, "quote"),
        ('a: "x\nb: "y"\nc: 3\n', 1, 4, "quote"),
        ("a: 'it's\nb: 2\n", 1, 4, "quote"),
        ('a: "C:\\dir"\n', 1, 7, "backslash"),
        ('a: "x" y\n', 1, 4, "closing quote"),
        ("a: [1, 2\nb: 3\n", 1, 4, "[ that opens"),
        ("a: {x: 1\nb: 3\n", 1, 4, "{ that opens"),
        ("a: [1, 2]]\n", 1, 10, "closes"),
        ("a: [1,,2]\n", 1, 7, "comma"),
        ("a: 1\nb:2\nc: 3\n", 2, 1, "space"),
        ("b:2\na: 1\n", 1, 1, "space"),
        ("x:\n  - name: a\n    cidr:10.0.0.0/24\n    mtu: 3\n", 3, 5, "space"),
        ("a: 1\nfoo = 3\nb: 2\n", 2, 1, "="),
        ("a: 1\nfoo\nb: 2\n", 2, 1, "key: value"),
        ("x:\n  - a\n  -b\n", 3, 3, "dash"),
        ("a: {{ b }}\n", 1, 4, "{{"),
        ("a: {{ b }}/c\n", 1, 4, "{{"),
        ("a:\n  - {{ b }}\n", 2, 5, "{{"),
        ("a: *.example.org\n", 1, 4, "*"),
        ("a: @b\n", 1, 4, "@"),
        ("a: b: c\n", 1, 4, "colon"),
        ("a:\n  b: 1\n   c: 2\n", 3, 4, "indented"),
        ("a:\n    b: 1\n  c: 2\n", 3, 3, "indent"),
        ("a: &x 1\nb: &x 2\n", 2, 4, "twice"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
        ("a: 2026-13-45\n", 1, 4, "not valid YAML"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", 2, 1, "merge conflict"),
    ],
)
def test_a_mistake_is_shown_where_the_edit_belongs(
    text: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(SiteInvalid) as caught:
        yamlfile.parse(text, FILE)
    assert caught.value.origin is not None
    assert (caught.value.origin.line, caught.value.origin.column) == (line, column)
    assert says in caught.value.summary
    assert caught.value.fix


def test_the_rest_of_the_file_is_read() -> None:
    text = 'a: 1\nb: "x\nc:\n  - 3\nd:4\ne: 5\ne: 6\n'
    document, problems = yamlfile.examine(text, FILE)
    unreadable = Tagged(yamlsalvage.UNREADABLE, None)
    assert document.value == {"a": 1, "b": unreadable, "c": [3], "d": unreadable, "e": 5}
    assert [wrong.origin.line for wrong in problems if wrong.origin] == [2, 5, 7]
    assert document.origin("c", 0).line == 4


def test_our_side_of_a_conflict_is_read() -> None:
    text = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\nc: 4\n>>>>>>> other\nd: 5\n"
    document, problems = yamlfile.examine(text, FILE)
    assert document.value == {"a": 1, "b": 2, "d": 5}
    assert len(problems) == 1
    assert document.origin("d").line == 8


def test_an_anchor_elsewhere_is_no_second_mistake() -> None:
    text = "base: &b {x: 1}\nbroken: [1\nuse: *b\n"
    _, problems = yamlfile.examine(text, FILE)
    assert [wrong.origin.line for wrong in problems if wrong.origin] == [2]


@given(st.text(alphabet="ab:- \n\t\"'[]{}#&*!|>=<", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    document, problems = yamlfile.examine(text, FILE)
    lines = text.count("\n") + 2
    assert all(wrong.origin and (wrong.origin.line or 1) <= lines for wrong in problems)
    assert problems or document.value is None or document.origins
