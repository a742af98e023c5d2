"""`hardware import`: a new file in hardware/, and passwords only in the site's store."""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml
from lending import BMC_PASSWORD, Lending, fake

from cc_ansible.errors import Exit, UsageError
from cc_ansible.hardware.importing import redfish
from cc_ansible.site.load import load
from cc_ansible.site.secrets import store

NODE = {
    "management_address": "10.30.1.1",
    "ipmi_username": "root",
    "ipmi_password": "hunter2-one",
    "ipmi_terminal_port": 40001,
    "node_type": "compute",
    "su_factor": 1.0,
    "interfaces": [
        {
            "name": "eno1",
            "mac_address": "02:00:00:00:01:01",
            "switch_info": "tor1",
            "switch_port_id": "ethernet1/1/1",
            "physical_network": "physnet1",
        }
    ],
    "extra_properties": {"rack": "r1"},
}
DEVICE = {
    "machine_name": "raspberrypi4-64",
    "contact_email": "someone@example.org",
    "device_profiles": ["pi_camera"],
    "application_credential_id": "abc",
    "application_credential_secret": "hunter2-device",
}
CSV = """\
name,node_type,bmc_address,bmc.username,bmc.password,bmc.terminal_port,traits,mac,switch,switch_port
c01,compute,10.30.1.1,root,hunter2,40001,CUSTOM_A;CUSTOM_B,02:00:00:00:01:01,tor1,ethernet1/1/1
c01,,,,,,,02:00:00:00:01:02,tor1,ethernet1/1/2
c02,compute,10.30.1.2,root,hunter2,40002,,02:00:00:00:02:01,tor1,ethernet1/1/3
"""


