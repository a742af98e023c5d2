"""Where things are on a disk, and what the root file system says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.appliances.disk import layout, tree
from cc_ansible.errors import CcError

GIB = 1 << 30


@given(st.sampled_from(["x86_64", "aarch64"]), st.integers(1, 40 * GIB))
def test_partitions_follow_one_another_and_fit(arch: str, root: int) -> None:
    found = layout.plan("key", arch, root, None)
    at = layout.MIB
    for part in found.partitions:
        assert part.start == at
        assert part.start % layout.MIB == part.size % layout.MIB == 0
        at += part.size
    assert found.partitions[-1].name == "root"
    assert found.partitions[-1].size >= root
    assert at + layout.SPARE == found.size


def test_a_disk_of_a_size_gives_the_rest_to_the_root() -> None:
    found = layout.plan("key", "x86_64", GIB, 8 * GIB)
    assert found.size == 8 * GIB
    assert found.partition("root").size > 7 * GIB


def test_what_does_not_fit_says_how_much_is_needed() -> None:
    with pytest.raises(ValueError, match=r"^5\.1 GiB$"):
        layout.plan("key", "x86_64", 5 * GIB, 4 * GIB)


def test_identifiers_follow_from_the_key() -> None:
    one, same, other = (layout.plan(key, "x86_64", GIB, None) for key in ("a", "a", "b"))
    assert one == same
    assert one.disk_uuid != other.disk_uuid
    assert one.root_uuid != other.root_uuid
    assert len({each.uuid for each in one.partitions}) == 3


def root(path: Path, *kernels: str, grub: str = "") -> Path:
    (path / "boot").mkdir(parents=True)
    for version in kernels:
        (path / "boot" / f"vmlinuz-{version}").touch()
        (path / "boot" / f"initrd.img-{version}").touch()
    (path / "etc/default").mkdir(parents=True)
    (path / "etc/default/grub").write_text(grub)
    return path


def test_the_newest_kernel_is_the_first_of_the_menu(tmp_path: Path) -> None:
    top = root(tmp_path, "6.9.1-amd64", "6.12.9-amd64", "6.12.10-amd64")
    assert [kernel.version for kernel in tree.kernels(top)] == [
        "6.12.10-amd64",
        "6.12.9-amd64",
        "6.9.1-amd64",
    ]
    menu = tree.menu("debian-13", tree.kernels(top), "quiet", "1-2-3")
    assert menu.index("6.12.10") < menu.index("6.12.9")
    assert "linux /boot/vmlinuz-6.12.10-amd64 root=UUID=1-2-3 ro quiet" in menu


@pytest.mark.parametrize(
    ("grub", "expected"),
    [
        ("", "console=tty0 console=ttyS0,115200n8"),
        ('GRUB_CMDLINE_LINUX="console=ttyS1"\n', "console=ttyS1"),
        (
            "GRUB_CMDLINE_LINUX_DEFAULT=quiet\nGRUB_CMDLINE_LINUX='a=b'\n",
            "a=b quiet console=tty0 console=ttyS0,115200n8",
        ),
    ],
)
def test_the_command_line_always_has_a_console(tmp_path: Path, grub: str, expected: str) -> None:
    assert tree.arguments(root(tmp_path, "6.1", grub=grub), "x86_64") == expected


def test_an_image_that_cannot_boot_is_refused(tmp_path: Path) -> None:
    top = root(tmp_path)
    with pytest.raises(CcError, match="no kernel"):
        tree.complete(top, "a", "x86_64", "1")
    (top / "boot/vmlinuz-6.1").touch()
    with pytest.raises(CcError, match=r"6\.1 has no initramfs"):
        tree.complete(top, "a", "x86_64", "1")
