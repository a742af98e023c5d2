from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.yamlfile import Tagged

FILE = Path("defaults.yml")

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def plain(value: object) -> object:
    if isinstance(value, Tagged):
        return (value.tag, plain(value.value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_what_is_dumped_loads_as_the_same_value(value: object) -> None:
    assert yamlfile.parse(yamlfile.dump(value), FILE).value == value


@given(values)
def test_reads_what_safe_load_reads(value: object) -> None:
    text = yaml.safe_dump(value)
    assert yamlfile.parse(text, FILE).value == yaml.safe_load(text)


def test_every_key_and_item_knows_its_place() -> None:
    document = yamlfile.parse("a: 1\nb:\n  - name: x\n    vlan: 3\n", FILE)
    assert document.origin("b") == Origin(FILE, 2, 1)
    assert document.origin("b", 0, "vlan") == Origin(FILE, 4, 5)
    assert document.origin("b", 0, "unknown") == Origin(FILE, 3, 5)


TAGS = """\
secret: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  6162
raw: !unsafe '{{ not a template }}'
networks: !replace
- name: public
strange: !mine {a: 1}
"""


def test_tags_pass_through_unchanged() -> None:
    first = yamlfile.parse(TAGS, FILE).value
    assert first["secret"] == Tagged("!vault", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    assert first["networks"] == Tagged("!replace", [{"name": "public"}])
    again = yamlfile.parse(yamlfile.dump(first), FILE).value
    assert plain(again) == plain(first)


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert yamlfile.require_mapping(yamlfile.parse("# nothing\n", FILE)).value == {}


@pytest.mark.parametrize(
    ("text", "line", "summary"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "given twice"),
        ("x:\n  a: 1\n  a: 1\n", 3, "given twice"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
        ("a: [1, 2\nb: 3\n", 1, "not valid YAML"),
        ("a: {{ b }}\n", 1, "not valid YAML"),
        ("a: *nowhere\n", 1, "not valid YAML"),
        ("a: &x\n  b: *x\n", 2, "contains itself"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("just text\n", 1, "must be a mapping"),
        ("1: x\n", 1, "must be strings"),
    ],
)
def test_bad_files_name_the_line_and_a_fix(text: str, line: int, summary: str) -> None:
    with pytest.raises(SiteInvalid) as caught:
        yamlfile.require_mapping(yamlfile.parse(text, FILE))
    assert summary in caught.value.summary
    assert caught.value.origin is not None
    assert caught.value.origin.line == line
    assert caught.value.fix


def test_a_merge_key_may_be_overridden() -> None:
    document = yamlfile.parse("base: &b {a: 1}\nx:\n  <<: *b\n  a: 2\n", FILE)
    assert document.value["x"] == {"a": 2}


def test_unreadable_files_name_themselves(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(SiteInvalid, match="UTF-8") as caught:
        yamlfile.load(tmp_path / "latin.yml")
    assert str(caught.value.origin).endswith("latin.yml:2:4")
    with pytest.raises(SiteInvalid, match="Cannot read"):
        yamlfile.load(tmp_path / "none.yml")