def entry(name: str, kind: str = "baremetal", **properties: Any) -> dict[str, Any]:
    return {"name": name, "hardware_type": kind, "properties": properties}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a file to import; what is no text is written as JSON."""

    def written(name: str, content: Any) -> str:
        file = tmp_path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(file)

    return written


def items(lending: Lending, name: str = "machines.yml") -> list[dict[str, Any]]:
    file = lending.path / "hardware" / name
    return list(yaml.safe_load(file.read_text())["hardware"])


def passwords(lending: Lending) -> dict[str, Any]:
    return dict(store.read(store.open_store(load(lending.path, env={}))).values)


def everything(lending: Lending) -> dict[str, bytes]:
    files = (file for file in lending.path.rglob("*") if file.is_file())
    return {str(file): file.read_bytes() for file in files}


def test_json(lending: Lending, write: Any) -> None:
    other = {**NODE, "management_address": "10.30.1.2", "ipmi_terminal_port": 40002}
    other |= {"ipmi_password": "hunter2-two", "interfaces": []}
    entries = [entry("c01", **NODE), entry("c02", **other), entry("d1", "device", **DEVICE)]
    said = lending.ok("import", write("machines.json", entries), "--output", "json")
    assert said.json == {
        "file": str(lending.path / "hardware" / "machines.yml"),
        "items": ["c01", "c02", "d1"],
        "secrets": ["application_credential_secret", "bmc_password_c01", "bmc_password_c02"],
        "secrets_missing": [],
        "notes": [],
    }
    assert items(lending)[0] == {
        "name": "c01",
        "type": "baremetal",
        "node_type": "compute",
        "properties": {"rack": "r1"},
        "bmc": {
            "protocol": "ipmi",
            "address": "10.30.1.1",
            "username": "root",
            "password": "{{ bmc_password_c01 }}",
            "terminal_port": 40001,
        },
        "ports": [
            {
                "name": "eno1",
                "mac": "02:00:00:00:01:01",
                "switch": "tor1",
                "port": "ethernet1/1/1",
                "physical_network": "physnet1",
            }
        ],
    }
    text = (lending.path / "hardware" / "machines.yml").read_text()
    for secret, name in (
        ("hunter2-one", "bmc_password_c01"),
        ("hunter2-two", "bmc_password_c02"),
        ("hunter2-device", "application_credential_secret"),
    ):
        assert passwords(lending)[name] == secret
        assert secret not in text + said.out + said.err


def test_what_was_imported_can_be_applied(lending: Lending, write: Any) -> None:
    node = {**NODE, "ipmi_password": BMC_PASSWORD}
    file = write("machines.json", [entry("c01", **node), entry("d1", "device", **DEVICE)])
    said = lending.ok("import", file)
    assert "2 items are now in" in said.out and "bmc_password" not in said.out  # it was there
    lending.apply()
    assert lending.json("plan")["same"] == 2
    found = lending.shown("c01")["properties"]
    assert found["node_type"] == "compute"
    assert found["interfaces"][0]["mac_address"] == "02:00:00:00:01:01"
    assert lending.shown("d1")["properties"]["device_profiles"] == ["pi_camera"]


def test_csv(lending: Lending, write: Any) -> None:
    file = write("machines.csv", CSV.replace("hunter2", BMC_PASSWORD))
    assert lending.json("import", file)["secrets"] == []
    first, second = items(lending)
    assert first["traits"] == ["CUSTOM_A", "CUSTOM_B"]
    assert first["bmc"] == {
        "address": "10.30.1.1",
        "username": "root",
        "password": "{{ bmc_password }}",
        "terminal_port": 40001,
    }
    macs = [("eno1", "02:00:00:00:01:01"), ("eno2", "02:00:00:00:01:02")]
    assert [(port["name"], port["mac"]) for port in first["ports"]] == macs
    assert (second["name"], len(second["ports"])) == ("c02", 1)


def test_csv_as_spreadsheets_write_it(lending: Lending, write: Any) -> None:
    text = "\ufeffName,Type,SU factor,Properties.rack,enabled,mac\r\nf1,fake-hardware,2,r1,no,x\r\n"
    lending.ok("import", write("some.csv", text), "--to", "machines")
    assert items(lending) == [
        {
            "name": "f1",
            "type": "fake-hardware",
            "su_factor": 2,
            "properties": {"rack": "r1"},
            "ports": [{"name": "eno1", "enabled": False, "mac": "x"}],
        }
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '[\n{"name": "c01",\n]', "line 3"),
        ("a.json", '{"name": "c01"}', "no JSON array of hardware"),
        ("a.json", [entry("c01", **NODE), {"name": "c02"}], "Entry 2"),
        ("a.json", [entry("c01", "toaster")], "Entry 1, c01, is of an unknown type toaster"),
        ("a.json", [], "no hardware in the file"),
        ("a.json", [entry("c01", **NODE), entry("c01", **NODE)], "c01 is declared already, or"),
        ("a.json", [entry("KNOWN", **NODE)], "KNOWN is declared already, or"),
        ("a.csv", "node_type\ncompute\n", "no column `name`"),
        ("a.csv", "name,bmc_adress\nc01,10.30.1.1\n", "Did you mean `bmc.address`"),
        ("a.csv", "name,su_factor\nc01,1\nc02,many\n", "line 3.*su_factor is no number"),
        ("a.csv", "name,pxe\nc01,perhaps\n", "line 2.*pxe is not true or false"),
        ("a.csv", "name,mac\nc01,x\n,y\n", "line 3.*no name"),
        ("a.csv", "name\nc01,10.30.1.1\n", "line 2.*more cells"),
        ("a.csv", 'name\n"c01\n', "line 2"),
    ],
)
def test_bad_files_are_told_with_their_place_and_nothing_is_written(
    lending: Lending, write: Any, name: str, content: Any, message: str
) -> None:
    lending.declare(fake("known"))
    before = everything(lending)
    said = lending.run("import", write(name, content))
    assert said.code == Exit.USAGE and said.out == ""
    assert re.search(message, said.err, re.IGNORECASE | re.DOTALL)
    assert everything(lending) == before


def test_never_over_a_file_that_is_there(lending: Lending, write: Any) -> None:
    file = write("nodes.json", [entry("c01", **NODE)])
    lending.declare(fake("known"))
    before = everything(lending)
    said = lending.run("import", file)
    assert said.code == Exit.USAGE and "nodes.yml exists; nothing was written." in said.err
    assert lending.run("import", file, "--to", "../defaults").code == Exit.USAGE
    assert lending.run("import", file, "--to", "../../elsewhere").code == Exit.USAGE
    assert everything(lending) == before


def test_never_over_a_password_that_is_there(lending: Lending, write: Any) -> None:
    before = everything(lending)
    said = lending.run("import", write("machines.json", [entry("c01", **NODE)]))
    assert said.code == Exit.USAGE and "bmc_password has another value" in said.err
    assert "hunter2" not in said.err and everything(lending) == before


def test_masked_passwords_are_named(lending: Lending, write: Any) -> None:
    node = {**NODE, "ipmi_password": "*" * 12}
    said = lending.json("import", write("machines.json", {"hardware": [entry("c01", **node)]}))
    assert said["secrets_missing"] == ["bmc_password"] and said["secrets"] == []


class Bmc(BaseHTTPRequestHandler):
    """A controller with one machine, or several."""

    machines = 1

    def do_GET(self) -> None:
        login = base64.b64encode(f"root:{BMC_PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            return self._answer(401, {})
        found = self._pages().get(self.path)
        return self._answer(200 if found else 404, found)

    def _pages(self) -> dict[str, Any]:
        def links(*paths: str) -> dict[str, Any]:
            return {"Members": [{"@odata.id": path} for path in paths]}

        systems = [f"/redfish/v1/Systems/{number + 1}" for number in range(self.machines)]
        pages: dict[str, Any] = {
            "/redfish/v1/": {"Systems": {"@odata.id": "/redfish/v1/Systems"}},
            "/redfish/v1/Systems": links(*systems),
        }
        for path in systems:
            pages |= {
                path: {
                    "HostName": "",
                    "SerialNumber": "ABC 123",
                    "Processors": {"@odata.id": f"{path}/Processors"},
                    "EthernetInterfaces": {"@odata.id": f"{path}/Nics"},
                },
                f"{path}/Processors": links(f"{path}/Processors/1"),
                f"{path}/Processors/1": {"InstructionSet": "ARM-A64"},
                f"{path}/Nics": links(f"{path}/Nics/2", f"{path}/Nics/1", f"{path}/Nics/0"),
                f"{path}/Nics/2": {"Id": "NIC.2", "MACAddress": "AA:00:00:00:00:02"},
                f"{path}/Nics/1": {
                    "Id": "NIC.1",
                    "MACAddress": "00:00:00:00:00:00",
                    "PermanentMACAddress": "AA:00:00:00:00:01",
                },
                f"{path}/Nics/0": {"Id": "NIC.0"},
            }
        return pages

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Chassis(Bmc):
    machines = 2


def test_redfish(lending: Lending, write: Any, serve: Any) -> None:
    one, many = f"http://{serve(Bmc)}", f"http://{serve(Chassis)}"
    file = write("machines.txt", f"# rack 1\n{one}\n{many}  # two\nhttp://127.0.0.1:9\n{one}\n")
    said = lending.json("import", file, "--redfish")
    assert said["items"] == ["node-abc-123", "node-abc-123-2", "node-abc-123-3"]
    assert said["notes"] == ["http://127.0.0.1:9: it does not answer"] and said["secrets"] == []
    first, second, third = items(lending)
    assert first["bmc"] == {
        "protocol": "redfish",
        "address": one,
        "username": "root",
        "password": "{{ bmc_password }}",
    }
    macs = [("NIC.1", "aa:00:00:00:00:01"), ("NIC.2", "aa:00:00:00:00:02")]
    assert [(port["name"], port["mac"]) for port in first["ports"]] == macs
    systems = [item["bmc"].get("system_id") for item in (second, third)]
    assert systems == ["/redfish/v1/Systems/1", "/redfish/v1/Systems/2"]
    assert BMC_PASSWORD not in (lending.path / "hardware" / "machines.yml").read_text()


def test_redfish_that_does_not_let_in(lending: Lending, write: Any, serve: Any) -> None:
    file = write("machines.txt", f"http://{serve(Bmc)}\n")
    before = everything(lending)
    said = lending.run("import", file, "--redfish", "--password", "database_password")
    assert said.code == Exit.RUN_FAILED and "it refuses the user or the password" in said.err
    said = lending.run("import", file, "--redfish", "--password", "bmc_pasword")
    assert said.code == Exit.USAGE and "Did you mean bmc_password?" in said.err
    assert everything(lending) == before


@pytest.mark.filterwarnings("error::urllib3.exceptions.InsecureRequestWarning")
def test_redfish_with_a_certificate_that_nobody_signed(
    lending: Lending, write: Any, https: str
) -> None:
    file = write("machines.txt", f"{https}\n")
    said = lending.run("import", file, "--redfish")
    assert said.code == Exit.RUN_FAILED and "its certificate is not trusted" in said.err
    assert "--insecure" in said.err
    lending.ok("import", file, "--redfish", "--insecure")
    assert items(lending)[0]["bmc"]["verify_ca"] is False


@pytest.fixture
def https(tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a controller that signed its certificate itself."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-nodes", "-subj", "/CN=bmc", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*argv, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Encrypted(Bmc):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

    # A client that hangs up is no news.
    monkeypatch.setattr("socketserver.BaseServer.handle_error", lambda *_: None)
    return f"https://{serve(Encrypted)}"


def test_addresses() -> None:
    text = "10.0.0.1 # one\n\n10.0.0.1-3\n10.0.0.9-10.0.0.10\n10.0.1.0/30\nbmc-1.example.org\n"
    assert redfish.addresses(text + "https://10.0.0.1:8443/\n[::1]\n")[:8] == [
        "10.0.0.1",
        "10.0.0.2",
        "10.0.0.3",
        "10.0.0.9",
        "10.0.0.10",
        "10.0.1.1",
        "10.0.1.2",
        "bmc-1.example.org",
    ]


@pytest.mark.parametrize("line", ["10.0.0.9-3", "10.0.0.1-900", "10.0.0.1 10.0.0.2", "10.0.0.1/24",
                                  "10.0.0.0/8"])  # fmt: skip
def test_lines_that_are_no_address(line: str) -> None:
    with pytest.raises(UsageError, match="Line 2 is no address"):
        redfish.addresses(f"# rack\n{line}\n")
