"""`hardware export`, and the way back through `import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from lending import BMC_PASSWORD, Lending, device, fake, node

from cc_ansible.errors import Exit

ITEMS: list[dict[str, Any]] = [
    node(
        1,
        node_type="compute",
        cpu_arch="aarch64",
        traits=["CUSTOM_A"],
        placement={"rack": "r1", "node": "2"},
        capabilities={"secure_boot": "true", "my_own": "x"},
        boot_mode="uefi",
        su_factor=2.5,
        maintenance="no power",
        properties={"color": "blue"},
        authorized_projects=["physics"],
        authorized_projects_reason="it is theirs",
    ),
    {
        **node(2),
        "bmc": {
            "protocol": "redfish",
            "address": "https://10.30.1.2:8443",
            "username": "root",
            "password": "{{ bmc_password }}",
            "system_id": "/redfish/v1/Systems/1",
            "verify_ca": False,
        },
    },
    fake("f1"),
    device("d1", device_profiles=["pi_camera"], local_egress="deny"),
]


def test_as_doniclient_reads_it(lending: Lending) -> None:
    lending.declare(*ITEMS)
    said = lending.ok("export", "c01")
    [entry] = said.json
    assert (entry["name"], entry["hardware_type"]) == ("c01", "baremetal")
    assert entry["properties"]["baremetal_capabilities"] == {"secure_boot": "true"}
    assert entry["properties"]["extra_capabilities"] == {"my_own": "x"}
    assert entry["properties"]["management_address"] == "10.30.1.1"
    assert entry["properties"]["interfaces"][0]["switch_port_id"] == "ethernet1/1/1"
    assert lending.bed.calls == []


def test_passwords_only_on_demand(lending: Lending) -> None:
    lending.declare(*ITEMS)
    assert BMC_PASSWORD not in lending.ok("export").out
    said = {
        entry["name"]: entry["properties"] for entry in lending.ok("export", "--with-secrets").json
    }
    assert said["c01"]["ipmi_password"] == said["c02"]["redfish_password"] == BMC_PASSWORD


def test_there_and_back(lending: Lending, tmp_path: Path) -> None:
    lending.declare(*ITEMS)
    before = lending.ok("export", "--with-secrets").out
    lending.apply()
    file = tmp_path / "exported.json"
    file.write_text(before)
    (lending.path / "hardware" / "nodes.yml").unlink()
    lending.ok("import", str(file))
    assert lending.ok("export", "--with-secrets").out == before
    assert lending.json("plan")["same"] == len(ITEMS)
    text = (lending.path / "hardware" / "exported.yml").read_text()
    assert BMC_PASSWORD not in text
    assert [item["type"] for item in yaml.safe_load(text)["hardware"]] == [
        item["type"] for item in ITEMS
    ]


def test_an_item_that_is_not(lending: Lending) -> None:
    lending.declare(*ITEMS)
    said = lending.run("export", "c1")
    assert said.code == Exit.USAGE and said.out == ""
