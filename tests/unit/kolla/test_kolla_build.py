"""Builds: what is built, what is not built again, and how a failure is told."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_engine import Engine

from cc_ansible.engine import base_image
from cc_ansible.errors import Locked, RunFailed
from cc_ansible.kolla import build as build_module
from cc_ansible.kolla import profile as build_profile
from cc_ansible.kolla.build import Build, _parent, _tree
from cc_ansible.kolla.profile import Profile
from cc_ansible.runs import lock

SOURCES = {"nova-base": "nova==1.0", "nova-base-plugin-blazar": "blazar-nova==1.0"}
PROFILE = Profile(SOURCES, {}, "ansible==1", ("ansible.posix",), ("mariadb", "rabbitmq"))
# Image -> parent; contexts lie in each other as Kolla's do.
IMAGES = {
    "base": "",
    "base/openstack-base": "base",
    "base/openstack-base/nova-base": "openstack-base",
    "base/openstack-base/nova-base/nova-api": "nova-base",
    "base/openstack-base/nova-base/nova-conductor": "nova-base",
    "base/memcached": "base",
}
ALL = ["memcached", "nova-api"]

Make = Callable[..., Build]


@pytest.fixture
def kolla(tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home of the fake kolla-build, which takes the place of the installed one."""
    home = tmp_path / "kolla"
    for path, parent in IMAGES.items():
        context = home / "templates" / path
        context.mkdir(parents=True)
        image = f"kolla/{parent}:1" if parent else "cc-ansible/debian:trixie"
        (context / "Dockerfile").write_text(f"FROM {image}\nRUN true\n")
    text = Path(__file__).with_name("fake_kolla_build.py").read_text()
    (home / "kolla-build").write_text(f"#!{sys.executable}\n{text}")
    (home / "kolla-build").chmod(0o755)
    monkeypatch.setattr(build_module, "VENV_BIN", home)
    (home / "docker").mkdir()
    monkeypatch.setattr(build_profile, "DOCKER_DIR", home / "docker")
    for requirement in (*SOURCES.values(), "nova==2.0"):
        archive = state_home / "sources" / requirement / "archive.tar.gz"
        archive.parent.mkdir(parents=True)
        archive.touch()
    return home


@pytest.fixture
def engine(kolla: Path) -> Engine:
    engine = Engine(kolla / "images")
    engine.images.add(base_image.IMAGE)
    return engine


@pytest.fixture
def make(engine: Engine) -> Make:
    def build(names: list[str] = ALL, **options: object) -> Build:
        settings = {"say": lambda text: None, "profile": PROFILE, **options}
        return Build(engine, names, "1", **settings)  # type: ignore[arg-type]

    return build


def calls(kolla: Path) -> list[str]:
    return (kolla / "calls").read_text().splitlines()


def change(kolla: Path, path: str) -> None:
    """A file of ours goes into one image's context from now on."""
    for place in (kolla / "docker", kolla / "templates" / path):
        place.mkdir(parents=True, exist_ok=True)
        (place / "extra").write_text("more")


def test_wanted_images_and_their_ancestors_are_built_and_no_others(
    make: Make, engine: Engine
) -> None:
    said: list[str] = []
    built = make(say=said.append).run()
    assert set(built) == {"base", "openstack-base", "nova-base", "nova-api", "memcached"}
    for parent, child in (("base", "openstack-base"), ("nova-base", "nova-api")):
        assert built.index(parent) < built.index(child)
    assert "kolla/nova-conductor:1" not in engine.images.references()
    assert said[-1].endswith("(5 of 5 built)")


def test_a_second_build_asks_kolla_nothing(make: Make, kolla: Path) -> None:
    make().run()
    before = calls(kolla)
    assert make().run() == []
    assert calls(kolla) == before


def test_only_what_a_change_reaches_is_built_again(make: Make, kolla: Path, engine: Engine) -> None:
    make(["memcached", "nova-api", "nova-conductor"]).run()
    memcached, nova = (engine.images.get(f"kolla/{n}:1").id for n in ("memcached", "nova-api"))
    change(kolla, "base/openstack-base/nova-base")
    built = make(["memcached", "nova-api", "nova-conductor"]).run()
    assert sorted(built) == ["nova-api", "nova-base", "nova-conductor"]
    assert engine.images.get("kolla/memcached:1").id == memcached
    assert engine.images.get("kolla/nova-api:1").id != nova


