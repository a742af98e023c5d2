"""How this machine reaches its mirrors, read from files like those of real machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cc_ansible.engine import docker, machine
from cc_ansible.engine.machine import AptEntry, Mirrors

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_CODENAME=trixie\n'
UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n'


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    return tmp_path / "apt"


def test_one_line_entries_are_read(apt: Path) -> None:
    (apt / "sources.list").write_text(
        "# deb http://commented.example/debian trixie main\n"
        "deb http://a.example/debian trixie main contrib # the usual\n"
        "deb-src http://a.example/debian trixie main\n"
        "deb [arch=amd64 signed-by=/usr/share/x.gpg] https://b.example trixie/updates main\n"
        "deb http://broken.example\n"
        "\n"
    )
    assert machine.apt_entries(apt) == [
        AptEntry("http://a.example/debian", "trixie", ("main", "contrib")),
        AptEntry("https://b.example", "trixie/updates", ("main",)),
    ]


def test_deb822_stanzas_are_read_for_each_uri_and_suite(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(
        "# the distribution\n"
        "Types: deb deb-src\n"
        "URIs: http://a.example/debian http://b.example/debian\n"
        "# Suites: sid\n"
        "Suites: trixie trixie-updates\n"
        "Components: main contrib\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    components = ("main", "contrib")
    assert machine.apt_entries(apt) == [
        AptEntry("http://a.example/debian", "trixie", components),
        AptEntry("http://a.example/debian", "trixie-updates", components),
        AptEntry("http://b.example/debian", "trixie", components),
        AptEntry("http://b.example/debian", "trixie-updates", components),
    ]


@pytest.mark.parametrize("line", ["Enabled: no", "Types: deb-src"])
def test_deb822_stanzas_that_install_nothing_do_not_count(apt: Path, line: str) -> None:
    stanza = "URIs: http://off.example\nSuites: trixie\nComponents: main\n"
    types = "" if line.startswith("Types") else "Types: deb\n"
    (apt / "sources.list.d" / "x.sources").write_text(
        f"{types}{stanza}{line}\n\nTypes: deb\nURIs: http://on.example\nSuites: trixie\n"
    )
    assert machine.apt_entries(apt) == [AptEntry("http://on.example", "trixie", ())]


def test_both_formats_count_and_other_files_do_not(apt: Path) -> None:
    parts = apt / "sources.list.d"
    (apt / "sources.list").write_text("deb http://one.example s main\n")
    (parts / "a.list").write_text("deb http://two.example s main\n")
    (parts / "b.list.save").write_text("deb http://saved.example s main\n")
    (parts / "c.sources").write_text("Types: deb\nURIs: http://three.example\nSuites: s\n")
    (parts / "d.list").mkdir()
    uris = [entry.uri for entry in machine.apt_entries(apt)]
    assert uris == ["http://one.example", "http://two.example", "http://three.example"]


def test_a_machine_without_apt_has_no_entries(tmp_path: Path) -> None:
    assert machine.apt_entries(tmp_path / "absent") == []


def entry(uri: str, suite: str) -> AptEntry:
    return AptEntry(uri, suite, ("main",))


@pytest.fixture
def os_release(tmp_path: Path) -> Path:
    path = tmp_path / "os-release"
    path.write_text(DEBIAN)
    return path


def test_a_debian_machine_lends_its_own_mirrors(os_release: Path) -> None:
    entries = [
        entry("http://other.example/docker", "bookworm"),
        entry("http://a.example/debian/", "trixie"),
        entry("http://second.example/debian", "trixie"),
        entry("http://a.example/security", "trixie-security"),
    ]
    assert machine.debian_mirrors(entries, os_release) == Mirrors(
        "http://a.example/debian", "http://a.example/security"
    )


def test_a_debian_machine_without_security_archive_lends_none(os_release: Path) -> None:
    mirrors = machine.debian_mirrors([entry("http://a.example", "trixie")], os_release)
    assert mirrors == Mirrors("http://a.example", None)


def test_an_ubuntu_machine_lends_no_debian_mirror(os_release: Path) -> None:
    os_release.write_text(UBUNTU)
    entries = [entry("http://archive.example/ubuntu", "noble")]
    assert machine.debian_mirrors(entries, os_release) == Mirrors(None, None)


def test_apts_proxies_and_certificates_travel_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "apt.conf"
    config.write_text(
        'Acquire::http::Proxy "http://proxy.example:3128";\n'
        'Acquire::https::CaInfo "/etc/ssl/own.crt";\n'
        'Acquire::Retries "7";\n'
        'APT::Get::Assume-Yes "true";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(config))
    lines = machine.apt_conf().splitlines()
    assert 'Acquire::http::Proxy "http://proxy.example:3128";' in lines
    assert 'Acquire::https::CaInfo "/etc/ssl/own.crt";' in lines
    assert not [line for line in lines if "Retries" in line or "Assume-Yes" in line]


@pytest.fixture
def pip_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    return path


def test_pips_index_and_proxy_travel_into_images(
    pip_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip_settings.write_text(
        "[global]\n"
        "index-url = https://index.example/simple\n"
        "trusted-host = index.example\n"
        "timeout = 77\n"
        "[download]\n"
        "proxy = http://only-for-download.example\n"
    )
    monkeypatch.setenv("PIP_PROXY", "http://proxy.example:3128")
    lines = machine.pip_conf("/etc/ssl/image.crt").splitlines()
    assert lines[:2] == ["[global]", "cert = /etc/ssl/image.crt"]
    assert "index-url = https://index.example/simple" in lines
    assert "trusted-host = index.example" in lines
    assert "proxy = http://proxy.example:3128" in lines
    assert not [line for line in lines if "77" in line or "only-for-download" in line]


def test_indexes_in_local_directories_stay_behind(pip_settings: Path) -> None:
    pip_settings.write_text(
        "[global]\nextra-index-url = file:///srv/wheels https://extra.example/simple\n"
    )
    text = machine.pip_conf("/ca.crt")
    assert "extra-index-url = https://extra.example/simple\n" in text
    assert "/srv/wheels" not in text


def test_the_bundle_of_python_tools_is_the_machines_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "ca.crt"
    bundle.touch()
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "gone.crt"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert machine.ca_bundle() == bundle


def test_a_withheld_capability_is_noticed() -> None:
    code = (
        "import ctypes, sys\n"
        "from cc_ansible.engine import machine\n"
        "had = machine.has_capability(0)\n"
        "dropped = ctypes.CDLL(None).prctl(24, 0, 0, 0, 0) == 0  # PR_CAPBSET_DROP, CAP_CHOWN\n"
        "print(had, dropped, machine.has_capability(0))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    had, dropped, has = done.stdout.split()
    if had != "True" or dropped != "True":
        pytest.skip("this process may not drop a capability")
    assert has == "False"


@pytest.mark.parametrize("held", [True, False])
def test_our_engine_uses_the_lean_runtime_only_where_it_has_to(
    held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "has_capability", lambda number: held and number == 24)
    config = docker.daemon_config(Path("/somewhere/runc-lean"))
    if held:
        assert "default-runtime" not in config
        assert "runtimes" not in config
    else:
        assert config["default-runtime"] == "runc-lean"
        assert config["runtimes"] == {"runc-lean": {"path": "/somewhere/runc-lean"}}
    assert os.access(docker.RUNTIME, os.X_OK)


def test_no_engine_is_an_error_with_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cc_ansible.errors import CcError

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert not docker.running()
    with pytest.raises(CcError, match="no Docker Engine answers") as caught:
        docker.client(timeout=2)
    assert "cc-ansible lab up" in caught.value.fix
