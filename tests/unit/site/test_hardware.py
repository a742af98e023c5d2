"""Items of hardware: how profiles are laid below them, and where their parts are written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hardware_site
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from cc_ansible.site import hardware
from cc_ansible.site.model import forms
from cc_ansible.site.model.baremetal import Bmc, Port
from cc_ansible.site.model.calendars import Calendar
from cc_ansible.site.model.hardware import TYPES, Baremetal
from cc_ansible.site.model.images import Appliance
from cc_ansible.site.rules import named_secrets

TEXT = """\
profiles:
  base:
    type: baremetal
    bmc: {protocol: redfish, username: root, password: "{{ bmc_password }}"}
    ports:
      - name: eno1
        switch: tor1
  big:
    profile: base
    node_type: compute_big
defaults:
  project: chi
  node_type: compute_small
hardware:
  - name: n1
    profile: big
    bmc:
      address: 10.30.1.1
    ports:
      - name: eno2
        mac: "02:00:00:00:00:02"
      - name: eno1
        mac: "02:00:00:00:00:01"
        port: ethernet1/1/1
"""


def machines(site: Path, text: str) -> list[Any]:
    return hardware_site.subject(site, {"hardware/a.yml": text}).once(hardware.read).machines


def test_an_item_is_laid_over_profiles_and_defaults(tmp_path: Path) -> None:
    (machine,) = machines(tmp_path, TEXT)
    model = machine.model
    assert isinstance(model, Baremetal)
    assert model.node_type == "compute_big"
    assert model.project == "chi"
    assert [(port.name, port.switch) for port in model.ports] == [("eno1", "tor1"), ("eno2", None)]
    assert model.bmc.password == "{{ bmc_password }}"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 15),
        (("bmc", "address"), 18),
        (("bmc", "protocol"), 4),
        (("node_type",), 10),
        (("project",), 12),
        (("ports", 0, "switch"), 7),
        (("ports", 0, "mac"), 23),
        (("ports", 1, "mac"), 21),
        (("ports", 1, "switch"), 20),
    ],
)
def test_parts_are_found_where_they_are_written(
    tmp_path: Path, path: tuple[str | int, ...], line: int
) -> None:
    (machine,) = machines(tmp_path, TEXT)
    assert machine.at(*path).line == line


def test_a_profile_gives_what_an_item_needs_and_errors_are_told_once(tmp_path: Path) -> None:
    items = [{"name": f"n{i}", "profile": "p"} for i in range(20)]
    files = {"hardware/a.yml": {"profiles": {"p": {"cpu_arch": "arm64"}}, "hardware": items}}
    files["hardware/a.yml"]["defaults"] = {"type": "fake-hardware"}
    (found,) = hardware_site.found(tmp_path, files)
    assert found.rule == "invalid-value" and found.fix == "Write `aarch64`."


def test_no_secret_is_shown(tmp_path: Path) -> None:
    bmc = {"protocol": "ipmi", "address": "10.30.1.1", "username": "root", "password": "hunter2"}
    bmc["pasword"] = "hunter3"
    item = {"name": "n", "type": "baremetal", "bmc": bmc, "ports": []}
    item["application_credential"] = {"id": 1, "secret": "hunter4"}
    found = hardware_site.found(tmp_path, {"hardware/a.yml": {"hardware": [item]}})
    assert {"secret-plaintext", "unknown-key"} <= {finding.rule for finding in found}
    assert "hunter" not in str(found)


def test_switches_of_a_custom_ml2_conf_are_known(tmp_path: Path) -> None:
    port = {"name": "e", "mac": "02:00:00:00:00:01", "switch": "tor9", "port": "1/1/1"}
    bmc = {"protocol": "redfish", "address": "10.30.1.1"}
    item = {"name": "n", "type": "baremetal", "bmc": bmc, "ports": [port]}
    files: dict[str, Any] = {"hardware/a.yml": {"hardware": [item]}}
    assert hardware_site.rules(tmp_path, files) == ["unknown-switch"]
    files["node_custom_config/neutron/ml2_conf.ini"] = "[genericswitch:tor9]\nip = 10.30.0.9\n"
    assert hardware_site.rules(tmp_path, files) == []


def test_nothing_is_said_where_only_a_run_knows(tmp_path: Path) -> None:
    port = {"name": "e", "mac": "{{ mac }}", "switch": "{{ tor }}", "port": "{{ port }}"}
    bmc = {"protocol": "{{ protocol }}", "address": "{{ bmc }}", "port": "{{ bmc_port }}"}
    item = {"name": "{{ name }}", "type": "baremetal", "bmc": bmc, "ports": [port, port | {}]}
    item |= {"calendar": "{{ calendar }}", "traits": "{{ traits }}", "su_factor": "{{ su }}"}
    item["ports"][1]["name"] = "f"
    assert hardware_site.rules(tmp_path, {"hardware/a.yml": {"hardware": [item]}}) == []


@given(st.binary(min_size=6, max_size=6), st.sampled_from([":", "-", "", "."]), st.booleans())
def test_mac_addresses_of_any_form(raw: bytes, separator: str, upper: bool) -> None:
    pairs = [f"{byte:02x}" for byte in raw]
    if separator == ".":
        text = ".".join("".join(pairs[i : i + 2]) for i in (0, 2, 4))
    else:
        text = separator.join(pairs)
    text = text.upper() if upper else text
    if raw[0] & 1 or raw == bytes(6):
        with pytest.raises(PydanticCustomError):
            forms.mac_address(text)
    else:
        assert forms.mac_address(text) == ":".join(pairs)


@given(st.text(max_size=20))
def test_any_other_text_is_no_mac_address(text: str) -> None:
    if sum(char in "0123456789abcdefABCDEF" for char in text) != 12:
        with pytest.raises(PydanticCustomError):
            forms.mac_address(text)


@pytest.mark.parametrize("address", ["10.30.1.1", "fd00::1", "[fd00::1]", "bmc-1.example.org"])
def test_hosts(address: str) -> None:
    assert forms.host(address) == address.strip("[]")


@pytest.mark.parametrize(
    "address", ["10.30.1", "10.30.1.256", "1234", "a_b", "10.30.1.1/24", "", "0.0.0.0", "-a.b"]
)
def test_what_is_no_host(address: str) -> None:
    with pytest.raises(PydanticCustomError):
        forms.host(address)


@pytest.mark.parametrize("url", ["ftp://10.0.0.1", "https://", "https://u:p@h", "http://h:99999"])
def test_what_is_no_url_of_a_controller(url: str) -> None:
    with pytest.raises(PydanticCustomError):
        forms.host_or_url(url)


def test_secrets_that_nothing_defines_are_told_once(tmp_path: Path) -> None:
    file = tmp_path / "hardware" / "a.yml"
    file.parent.mkdir()
    file.write_text(
        '# "{{ commented }}"\n'
        'a: "{{ bmc_pasword }}"\n'
        'b: {x: "{{ bmc_password }}", y: "{{ bmc_pasword | trim }}"}\n'
    )
    (found,) = named_secrets.undefined(tmp_path, [], {"bmc_password"}, set())
    assert str(found.origin) == f"{file}:2:5"
    assert found.fix == "Did you mean `bmc_password`?"
    assert "bmc_pasword" in found.summary


DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("page", "file"), [("hardware", "hardware/a.yml"), ("appliances", "images/a.yml")]
)
def test_the_examples_of_the_documentation_are_valid(tmp_path: Path, page: str, file: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.DOTALL)
    assert hardware_site.found(tmp_path, {file: example}) == []


@pytest.mark.parametrize(
    ("page", "models"),
    [("hardware", (*TYPES.values(), Bmc, Port, Calendar)), ("appliances", (Appliance,))],
)
def test_the_documentation_names_every_key(page: str, models: tuple[Any, ...]) -> None:
    text = (DOCS / f"{page}.md").read_text()
    keys = {field.alias or key for one in models for key, field in one.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in text} - {"description"} == set()