def test_an_unrelated_change_builds_nothing(make: Make, kolla: Path) -> None:
    make().run()
    (kolla / "docker" / "README").touch()
    assert make().run() == []
    assert calls(kolla)[-1] == "render"


def test_another_base_image_builds_everything_again(make: Make, engine: Engine) -> None:
    make().run()
    engine.images.add(base_image.IMAGE)
    assert len(make().run()) == 5


def test_a_lost_image_is_built_again_alone(make: Make, engine: Engine) -> None:
    make().run()
    engine.images.remove("kolla/memcached:1", noprune=True)
    assert make().run() == ["memcached"]


def test_an_image_that_somebody_else_replaced_is_built_again(make: Make, engine: Engine) -> None:
    make().run()
    engine.images.add("kolla/nova-api:1")
    assert make().run() == ["nova-api"]


def test_another_release_of_a_source_builds_what_is_made_of_it(make: Make, kolla: Path) -> None:
    make().run()
    (kolla / "docker" / "pins").touch()
    newer = replace(PROFILE, sources={**SOURCES, "nova-base": "nova==2.0"})
    assert make(profile=newer).run() == ["nova-base", "nova-api"]


def test_a_further_image_builds_only_itself(make: Make, kolla: Path) -> None:
    make(["memcached"]).run()
    assert make().run() == ["openstack-base", "nova-base", "nova-api"]
    assert calls(kolla)[-1] == "^openstack\\-base$ ^nova\\-base$ ^nova\\-api$"


def test_a_failure_names_the_image_and_its_last_words(make: Make, kolla: Path) -> None:
    (kolla / "broken").write_text("nova-api")
    with pytest.raises(RunFailed, match="nova-api failed to build") as caught:
        make().run()
    assert "E: no room left" in caught.value.summary
    assert str(make().home / "build.log") in caught.value.fix
    assert "something unrelated" in (make().home / "build.log").read_text()


def test_after_a_failure_only_the_rest_is_built(make: Make, kolla: Path) -> None:
    (kolla / "broken").write_text("nova-api")
    with pytest.raises(RunFailed):
        make().run()
    (kolla / "broken").unlink()
    assert make().run() == ["nova-api"]
    assert make().run() == []


def test_a_failure_before_any_image_shows_the_commands_own_words(make: Make, kolla: Path) -> None:
    (kolla / "kolla-build").write_text("#!/bin/sh\necho 'no such option' >&2\nexit 2\n")
    with pytest.raises(RunFailed, match="kolla-build failed to build: no such option"):
        make().run()


def test_an_image_that_kolla_lacks_is_named(make: Make) -> None:
    with pytest.raises(RunFailed, match="no image called frobnicator, toaster") as caught:
        make(["memcached", "frobnicator", "toaster"]).run()
    assert "defaults.yml" in caught.value.fix


def test_a_damaged_ledger_means_building_again(make: Make) -> None:
    make().run()
    make().ledger_file.write_text('{"fingerprint": "x", "ima')
    assert len(make().run()) == 5
    assert set(json.loads(make().ledger_file.read_text())["images"]) >= set(ALL)


def test_nothing_is_left_in_the_build_directory_but_logs_and_the_ledger(make: Make) -> None:
    make().run()
    left = {path.name for path in make().home.iterdir() if not path.name.startswith("lock")}
    assert left == {"images-1.json", "render.log", "build.log", "logs"}


def test_two_builds_at_once_are_refused(make: Make) -> None:
    job = make()
    job.home.mkdir(parents=True)
    with (
        lock.hold(job.home, "other", "build images", lambda text: None),
        pytest.raises(Locked, match="build images by"),
    ):
        job.run()


def test_kolla_may_fetch_nothing_by_itself(make: Make, tmp_path: Path) -> None:
    from kolla.common.sources import SOURCES as KOLLAS

    job = make()
    archives = {pin: tmp_path / pin for pin in SOURCES.values()}
    fixed = {"constraints": tmp_path / "requirements", "collections": tmp_path / "collections"}
    config = configparser.ConfigParser(interpolation=None)
    config.read(job._configure(tmp_path, archives | fixed))
    on = {name for name in config.sections() if config[name].get("type")}
    assert on == {
        "openstack-base",
        "kolla-toolbox",
        "kolla-toolbox-additions-collections",
        *SOURCES,
    }
    assert {config[name]["type"] for name in on} == {"local"}
    assert {config[name]["enabled"] for name in set(KOLLAS) - on} == {"false"}
    assert config["nova-base"]["location"] == str(tmp_path / "nova==1.0")


