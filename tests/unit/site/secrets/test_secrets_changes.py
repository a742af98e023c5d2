"""Changes in the text of passwords: what is meant changes, everything else stays."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.site import yamlfile
from cc_ansible.site.secrets import changes, content
from cc_ansible.site.secrets.changes import Changes
from cc_ansible.site.yamlfile import Tagged

TEXT = """\
# kept by hand
database_password: 'quoted'   # why
old: 017
yes_word: yes
time: 12:30:45
unsafe: !unsafe '{{ literal }}'
nova_ssh_key:
  private_key: |
    line one
    line two
  public_key: ssh-rsa AAA

last: x
"""


def values(text: str) -> dict:  # type: ignore[type-arg]
    return dict(content.document(text).value)


def test_nothing_to_do_leaves_the_text_alone() -> None:
    assert changes.apply(TEXT, Changes({"last": "x"})) == TEXT


def test_comments_quotes_and_order_stay() -> None:
    text = changes.apply(TEXT, Changes({"last": "y", "added": "z"}, ["time"]))
    assert "# kept by hand\ndatabase_password: 'quoted'   # why\n" in text
    kept = [name for name in values(TEXT) if name != "time"]
    assert list(values(text)) == [*kept, "added"]
    before = {name: values(TEXT)[name] for name in kept}
    assert values(text) == {**before, "last": "y", "added": "z"}


def test_what_the_two_versions_of_yaml_read_differently_stays_what_it_is() -> None:
    text = "octal: 0o17\nfloat: 1e3\nword: on\nsexagesimal: 1:30\nblank:\n"
    after = changes.apply(text, Changes({"blank": "made"}))
    assert values(after) == {**values(text), "blank": "made"}


def test_new_values_that_look_like_something_else_stay_text() -> None:
    for value in (
        "123",
        "0123",
        "1e5",
        "on",
        "null",
        "~",
        "12:30",
        "0x1F",
        "2024-01-01",
        "- a",
        "!x",
    ):
        after = changes.apply("a: 1\n", Changes({"b": value}))
        assert values(after) == {"a": 1, "b": value}


def test_long_values_become_blocks_and_tags_survive() -> None:
    key = "-----BEGIN\nabc\n-----END\n"
    after = changes.apply(
        "a: 1\n", Changes({"k": {"private_key": key}, "u": Tagged("!unsafe", "{{ x")})
    )
    assert "private_key: |" in after
    assert values(after)["k"] == {"private_key": key}
    assert values(after)["u"] == Tagged("!unsafe", "{{ x")


def test_an_empty_text_is_a_start() -> None:
    assert values(changes.apply("", Changes({"a": "b"}))) == {"a": "b"}
    assert values(changes.apply("# nothing\n", Changes({"a": "b"}))) == {"a": "b"}


def test_changes_are_told_apart_by_name() -> None:
    found = changes.between({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4})
    assert (dict(found.new), list(found.removed)) == ({"b": 5, "d": 4}, ["c"])
    assert found.names == {"b", "c", "d"}
    assert not changes.between({"a": None}, {"a": None}).names
    assert changes.between({"a": None}, {}).names == {"a"}


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
)
PASSWORDS = st.dictionaries(
    NAMES, st.one_of(SCALARS, st.dictionaries(NAMES, SCALARS, max_size=3)), max_size=8
)


@given(PASSWORDS, PASSWORDS)
def test_any_difference_can_be_applied(before: dict, after: dict) -> None:  # type: ignore[type-arg]
    text = yamlfile.dump(before) if before else ""
    result = changes.apply(text, changes.between(values(text), after))
    assert values(result) == after


@given(PASSWORDS)
def test_json_and_back_is_the_same(before: dict) -> None:  # type: ignore[type-arg]
    import json

    stored = json.loads(json.dumps(content.to_json(None, yaml.safe_dump(before))))  # type: ignore[arg-type]
    assert values(content.from_json(stored)) == before
