from __future__ import annotations

import configparser
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_config import iniparser

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import customconfig, inifile
from cc_ansible.site.load import Site

Make = Callable[..., Site]
FILE = Path("nova.conf")
names = st.sampled_from(["alpha", "beta", "gamma"])
values = st.text("abc ,/{}:.$", max_size=8).map(str.strip)
options = st.lists(st.tuples(names, values), max_size=4)
sections = st.dictionaries(st.sampled_from(["", "DEFAULT", "api", "{{ s }}"]), options, max_size=4)
Sections = dict[str, list[tuple[str, str]]]
Options = dict[tuple[str, str], list[str]]


def write(content: Sections) -> str:
    lines: list[str] = []
    for section in sorted(content):
        lines += ["# about", f"[{section}]"] if section else []
        lines += [f"{key} = {value}" for key, value in content[section]] + [""]
    return "".join(f"{line}\n" for line in lines)


def model(content: Sections) -> Options:
    result: Options = {}
    for section, pairs in content.items():
        for key, value in pairs:
            result.setdefault((section, key), []).append(value)
    return result


class Oslo(iniparser.BaseParser):
    """How oslo.config itself reads a file."""

    def __init__(self, text: str) -> None:
        self.section = ""
        self.found: Options = {}
        self.parse(text.splitlines())

    def new_section(self, section: str) -> None:
        self.section = section

    def assignment(self, key: str, value: list[str]) -> None:
        self.found.setdefault((self.section, key), []).append("\n".join(value))


@given(sections)
def test_a_file_is_read_as_oslo_reads_it(content: Sections) -> None:
    text = write(content)
    parsed = inifile.parse(text, FILE)
    assert parsed.text() == text
    assert parsed.options() == Oslo(text).found == model(content)


@given(sections, sections)
def test_the_stronger_options_replace_all_weaker_ones(below: Sections, above: Sections) -> None:
    merged = inifile.merge(inifile.parse(write(below), FILE), inifile.parse(write(above), FILE))
    assert merged.options() == model(below) | model(above)
    assert Oslo(merged.text()).found == merged.options()
    headers = [line for line in merged.text().splitlines() if line.startswith("[")]
    assert len(headers) == len(set(headers))


@given(sections)
def test_merging_a_file_with_itself_or_nothing_changes_no_option(content: Sections) -> None:
    parsed, empty = inifile.parse(write(content), FILE), inifile.parse("", FILE)
    for merged in (
        inifile.merge(parsed, parsed),
        inifile.merge(parsed, empty),
        inifile.merge(empty, parsed),
    ):
        assert merged.options() == parsed.options()


def merge(below: str, above: str) -> str:
    return inifile.merge(inifile.parse(below, FILE), inifile.parse(above, FILE)).text()


def test_comments_and_continuations_survive() -> None:
    below = "[a]\n# why\nx = 1\n    2\n\n[b]\ny = 1\n"
    assert merge(below, "[a]\nz = 3\n") == "[a]\n# why\nx = 1\n    2\nz = 3\n[b]\ny = 1\n"


def test_a_repeated_option_is_replaced_as_a_whole() -> None:
    below = "[pci]\nalias = one\nalias = two\n"
    assert merge(below, "[pci]\nalias = three\nalias = four\n") == (
        "[pci]\nalias = three\nalias = four\n"
    )


def rendered(text: str, **variables: object) -> dict[str, dict[str, str]]:
    """What a templated file says, the last of repeated options winning as in oslo.config."""
    import jinja2

    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(jinja2.Environment().from_string(text).render(**variables))
    return {name: dict(parser[name]) for name in parser.sections()}


BLOCKS = """\
{# about #}
[api]
workers = {{ n }}
{% if tls %}
[ssl]
ca = {% if own %}own{% else %}system{% endif %}

{% endif %}
{% for name in names %}
[{{ name }}]
address = {{ name }}
{% endfor %}
"""


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("more", [True, False])
def test_jinja_blocks_stay_whole(tls: bool, more: bool) -> None:
    above = "[api]\nworkers = 9\n{% if more %}\n[extra]\nx = 1\n{% endif %}\n[ssl]\nca = mine\n"
    merged = merge(BLOCKS, above)
    found = rendered(merged, n=1, tls=tls, own=True, names=["s1", "s2"], more=more)
    expected = {
        "api": {"workers": "9"},
        "s1": {"address": "s1"},
        "s2": {"address": "s2"},
        "ssl": {"ca": "mine"},
    }
    assert found == expected | ({"extra": {"x": "1"}} if more else {})