def test_vendor_repositories_are_the_machines_own_mirror(make: Make, tmp_path: Path) -> None:
    import yaml

    (vendors,) = yaml.safe_load(make()._repositories(tmp_path).read_text()).values()
    assert set(vendors) == {"mariadb", "rabbitmq"}
    assert {entry["url"] for entry in vendors.values()} == {"http://mirror.example/debian"}


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("FROM kolla/nova-base:1.0\n", "nova-base"),
        ("# syntax\nFROM registry.example:5000/kolla/base:1 AS x\nFROM kolla/other:1\n", "base"),
        ("FROM scratch\n", "scratch"),
        ("RUN true\n", ""),
    ],
)
def test_the_parent_is_the_first_image_of_a_dockerfile(
    text: str, parent: str, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(text)
    assert _parent(tmp_path) == parent


class TestContextDigest:
    @pytest.fixture
    def context(self, tmp_path: Path) -> Path:
        path = tmp_path / "nova-base"
        (path / "files").mkdir(parents=True)
        (path / "Dockerfile").write_text("FROM base\n")
        (path / "files" / "start.sh").write_text("#!/bin/sh\n")
        (path / "nova-api").mkdir()
        (path / "nova-api" / "Dockerfile").write_text("FROM nova-base\n")
        return path

    def test_is_the_same_for_a_copy(self, context: Path, tmp_path: Path) -> None:
        shutil.copytree(context, tmp_path / "copy")
        assert _tree(tmp_path / "copy") == _tree(context)

    @pytest.mark.parametrize("name", ["Dockerfile", "files/start.sh", "files/new"])
    def test_counts_every_file(self, name: str, context: Path) -> None:
        before = _tree(context)
        (context / name).write_text("changed\n")
        assert _tree(context) != before

    def test_counts_names(self, context: Path) -> None:
        before = _tree(context)
        (context / "files" / "start.sh").rename(context / "files" / "begin.sh")
        assert _tree(context) != before

    def test_counts_who_may_execute_a_file(self, context: Path) -> None:
        before = _tree(context)
        (context / "files" / "start.sh").chmod(0o755)
        assert _tree(context) != before

    def test_leaves_out_the_images_inside(self, context: Path) -> None:
        before = _tree(context)
        (context / "nova-api" / "Dockerfile").write_text("FROM nova-base\nRUN x\n")
        (context / "nova-api" / "deep").mkdir()
        (context / "nova-api" / "deep" / "file").touch()
        assert _tree(context) == before


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Dockerfiles of the installed Kolla with this project's profile and overrides."""
    home = tmp_path_factory.mktemp("render")
    engine = Engine(home / "engine")
    engine.images.add(base_image.IMAGE)
    names = ["nova-api", "mariadb-server", "rabbitmq", "kolla-toolbox", "neutron-server"]
    job = Build(engine, names, "1", lambda text: None, home=home)  # type: ignore[arg-type]
    (home / "work").mkdir()
    digests = job._digests(job._configure(home / "work"), home / "work")
    files = {path.parent.name: path for path in (home / "work").rglob("Dockerfile")}
    return {name: files[name].read_text() for name in digests}


def test_kolla_renders_our_images_for_the_base_image(rendered: dict[str, str]) -> None:
    assert {"base", "openstack-base", "nova-base", "nova-api"} <= set(rendered)
    assert f"FROM {base_image.IMAGE}\n" in rendered["base"]


def test_an_unchanged_dockerfile_carries_no_date(rendered: dict[str, str]) -> None:
    assert [name for name, text in rendered.items() if "build-date" in text] == []


def test_our_overrides_reach_kollas_templates(rendered: dict[str, str]) -> None:
    assert "/bin/true /usr/local/bin/extrepo" in rendered["base"]
    assert "qpid-proton" not in rendered["openstack-base"]
    assert "ansible-galaxy" not in rendered["kolla-toolbox"]
    assert "COPY healthcheck.sh /usr/bin/healthcheck.sh" in rendered["mariadb-server"]
    assert "rabbitmq-plugins enable --offline" in rendered["rabbitmq"]
    assert "docker-ce-cli" not in rendered["neutron-base"]


def test_no_image_downloads_from_a_vendor(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        commands = text.replace("\\\n", " ").splitlines()
        fetching = re.compile(r"(curl|wget|git clone|ADD)\b.*https?://(?!localhost)")
        assert [line for line in commands if fetching.search(line)] == [], name
