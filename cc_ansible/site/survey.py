"""Everything a site config says, read without stopping at the first thing that is wrong."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cc_ansible import paths
from cc_ansible.errors import SiteInvalid
from cc_ansible.site import inventory, load, places, yamlfile
from cc_ansible.site.findings import Finding, from_error
from cc_ansible.site.inventory import Parsed
from cc_ansible.site.layers import Value, merge_layers
from cc_ansible.site.yamlfile import Document

T = TypeVar("T")
NOTHING = Parsed([], [], {}, {}, {})


class Layer(enum.IntEnum):
    """Kinds of sources, weakest first; RUN is what every run adds itself."""

    PROJECT = 1
    SCENARIO = 2
    SITE = 3
    RUN = 4
    ALL = 5
    GROUP = 6
    HOST = 7


@dataclass(frozen=True)
class Source:
    """Variables of one file or inventory section; ``scope`` names its group or host."""

    layer: Layer
    document: Document
    scope: str = ""

    @property
    def of_site(self) -> bool:
        """Whether the site wrote it, not the project."""
        return self.layer >= Layer.SITE and self.layer is not Layer.RUN


@dataclass
class Survey:
    """One site config as it lies there. ``findings`` grows while more of it is read."""

    path: Path
    project: Path = paths.PROJECT
    findings: list[Finding] = field(default_factory=list)
    _inventory_is_whole: bool = True

    @cached_property
    def sources(self) -> list[Source]:
        """Every source of variables but the passwords, weakest first."""
        run = Source(Layer.RUN, Document(self.path, load.directories(self.path)))
        return [*self._project, *self._site, run, *self._inventory_sources()]

    @cached_property
    def said(self) -> Mapping[str, list[Source]]:
        """Every variable that the site sets, with the sources that set it, weakest first."""
        found: dict[str, list[Source]] = {}
        for source in self.sources:
            for name in source.document.value if source.of_site else ():
                found.setdefault(name, []).append(source)
        return found

    @cached_property
    def scenario(self) -> str:
        """The scenario the site chose; the default when what it chose does not exist."""
        chosen = merge_layers(source.document for source in self._site).get(load.SCENARIO_VARIABLE)
        known = chosen is not None and chosen.value in load.SCENARIOS
        return str(chosen.value) if chosen and known else load.DEFAULT_SCENARIO

    @cached_property
    def merged(self) -> Mapping[str, Value]:
        """Variables of all hosts: the layers merged, then the run's and those of group ``all``."""
        said = [source.document for source in self.sources if source.layer <= Layer.SITE]
        result = merge_layers(said)
        for source in self.sources:
            if source.layer in (Layer.RUN, Layer.ALL):
                for key, value in source.document.value.items():
                    before = result.get(key)
                    seen = (*before.overridden, before.origin) if before else ()
                    result[key] = Value(value, source.document.origin(key), seen)
        return result

    @cached_property
    def inventory(self) -> Parsed:
        """Hosts and groups as a run has them; nothing when the site's inventory cannot be read.

        Groups that the site does not define are those of Kolla-Ansible and the project.
        """
        others = {
            name: below
            for name, below in self._shape.items()
            if name not in self.own_groups or not below
        }
        # Ansible gives up at a group nobody defines; rules tell about it instead.
        mentioned = {*self.places.sections, *(name for _, name in self.places.children)}
        others |= {name: [] for name in mentioned - others.keys() - self.own_groups}
        problems: list[SiteInvalid] = []
        found = self._attempt(lambda: inventory.parse(self.inventory_files, others, problems))
        self.findings += map(from_error, problems)
        self._inventory_is_whole = found is not None and not problems
        return found or NOTHING

    @property
    def inventory_whole(self) -> bool:
        """Whether the inventory could be read without leaving anything out."""
        return bool(self.inventory_files and self.inventory.groups and self._inventory_is_whole)

    @cached_property
    def own_groups(self) -> set[str]:
        """The groups that the site's inventory defines itself."""
        try:
            return inventory.defined_groups(self.inventory_files)
        except SiteInvalid:
            return set()  # parsing it says why

    @cached_property
    def _shape(self) -> dict[str, list[str]]:
        """The groups of Kolla-Ansible and the project, each with the groups below it."""
        files = inventory.plain_files([self.project / "kolla" / "inventory"])
        shape: dict[str, list[str]] = {}
        for file in (inventory.kolla_multinode(), *files):
            if file.exists():
                shape |= inventory.children(yamlfile.read_text(file))
        return shape

    @cached_property
    def inventory_files(self) -> list[Path]:
        """The inventory files of the site."""
        return self._attempt(lambda: inventory.sources(self.inventory_path)) or []

    @cached_property
    def places(self) -> places.Places:
        """Where groups, hosts and variables are written in inventory files."""
        return places.find(self.inventory_files)

    @property
    def defaults(self) -> Path:
        """The file that every site config has; what is missing belongs into it."""
        return self.path / "defaults.yml"

    @property
    def inventory_path(self) -> Path:
        """The inventory directory, or a lone file."""
        return self.path / "inventory"

    @cached_property
    def vars_root(self) -> Path:
        """The directory with ``group_vars`` and ``host_vars``."""
        return self.path if self.inventory_path.is_file() else self.inventory_path

    def documents(self, directory: str) -> list[Document]:
        """The YAML files below a directory of the site, sorted by name."""
        files = sorted((self.path / directory).rglob("*.y*ml"))
        return [found for file in files if (found := self.read(file)) is not None]

    def read(self, file: Path) -> Document | None:
        """A YAML mapping, without what cannot be read of it, which is then a finding.

        None when it is no mapping at all.
        """
        text = self._attempt(lambda: yamlfile.read_text(file))
        if text is None:
            text = yamlfile.legible(file)
            if text is None or "\0" in text:
                return None
        document, problems = yamlfile.examine(text, file)
        self.findings += map(from_error, problems)
        if document.value is None and problems:
            return None
        return self._attempt(lambda: yamlfile.require_mapping(document))

    @property
    def whole(self) -> bool:
        """Whether every file of the site's own layers could be read, at least in parts.

        Where one could not, what seems to be missing may be in it.
        """
        files = load.site_files(self.path)
        return len(self._site) == len(files) and (self.path / "defaults.yml") in files

    @cached_property
    def _site(self) -> list[Source]:
        files = load.site_files(self.path)
        if not (self.path / "defaults.yml").is_file():
            self._attempt(lambda: load.require_defaults(self.path))
        return [Source(Layer.SITE, found) for file in files if (found := self.read(file))]

    @cached_property
    def _project(self) -> list[Source]:
        files = load.project_files(self.project, self.scenario)
        layers = zip((Layer.PROJECT, Layer.SCENARIO), files, strict=True)
        found = ((layer, file) for layer, file in layers if file.exists())
        return [Source(layer, yamlfile.load_mapping(file)) for layer, file in found]

    def _inventory_sources(self) -> Iterator[Source]:
        parsed = self.inventory
        yield from self._sources_of("all", Layer.ALL, "group_vars", parsed.group_vars)
        for group in parsed.groups[1:]:
            yield from self._sources_of(group, Layer.GROUP, "group_vars", parsed.group_vars)
        for host in parsed.hosts:
            yield from self._sources_of(host, Layer.HOST, "host_vars", parsed.host_vars)

    def _sources_of(
        self, name: str, layer: Layer, directory: str, said: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[Source]:
        """What the inventory says about a group or host, then its files."""
        if values := {
            key: value
            for key, value in said.get(name, {}).items()
            if key not in ("inventory_file", "inventory_dir")
        }:
            yield Source(layer, self.places.document(name, values), name)
        for file in inventory.vars_files(self.vars_root / directory, name):
            if found := self._read_vars(file):
                yield Source(layer, found, name)

    def _read_vars(self, file: Path) -> Document | None:
        # A file encrypted as a whole is a secret store; its keys are not looked into.
        if yamlfile.is_encrypted(file):
            return None
        return self.read(file)

    def _attempt(self, reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except SiteInvalid as problem:
            self.findings.append(from_error(problem))
            return None
