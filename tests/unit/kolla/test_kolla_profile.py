"""The build profile and the pinned constraints against the installed Kolla."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cc_ansible.kolla import profile, sources
from cc_ansible.kolla.profile import CONSTRAINTS, Profile

PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)===([0-9][0-9a-z.+!]*)(;\S.*| ;.*)?")


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if line and line[0] != "#"]
    matches = [(line, PIN.fullmatch(line)) for line in lines]
    assert [line for line, match in matches if match is None] == []
    return {match[1]: match[2] for _, match in matches if match}


def normalized(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement.partition("==")[0]).lower()


def test_every_source_section_is_one_of_kollas() -> None:
    from kolla.common.sources import SOURCES

    assert set(profile.load().sources) <= set(SOURCES)


def test_every_source_is_one_exact_release() -> None:
    for requirement in profile.load().sources.values():
        assert re.fullmatch(r"[\w-]+==\d[\d.]*", requirement)


def test_every_constraint_is_one_exact_pin_named_once(pins: dict[str, str]) -> None:
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if line and line[0] != "#"]
    assert len(pins) == len(lines) > 100


def test_constraints_do_not_hold_what_is_built_from_source(pins: dict[str, str]) -> None:
    ours = {normalized(requirement) for requirement in profile.load().sources.values()}
    assert not ours & set(pins)


def test_constraints_pin_what_builds_everything_else(pins: dict[str, str]) -> None:
    assert "setuptools" in pins


def test_an_image_is_made_of_its_own_source_and_its_plugins() -> None:
    made_of = profile.load().sources_of
    plugins = {f"neutron-base-plugin-networking-{name}" for name in ("baremetal", "generic-switch")}
    assert set(made_of("neutron-base")) == {"neutron-base", *plugins}
    assert set(made_of("keystone-base")) == {"keystone-base"}
    assert made_of("nova-api") == {}


def test_a_section_that_merely_begins_alike_is_no_plugin() -> None:
    pieces = Profile({"nova-base": "a==1", "nova-base2": "b==1"}, {}, "", (), ())
    assert pieces.sources_of("nova-base") == {"nova-base": "a==1"}


def test_kollas_templates_find_the_constraints_under_their_name(tmp_path: Path) -> None:
    home = sources.constraints(tmp_path)
    assert (home / "upper-constraints.txt").read_bytes() == CONSTRAINTS.read_bytes()


def test_a_source_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    said: list[str] = []
    archive = tmp_path / "nova==1.0" / "nova-1.0.tar.gz"
    archive.parent.mkdir()
    archive.touch()
    assert sources.fetch(["nova==1.0", "nova==1.0"], tmp_path, said.append) == {
        "nova==1.0": archive
    }
    assert said == []


def test_a_source_that_cannot_be_fetched_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cc_ansible.errors import RunFailed

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RunFailed) as caught:
        sources.fetch(["no-such-release==1"], tmp_path, lambda text: None)
    assert "no-such-release==1" in caught.value.detail
    assert list(tmp_path.iterdir()) == []


def test_only_wanted_collections_are_unpacked_and_once(tmp_path: Path) -> None:
    import zipfile

    wheel = tmp_path / "ansible==1" / "ansible-1-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("ansible/posix/x.py", "ansible/posix2/x.py", "other/thing/x.py"):
            archive.writestr(f"ansible_collections/{name}", "")
    pieces = Profile({}, {}, "ansible==1", ("ansible.posix",), ())
    target = sources.collections(pieces, tmp_path, lambda text: None)
    assert [str(path.relative_to(target)) for path in target.rglob("*.py")] == [
        "ansible_collections/ansible/posix/x.py"
    ]
    wheel.unlink()
    assert sources.collections(pieces, tmp_path, lambda text: None) == target
