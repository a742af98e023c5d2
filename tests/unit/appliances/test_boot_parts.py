"""Parts of a boot that need no guest: key, seed, arguments, frames, child processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_sshd

from cc_ansible.appliances.boot import nspawn, programs, qemu, seed, wire, work
from cc_ansible.appliances.boot.qemu import Machine
from cc_ansible.engine import packages
from cc_ansible.login import key
from cc_ansible.login.ssh import Login, Server
from cc_ansible.runs import owner


def test_ssh_accepts_the_key_which_is_in_no_directory() -> None:
    with key.made("for a test") as made:
        done = subprocess.run(
            ["ssh-keygen", "-y", "-f", made.private], capture_output=True, text=True, check=True
        )
        assert done.stdout.split()[:2] == made.public.split()[:2]
        assert "(deleted)" in str(Path(made.private).readlink())
    assert not Path(made.private).exists()


def test_the_seed_names_the_key_and_no_password() -> None:
    files = seed.Seed("ssh-ed25519 AAAA me", "node").files()
    user = json.loads(files["user-data"].removeprefix("#cloud-config\n"))
    assert user["ssh_authorized_keys"] == ["ssh-ed25519 AAAA me"]
    assert json.loads(files["meta-data"])["local-hostname"] == "node"
    assert "passw" not in files["user-data"]
    assert set(files) == {"meta-data", "user-data"}


def test_every_seed_is_another_instance() -> None:
    one, other = (seed.Seed("k", "node").files()["meta-data"] for _ in range(2))
    assert one != other


def test_a_report_is_written_only_where_somebody_listens(tmp_path: Path) -> None:
    script = tmp_path / "report"
    script.write_text(seed.REPORT)
    assert subprocess.run(["sh", script, tmp_path / "nobody"], check=False).returncode == 0
    assert not (tmp_path / "nobody").exists()
    port = tmp_path / "port"
    port.touch()
    subprocess.run(["sh", script, port], check=True)
    assert port.read_text().splitlines()[-1] == "== end"


def arguments(machine: Machine, image: Path) -> list[str]:
    image.write_bytes(b"QFI\xfb")
    return qemu.arguments(machine, image, Path("/seed"), image.parent, qemu.forwards(1022, 1023))


def test_a_guest_reaches_nothing_and_only_this_machine_reaches_it(tmp_path: Path) -> None:
    given = arguments(Machine(), tmp_path / "image")
    (network,) = [word for word in given if word.startswith("user,")]
    assert "restrict=on" in network
    forwards = [word for word in network.split(",") if word.startswith("hostfwd=")]
    assert forwards == [
        "hostfwd=tcp:127.0.0.1:1022-:22", f"hostfwd=tcp:127.0.0.1:1023-:{qemu.PROBE}",
    ]  # fmt: skip


def test_the_image_is_never_written(tmp_path: Path) -> None:
    given = arguments(Machine(), tmp_path / "a,b")
    (disk,) = [word for word in given if "id=disk" in word]
    assert f"file={tmp_path}/a,,b,format=qcow2" in disk
    assert "snapshot=on" in disk


def test_arm_has_uefi_whether_asked_for_or_not() -> None:
    assert "UEFI" in Machine("aarch64").how
    assert "BIOS" in Machine("x86_64").how
    assert "UEFI" in Machine("x86_64", uefi=True).how


def test_firmware_that_is_missing_is_a_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Firmware is no command, so it is asked for by its file."""
    asked: list[dict[str, str]] = []
    firmware = programs.Firmware(tmp_path / "CODE.fd", tmp_path / "VARS.fd", "ovmf")
    monkeypatch.setattr(programs, "UEFI", {"x86_64": firmware})
    monkeypatch.setattr(packages, "ensure", lambda needs, why, say: asked.append(dict(needs)))
    programs.ensure_qemu("x86_64", print, uefi=True)
    firmware.code.touch()
    programs.ensure_qemu("x86_64", print, uefi=True)
    assert ["ovmf" in needs.values() for needs in asked] == [True, False]


def frame(protocol: int, body: bytes, source: str = "10.0.2.15") -> bytes:
    address = socket.inet_aton(source)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0,
                         address, address)  # fmt: skip
    return bytes(12) + b"\x08\x00" + header + body


def capture(*frames: bytes) -> bytes:
    found = bytes(24)
    for each in frames:
        found += struct.pack("=IIII", 0, 0, len(each), len(each)) + each
    return found


