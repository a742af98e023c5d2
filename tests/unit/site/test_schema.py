"""What editors are told about a site's files agrees with what validate finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cc_ansible.kolla import known
from cc_ansible.site.model import schema

CORPUS = Path(__file__).parents[2] / "bad_sites"
SITES = sorted(path.name for path in (CORPUS / "valid").iterdir())
SCHEMAS = {name: make(known) for name, (_, make) in schema.SCHEMAS.items()}


class Editor(yaml.SafeLoader):
    """Reads what an editor's schema sees: tagged values and dates are texts."""


Editor.add_multi_constructor("!", lambda loader, tag, node: _tagged(loader, node))


def _tagged(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return "{{ tagged }}"


def errors(name: str, text: str) -> list[str]:
    value = json.loads(json.dumps(yaml.load(text, Editor), default=str))
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("site", SITES)
def test_valid_sites_fit(name: str, site: str) -> None:
    home = CORPUS / "valid" / site
    files = [home / "defaults.yml"] if name == "defaults" else sorted((home / name).glob("*.y*ml"))
    for file in files:
        assert errors(name, file.read_text()) == []


BROKEN = {
    "hardware": [
        "hardwares: []",
        "hardware: {n01: {type: baremetal}}",
        "hardware: [{type: fake-hardware}]",
        "hardware: [{name: n01, type: bare-metal}]",
        "hardware: [{name: node 1, type: fake-hardware}]",
        "hardware: [{name: n01, type: fake-hardware, node_typ: x}]",
        "hardware: [{name: n01, type: fake-hardware, machine_name: x}]",
        "hardware: [{name: n01, type: device, bmc: {protocol: ipmi}}]",
        "hardware: [{name: n01, ports: [{name: e0, mac: '02:00:00:00:01'}]}]",
        "hardware: [{name: n01, ports: [{mac: '02:00:00:00:00:01'}]}]",
        "hardware: [{name: n01, bmc: {protocol: impi}}]",
        "hardware: [{name: n01, bmc: {terminal_port: 70000}}]",
        "hardware: [{name: n01, traits: [gpu]}]",
        "hardware: [{name: n01, cpu_arch: amd64}]",
        "calendars: {c: {windows: allways}}",
        "calendars: {c: {windows: [Friday]}}",
        "calendars: {c: {windows: [{from: Fri 18:00}]}}",
        "calendars: {c: {exeptions: []}}",
        "profiles: {p: {nme: x}}",
    ],
    "images": [
        "images: []",
        "appliances: [{base: {distro: debian, release: trixie}}]",
        "appliances: [{name: a, base: {distro: debain, release: trixie}}]",
        "appliances: [{name: a, arch: [arm64]}]",
        "appliances: [{name: a, size: eight}]",
        "appliances: [{name: a, tests: [bot]}]",
    ],
    "defaults": [
        "enable_ironic: [true]",
        "enable_ironic: perhaps",
        "neutron_networks: {name: public}",
        "neutron_networks: [{cidr: 10.0.0.0/24}]",
        "switch_configs: [{name: tor1, adress: 10.30.0.2}]",
        "chi_scenario: lonely",
        "site_variables: mine",
    ],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in BROKEN.items() for text in texts]
)
def test_broken_files_do_not_fit(name: str, text: str) -> None:
    assert errors(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hardware", "hardware: [{name: n01, su_factor: '{{ factor }}', cpu_arch: '{{ arch }}'}]"),
        ("hardware", "hardware: [{name: n01, ports: [{name: e0, pxe: 'no'}]}]"),
        ("defaults", "enable_ironic: '{{ enable_nova }}'"),
        ("defaults", "enable_ironic: 'yes'"),
        ("defaults", "a_variable_of_the_site: 1"),
    ],
)
def test_templates_and_words_fit(name: str, text: str) -> None:
    assert errors(name, text) == []


def test_every_key_is_described() -> None:
    for name in ("hardware", "images"):
        for title, part in SCHEMAS[name]["$defs"].items():
            for key, value in part.get("properties", {}).items():
                assert value is False or value.get("description"), f"{name} {title}.{key}"
