"""cc-snapshot: what it leaves out, what it writes down, and the disk it makes."""

from __future__ import annotations

import argparse
import datetime
import importlib.machinery
import importlib.util
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from cc_ansible.paths import PROJECT

PROGRAM = PROJECT / "images/elements/chi-snapshot/static/usr/bin/cc-snapshot"
MANUAL = PROJECT / "images/elements/chi-snapshot/static/usr/share/man/man1/cc-snapshot.1"
NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
ID = "AAAAAAAA-0000-4000-8000-0000000000"
TABLE = {
    "label": "gpt", "id": f"{ID}01", "sectorsize": 512,
    "firstlba": 34, "partitions": [
        {"node": "/dev/x1", "start": 2048, "size": 2048, "uuid": f"{ID}0A",
         "type": "21686148-6449-6E6F-744E-656564454649", "name": "bios"},
        {"node": "/dev/x2", "start": 4096, "size": 4096, "uuid": f"{ID}0B",
         "type": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"},
        {"node": "/dev/x3", "start": 8192, "size": 40960, "uuid": f"{ID}0C",
         "type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "name": "root"},
        {"node": "/dev/x4", "start": 49152, "size": 2048, "uuid": f"{ID}0D",
         "type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "name": "config-2"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("cc_snapshot", str(PROGRAM))
    spec = importlib.util.spec_from_loader("cc_snapshot", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The files of a node that was used."""
    top = tmp_path / "node"
    for name in (
        "etc/machine-id", "etc/ssh/ssh_host_ed25519_key", "etc/ssh/sshd_config", "etc/fstab",
        "home/cc/.ssh/authorized_keys", "home/cc/.bash_history", "home/cc/results/one.txt",
        "home/cc/my-openrc.sh", "home/cc/.config/openstack/clouds.yaml", "root/.ssh/id_ed25519",
        "var/lib/cloud/instance/obj.pkl", "var/log/journal/abc/system.journal", "var/tmp/x",
        "tmp/y", "run/z", "data/big.bin", "etc/wireguard/wg-calico.key", "usr/bin/true",
    ):  # fmt: skip
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content\n")
    (top / "etc/cc-manifest.json").write_text(
        json.dumps({"name": "debian-13", "version": "abc", "arch": "x86_64", "elements": ["a"]})
    )
    return top


def copied(tool: ModuleType, root: Path, *words: str) -> set[str]:
    stage = root.parent / f"stage{len(words)}"
    stage.mkdir()
    options = tool.arguments([*words, "--workdir", str(root / "var/tmp"), "name"])
    tool.copy(root, stage, tool.excluded(options, root))
    tool.scrub(stage, "name", NOW)
    return {path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()}


def test_nothing_of_this_machine_or_its_users_is_in_a_snapshot(
    tool: ModuleType, root: Path
) -> None:
    assert copied(tool, root) == {
        "etc/machine-id", "etc/ssh/sshd_config", "etc/fstab", "etc/cc-manifest.json",
        "home/cc/results/one.txt", "data/big.bin", "usr/bin/true",
    }  # fmt: skip
    stage = root.parent / "stage0"
    assert (stage / "etc/machine-id").read_text() == ""
    assert (stage / "var/log/journal/abc").is_dir()
    assert (stage / "tmp").is_dir()


def test_users_say_what_else_is_left_out_and_that_keys_stay(tool: ModuleType, root: Path) -> None:
    files = copied(tool, root, "--keep-keys", "-e", "/data", "-e", "/home/*/results/*")
    assert "home/cc/.ssh/authorized_keys" in files
    assert "root/.ssh/id_ed25519" in files
    assert not {"data/big.bin", "home/cc/results/one.txt"} & files
    assert "etc/ssh/ssh_host_ed25519_key" not in files


def test_a_path_that_means_nothing_is_refused(tool: ModuleType, root: Path) -> None:
    options = tool.arguments(["-e", "data", "name"])
    with pytest.raises(tool.Refused, match="not absolute"):
        tool.excluded(options, root)


def test_a_snapshot_says_whose_child_it_is(tool: ModuleType, root: Path) -> None:
    tool.scrub(root, "mine", NOW)
    said = json.loads((root / "etc/cc-manifest.json").read_text())
    assert said["name"] == "mine"
    assert said["version"] == "20260301T120000Z"
    assert said["parent"] == {"name": "debian-13", "version": "abc"}
    given = tool.properties(said, ["note=a=b"])
    assert given["cc_parent"] == "debian-13"
    assert given["architecture"] == "x86_64"
    assert given["note"] == "a=b"


def test_partitions_after_the_system_are_left_out(tool: ModuleType) -> None:
    before, root = tool.layout(TABLE, "/dev/x3")
    assert [part["node"] for part in before] == ["/dev/x1", "/dev/x2"]
    script = tool.table_script(TABLE, [*before, root])
    assert "3 : start=8192, size=40960" in script
    assert "config-2" not in script


@pytest.mark.parametrize(
    ("table", "device"),
    [({**TABLE, "label": "dos"}, "/dev/x3"), (TABLE, "/dev/mapper/vg-root")],
)
def test_a_disk_that_cannot_be_copied_so_is_refused_with_the_way_out(
    tool: ModuleType, table: dict[str, object], device: str
) -> None:
    with pytest.raises(tool.Refused, match=r"--to FILE\.tar"):
        tool.layout(table, device)


def test_the_disk_has_the_boot_sectors_and_identifiers_of_the_nodes_own(
    tool: ModuleType, root: Path, tmp_path: Path
) -> None:
    """Made without a loop device or a mount, out of a disk that is a file."""
    disk = tmp_path / "x"
    with disk.open("wb") as file:
        file.write(b"B" * 440)
        file.truncate(32 << 20)
    nodes = [{**part, "node": f"{disk}{n}"} for n, part in enumerate(TABLE["partitions"], 1)]
    script = tool.table_script(TABLE, nodes)
    subprocess.run(["sfdisk", "--quiet", disk], input=script, text=True, check=True)
    with disk.open("r+b") as file:
        file.write(b"B" * 440)
        file.seek(2048 * 512)
        file.write(b"core of the boot loader")
    device = Path(f"{disk}3")
    uuid = "11111111-2222-4333-8444-555555555555"
    with device.open("wb") as file:
        file.truncate(8 << 20)
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-U", uuid, "-L", "cc-root", device], check=True
    )
    made = tmp_path / "made.raw"
    tool.make_disk(root, str(disk), str(device), made)

    data = made.read_bytes()[: 8192 * 512]
    assert data[:440] == b"B" * 440
    assert data[2048 * 512 :].startswith(b"core of the boot loader")
    table = json.loads(tool.run("sfdisk", "--json", made))["partitiontable"]
    assert table["id"] == TABLE["id"]
    assert [part["start"] for part in table["partitions"]] == [2048, 4096, 8192]
    assert table["partitions"][2]["uuid"] == nodes[2]["uuid"]
    tool.run("sfdisk", "--verify", made)
    filesystem = f"{made}?offset={8192 * 512}"
    seen = tool.run("debugfs", "-R", "cat /usr/bin/true", filesystem)
    assert seen == "content\n"
    assert uuid in tool.run("dumpe2fs", "-h", filesystem)


def test_help_and_manual_name_the_same_options(tool: ModuleType) -> None:
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
    manual = MANUAL.read_text().replace("\\-", "-")
    options = {word.strip("[],") for word in done.stdout.split() if word.startswith(("[--", "--"))}
    assert options >= {"--exclude", "--dry-run", "--to", "--keep-keys"}
    assert {option for option in options if option not in manual and option != "--help"} == set()


def test_wrong_words_are_refused_before_any_work(
    tool: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["--to", "file.zip"], ["--property", "x"], ["a", "b"]):
        with pytest.raises(SystemExit) as ended:
            tool.arguments(words)
        assert ended.value.code == 2
    assert "--to must end in" in capsys.readouterr().err


def test_a_program_that_fails_is_named(tool: ModuleType) -> None:
    with pytest.raises(tool.Refused, match=r"^false failed"):
        tool.run("false")


def test_a_dry_run_needs_no_cloud(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(tool, "check", lambda options: None)
    options: argparse.Namespace = tool.arguments(["--dry-run", "mine"])
    tool.snapshot(options)