def test_an_option_in_a_block_keeps_the_weaker_one_as_fallback() -> None:
    merged = merge("[a]\nx = 1\n", "[a]\n{% if big %}\nx = 2\n{% endif %}\n")
    assert rendered(merged, big=True) == {"a": {"x": "2"}}
    assert rendered(merged, big=False) == {"a": {"x": "1"}}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a]\nx = 1\nnonsense\n", 3),
        ("[a]\n  x = 1\n", 2),
        ("[a\nx = 1\n", 1),
        ("[a]\nx = {{ y\n", 2),
    ],
)
def test_malformed_files_name_the_line(
    make_site: Make, tmp_path: Path, text: str, line: int
) -> None:
    site = make_site({"node_custom_config/neutron/ml2_conf.ini": text})
    with pytest.raises(SiteInvalid) as caught:
        customconfig.assemble(site, tmp_path / "out")
    assert str(caught.value.origin).endswith(f"ml2_conf.ini:{line}")


def test_trees_merge_file_by_file(make_site: Make, project: Path, tmp_path: Path) -> None:
    base = project / "kolla/node_custom_config"
    (base / "nova").mkdir(parents=True)
    (base / "nova.conf").write_text("[DEFAULT]\na = 1\nb = 1\n")
    (base / "nova/policy.yaml").write_text('"rule:a": "x"\n"rule:b": "x"\n')
    (base / "horizon.conf").write_text("<VirtualHost *:80>\n</VirtualHost>\n")
    (base / "only.txt").write_text("project\n")
    site = make_site(
        {
            "node_custom_config/nova.conf": "[DEFAULT]\nb = {{ two }}\n",
            "node_custom_config/nova/policy.yaml": '"rule:b": "y"\n',
            "node_custom_config/horizon.conf": "<VirtualHost *:443>\n</VirtualHost>\n",
            "node_custom_config/prometheus/extra.yml": "{% if x %}\na: {{ b }}\n{% endif %}\n",
            "node_custom_config/README.md": "no configuration\n",
            "real.conf": "[a]\nx = 1\n",
        }
    )
    (site.custom_config_dir / "linked.conf").symlink_to(site.path / "real.conf")
    (site.custom_config_dir / "empty").mkdir()
    out = tmp_path / "out"
    customconfig.assemble(site, out)
    assert (out / "nova.conf").read_text() == "[DEFAULT]\na = 1\nb = {{ two }}\n"
    assert (out / "nova/policy.yaml").read_text() == "rule:a: x\nrule:b: y\n"
    assert (out / "horizon.conf").read_text().startswith("<VirtualHost *:443>")
    assert (out / "only.txt").read_text() == "project\n"
    assert (out / "prometheus/extra.yml").read_text().startswith("{% if x %}")
    assert (out / "linked.conf").read_text() == "[a]\nx = 1\n"
    assert not (out / "linked.conf").is_symlink()
    assert (out / "empty").is_dir()
    assert not (out / "README.md").exists()


def test_other_formats_named_conf_are_not_taken_for_ini() -> None:
    assert not inifile.looks_like_ini("<source>\n  type x\n</source>\n")
    assert not inifile.looks_like_ini("Listen {{ api }}:80\n")
    assert inifile.looks_like_ini("# c\n\n{% if x %}\n[a]\n{% endif %}\n")
    assert inifile.looks_like_ini("log.level = info\n")


def test_a_broken_yaml_file_names_its_line(make_site: Make, tmp_path: Path) -> None:
    site = make_site({"node_custom_config/nova/policy.yaml": "a: [\nb: 1\n"})
    with pytest.raises(SiteInvalid) as caught:
        customconfig.assemble(site, tmp_path / "out")
    assert caught.value.origin is not None
    assert caught.value.origin.line is not None
