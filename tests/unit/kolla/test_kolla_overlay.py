"""Edits of Kolla-Ansible and the tree of links that a run works in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
import yaml

from cc_ansible.errors import CcError, UsageError
from cc_ansible.kolla import overlay, release
from cc_ansible.kolla.edits import EDITS, OVERLAY, Edit
from cc_ansible.paths import PROJECT

edits = pytest.mark.parametrize("edit", EDITS, ids=[edit.path for edit in EDITS])


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return overlay.assemble(tmp_path_factory.mktemp("overlay") / "ansible")


@edits
def test_each_edit_fits_the_installed_kolla_ansible(edit: Edit) -> None:
    before = (release.ANSIBLE_TREE / edit.path).read_text()
    after = edit.applied(release.ANSIBLE_TREE)
    assert edit.old in before
    assert edit.new in after
    assert after != before
    assert edit.why


@edits
def test_an_edit_refuses_another_version_of_the_file(edit: Edit) -> None:
    with pytest.raises(CcError, match="not the version this project was made for") as caught:
        replace(edit, sha256="0" * 64).applied(release.ANSIBLE_TREE)
    assert edit.why in caught.value.detail
    assert caught.value.fix


@edits
def test_only_the_runs_copy_is_edited(edit: Edit, tree: Path) -> None:
    upstream = release.ANSIBLE_TREE / edit.path
    before = upstream.read_bytes()
    assert (tree / overlay.place_of(edit.path)).read_text() == edit.applied(release.ANSIBLE_TREE)
    assert not (tree / overlay.place_of(edit.path)).is_symlink()
    assert upstream.read_bytes() == before


@edits
def test_the_neighbours_of_an_edited_file_are_kollas_own(edit: Edit, tree: Path) -> None:
    upstream = (release.ANSIBLE_TREE / edit.path).parent
    ours = (tree / overlay.place_of(edit.path)).parent
    own = {*overlay.WRAPPED, *(path.name for path in (PROJECT / "playbooks").iterdir())}
    files = {path.name for path in upstream.iterdir() if path.is_file()}
    neighbours = files - {Path(edit.path).name} - own
    assert neighbours <= {path.name for path in ours.iterdir() if path.is_symlink()}
    for name in neighbours:
        assert (ours / name).resolve() == (upstream / name).resolve()


@edits
def test_an_edited_file_still_parses(edit: Edit, tree: Path) -> None:
    text = (tree / overlay.place_of(edit.path)).read_text()
    if edit.path.endswith(".py"):
        compile(text, edit.path, "exec")
    elif edit.path.endswith(".j2"):
        jinja2.Environment().parse(text)
    else:
        assert all("name" in task for task in yaml.safe_load(text))


def test_every_link_leads_somewhere(tree: Path) -> None:
    links = [path for path in tree.rglob("*") if path.is_symlink()]
    assert len(links) > len(list((release.ANSIBLE_TREE / "roles").iterdir()))
    assert [path for path in links if not path.exists()] == []


def test_kollas_playbooks_and_roles_are_all_there(tree: Path) -> None:
    for part in (".", "roles"):
        upstream = {path.name for path in (release.ANSIBLE_TREE / part).iterdir()}
        assert upstream <= {path.name for path in (tree / part).iterdir()}


def test_our_playbooks_and_roles_are_there_and_ours_win(tree: Path) -> None:
    for playbook in (PROJECT / "playbooks").glob("*.yml"):
        assert (tree / playbook.name).resolve() == playbook.resolve()
    for role in (PROJECT / "roles").iterdir():
        assert (tree / "roles" / role.name).resolve() == role.resolve()


def test_our_roles_take_no_name_of_kollas() -> None:
    kolla = {path.name for path in (release.ANSIBLE_TREE / "roles").iterdir()}
    assert not kolla & {path.name for path in (PROJECT / "roles").iterdir()}


@pytest.mark.parametrize("name", overlay.WRAPPED)
def test_a_wrapped_playbook_imports_kollas_own(name: str, tree: Path) -> None:
    imported = [play.get("import_playbook") for play in yaml.safe_load((tree / name).read_text())]
    assert f"kolla-{name}" in imported
    for target in imported:
        assert (tree / target).is_file()
    plays = yaml.safe_load((tree / f"kolla-{name}").read_text())
    assert [play["name"] for play in plays] == [
        play["name"] for play in yaml.safe_load((release.ANSIBLE_TREE / name).read_text())
    ]


def test_a_site_without_post_deploy_gets_one_that_does_nothing(tree: Path) -> None:
    (play,) = yaml.safe_load((tree / "site-post-deploy.yml").read_text())
    assert play["hosts"] == "localhost"
    assert not play["tasks"]


def test_the_sites_own_post_deploy_is_run(tmp_path: Path) -> None:
    own = tmp_path / "post_deploy.yml"
    own.write_text("- hosts: all\n")
    tree = overlay.assemble(tmp_path / "ansible", own)
    assert (tree / "site-post-deploy.yml").resolve() == own


def test_a_playbook_of_the_users_stands_beside_kollas(tmp_path: Path) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text("- hosts: all\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    place = overlay.add_playbook(tree, playbook)
    assert place.parent == tree
    assert place.name != "site.yml"
    assert place.read_text() == "- hosts: all\n"


def test_a_playbook_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yml does not exist"):
        overlay.add_playbook(tmp_path, tmp_path / "nowhere.yml")


def test_every_file_of_the_overlay_is_used(tree: Path) -> None:
    files = [path for path in OVERLAY.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert files
    for file in files:
        assert (tree / file.relative_to(OVERLAY)).read_bytes() == file.read_bytes()


def test_our_modules_take_no_name_of_kollas() -> None:
    kolla = {path.name for path in (release.ANSIBLE_TREE / "library").iterdir()}
    assert not kolla & {path.name for path in (OVERLAY / "library").glob("*.py")}
