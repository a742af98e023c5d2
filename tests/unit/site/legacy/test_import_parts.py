"""The parts of an import that are functions of text."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cc_ansible.site import dotenv, removed, yamlfile
from cc_ansible.site.legacy import blocks, environ, groups, translate, wrapper

FILE = Path("defaults.yml")
TEXT = """\
---
# head

# about a
a: 1

# about b
b:
  - x   # inline
  # tail of b
c: |
  text

  more
# about d
d: yes
# end
"""


class TestBlocks:
    def test_a_variable_goes_with_its_comment(self) -> None:
        result, whole = blocks.apply(TEXT, FILE, {"b": blocks.DROP})
        assert whole
        expected = TEXT.replace("# about b\nb:\n  - x   # inline\n  # tail of b\n", "")
        assert result == expected

    def test_a_new_value_keeps_the_comment(self) -> None:
        result, _ = blocks.apply(TEXT, FILE, {"a": blocks.said({"z": [1]})})
        assert "# about a\nz:\n- 1\n\n# about b\n" in result

    def test_a_comment_holds_every_line(self) -> None:
        found = blocks.find(TEXT, FILE)
        edit = blocks.commented(blocks.text_of(TEXT, found["c"]))
        assert edit.text == f"# {blocks.NOTE}\n# c: |\n#   text\n#\n#   more\n"
        assert yaml.safe_load(blocks.apply(TEXT, FILE, {"c": edit})[0]).keys() == {"a", "b", "d"}

    @pytest.mark.parametrize(
        "text", ["{a: 1, b: 2}\n", "a: &x {k: 1}\nb: *x\n", "? a\n: 1\n? b\n: 2\n"]
    )
    def test_other_styles_keep_their_values(self, text: str) -> None:
        result, _ = blocks.apply(text, FILE, {"a": blocks.DROP})
        assert yaml.safe_load(result) == {"b": yaml.safe_load(text)["b"]}

    def test_nothing_to_change_changes_nothing(self) -> None:
        assert blocks.apply(TEXT, FILE, {}) == (TEXT, True)

    @settings(max_examples=60, deadline=None)
    @given(
        values=st.dictionaries(
            st.from_regex(r"[a-z]{1,6}", fullmatch=True),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=12),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3)
                ),
                max_leaves=6,
            ),
            min_size=1,
            max_size=6,
        ),
        data=st.data(),
    )
    def test_edits_say_what_they_should(self, values: dict[str, Any], data: st.DataObject) -> None:
        text = yamlfile.dump(values)
        chosen = data.draw(st.sets(st.sampled_from(sorted(values))))
        edits = {
            name: blocks.said({f"{name}_new": 1}) if len(name) % 2 else blocks.DROP
            for name in chosen
        }
        result, _ = blocks.apply(text, FILE, edits)
        wanted = {name: value for name, value in values.items() if name not in chosen}
        wanted |= {f"{name}_new": 1 for name in chosen if len(name) % 2}
        assert (yamlfile.parse(result, FILE).value or {}) == wanted


class TestEnvironment:
    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("A=1", "1"),
            ("export A=1 # note", "1"),
            ("A='x $y'", "x $y"),
            ('A="a \\$b"', "a $b"),
            ("A=a\\ b", None),
            ("A=$HOME", None),
            ("A=${B}/x", None),
            ("A=$(date)", None),
            ('A="`id`"', None),
            ("A=1; B=2", None),
            ("A=b c", None),
            ("A='x", None),
            ("unset A", None),
            ("source ./x", None),
        ],
    )
    def test_a_line_is_data_or_refused(self, line: str, value: str | None) -> None:
        found = environ.parse([line])
        assert found.values.get("A") == value
        assert bool(found.refused) == (value is None)

    def test_names_that_the_file_set_are_replaced(self) -> None:
        found = environ.parse(["A=/x", 'B="${A}/y"', "C=$B/z", "D='$A'"])
        assert found.values == {"A": "/x", "B": "/x/y", "C": "/x/y/z", "D": "$A"}
        assert found.expanded == ("B", "C")

    @given(
        st.dictionaries(
            st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True),
            st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x00"), max_size=12),
        )
    )
    def test_what_is_written_is_read_again(self, values: dict[str, str]) -> None:
        lines = environ.written(values)
        # Other line breaks of Unicode would end a line of the file.
        if len(lines.splitlines()) != len(values) or any(v != v.strip() for v in values.values()):
            return
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, ".env")
            file.write_text(lines, encoding="utf-8")
            assert dotenv.read(file) == values


class TestGroups:
    def test_sections_know_their_comments(self) -> None:
        text = "# head\n\n# about a\n[a]\nx # one\n\n# about b\n[b:children]\na\n"
        head, found = groups.sections(text)
        assert head == ["# head", ""]
        assert [(each.group, each.kind, each.above, each.entries) for each in found] == [
            ("a", "hosts", ["# about a"], ["x"]),
            ("b", "children", ["# about b"], ["a"]),
        ]


class TestTranslate:
    @pytest.mark.parametrize(
        ("name", "value", "new"),
        [
            ("es_heap_size", "8g", {"opensearch_heap_size": "8g"}),
            ("ironic_dnsmasq_dhcp_range", "10.51.0.0/24", {}),
            (
                "ironic_dnsmasq_dhcp_range",
                "a,b",
                {"ironic_dnsmasq_dhcp_ranges": [{"range": "a,b"}]},
            ),
            ("ceph_nova_keyring", "ceph.client.vms.keyring", {"ceph_nova_user": "vms"}),
            ("ceph_nova_keyring", "odd", None),
            ("nova_admin_endpoint", "https://x", None),
        ],
    )
    def test_values(self, name: str, value: Any, new: dict[str, Any] | None) -> None:
        gone = removed.find(removed.VARIABLES, name)
        assert gone is not None
        assert translate.translate(gone, value, {}) == new

    def test_a_name_that_is_set_already_wins(self) -> None:
        gone = removed.find(removed.VARIABLES, "rgw_port")
        assert gone is not None
        assert translate.translate(gone, 1, {"ceph_rgw_port": 2}) == {}

    def test_names_change_inside_of_templates_only(self) -> None:
        text = "old = {{ old }} {{ old_er }} {{ x.old }} {{ 'old' }} {% if old %}"
        new = "old = {{ new }} {{ old_er }} {{ x.old }} {{ 'old' }} {% if new %}"
        assert translate.renamed(text, {"old": "new"}) == new


def test_treatments_of_the_old_wrapper() -> None:
    dropped = wrapper.treatment("keycloak_url")
    asked = wrapper.treatment("osg_pool")
    assert dropped is not None and dropped.drop
    assert asked is not None and not asked.drop
    assert wrapper.treatment("nothing_of_theirs") is None
    assert wrapper.defeated("enable_heat")
    assert not wrapper.defeated("api_interface")
    assert wrapper.group("doni-api") == ["doni"]