def dhcp(source: int, target: int, kind: int) -> bytes:
    options = b"\x63\x82\x53\x63" + bytes((0x35, 1, kind))
    offer = bytes(16) + socket.inet_aton("10.0.2.15") + bytes(216) + options
    return frame(wire.UDP, struct.pack("!HHHH", source, target, 8 + len(offer), 0) + offer)


def tcp(source: int, target: int, flags: int) -> bytes:
    return frame(wire.TCP, struct.pack("!HHIIBBHHH", source, target, 0, 0, 0x50, flags, 0, 0, 0))


def test_frames_tell_how_far_the_network_came() -> None:
    discover, offer, ack = dhcp(68, 67, 1), dhcp(67, 68, 2), dhcp(67, 68, 5)
    call, refusal, answer = tcp(4000, 22, 0x02), tcp(22, 4000, 0x14), tcp(22, 4000, 0x12)
    assert wire.seen(b"") == wire.Wire()
    assert wire.seen(capture(discover, offer)) == wire.Wire(asked=True)
    assert wire.seen(capture(discover, offer, ack)).address == "10.0.2.15"
    assert wire.seen(capture(call, refusal)) == wire.Wire(calls=1, refused=True)
    assert wire.seen(capture(call, call)) == wire.Wire(calls=2)
    assert wire.seen(capture(call, answer)) == wire.Wire(calls=1, answered=True)


def test_a_capture_that_is_cut_off_counts_as_far_as_it_goes() -> None:
    whole = capture(dhcp(68, 67, 1), tcp(4000, 22, 0x02), b"\x00\x01")
    for end in range(len(whole)):
        assert wire.seen(whole[:end]).calls <= 1
    assert wire.seen(whole).asked


def test_what_a_killed_boot_left_is_removed_and_a_living_ones_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC_ANSIBLE_STATE_DIR", str(tmp_path))
    boots = tmp_path / "appliances" / "boots"
    ended = subprocess.Popen(["true"])
    start = owner.start_time(os.getpid())
    ended.wait()
    dead = boots / f"{ended.pid}-{start}-x"
    reused = boots / f"{os.getpid()}-{(start or 0) + 1}-x"
    alive = boots / f"{os.getpid()}-{start}-x"
    for path in (dead, reused, alive):
        (path / "root").mkdir(parents=True)
    with work.directory() as mine:
        assert sorted(boots.iterdir()) == sorted([alive, mine])
        assert mine.stat().st_mode & 0o777 == 0o700
    assert sorted(boots.iterdir()) == [alive]


PARENT = """
import sys, time, pathlib
from cc_ansible.login import child
started = child.start(["sleep", "1000"], cwd=pathlib.Path("/"))
print(started.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_runs_beside_us_ends_with_us(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    until(lambda: Path(f"/proc/{pid}/cmdline").read_bytes() == b"sleep\x001000\x00")
    parent.send_signal(number)
    parent.wait()
    parent.stdout.close()
    until(lambda: owner.start_time(pid) is None)


def until(holds: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_addresses_of_a_cable_are_two_of_one_small_network() -> None:
    ours, theirs = nspawn._addresses()
    assert ours.network == theirs.network
    assert ours != theirs
    assert ours.ip.is_link_local
    assert ours.network.num_addresses == 4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """An ssh server that takes one key, and a directory to work in."""
    with key.made("test") as made, small_sshd.serving(made.public) as port:
        yield Server("127.0.0.1", port, "cc", made.private), tmp_path


def test_one_connection_serves_all_commands_and_their_exit_codes(
    server: tuple[Server, Path],
) -> None:
    login = Login(*server)
    assert login.connect(20) == ""
    try:
        done = login.run("echo out; echo err >&2; exit 3", root=False, timeout=20)
        assert (done.code, done.out, done.err, done.said) == (3, "out\n", "err\n", "err")
        slow = login.run("echo begun; sleep 60", root=False, timeout=1)
        assert (slow.code, slow.out) == (124, "begun\n")
        assert login.methods(20) == ["publickey"]
    finally:
        login.close()
    assert not login.alive


def test_another_key_is_refused_with_the_reason(server: tuple[Server, Path]) -> None:
    given, place = server
    with key.made("other") as other:
        login = Login(Server(given.address, given.port, given.user, other.private), place)
        assert "Permission denied" in login.connect(20)


def test_a_port_without_an_ssh_server_does_not_greet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert not Server("127.0.0.1", port, "cc", "key").greets(0.2)
    assert not Server("127.0.0.1", port, "cc", "key").greets(0.2)
