"""A Docker Engine of files: images are references with an id, a push is real HTTP."""

from __future__ import annotations

import json
import tarfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote

from docker.errors import ImageNotFound, NotFound

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass
class Image:
    store: Images
    id: str
    labels: dict[str, str]

    def tag(self, repository: str, tag: str) -> None:
        self.store.add(f"{repository}:{tag}", self.id, self.labels)


@dataclass
class Images:
    """One file per reference, so that another process (a fake kolla-build) can add some."""

    home: Path

    def add(self, reference: str, image: str = "", labels: dict[str, str] | None = None) -> str:
        image = image or f"sha256:{uuid.uuid4().hex}"
        content = json.dumps({"id": image, "labels": labels or {}})
        (self.home / quote(reference, safe="")).write_text(content)
        return image

    def references(self) -> set[str]:
        return {unquote(path.name) for path in self.home.iterdir()}

    def get(self, reference: str) -> Image:
        try:
            return Image(self, **json.loads((self.home / quote(reference, safe="")).read_text()))
        except FileNotFoundError:
            raise ImageNotFound(f"No such image: {reference}") from None

    def remove(self, reference: str, *, noprune: bool = False) -> None:
        self.get(reference)
        (self.home / quote(reference, safe="")).unlink()

    def build(self, *, tag: str, labels: dict[str, str], **how: Any) -> None:
        if "fileobj" in how:
            with tarfile.open(fileobj=how["fileobj"]) as context:
                files = context.getnames()
        else:
            files = [path.name for path in Path(how["path"]).iterdir()]
        assert "Dockerfile" in files
        self.add(tag, labels=labels)

    def push(self, target: str, *, tag: str, **_: object) -> Iterator[dict[str, str]]:
        registry, _, repository = target.partition("/")
        request = urllib.request.Request(
            f"http://{registry}/v2/{repository}/manifests/{tag}",
            method="PUT",
            data=self.get(f"{target}:{tag}").id.encode(),
            headers={"Content-Type": MANIFEST},
        )
        yield {"status": "The push refers to repository"}
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except urllib.error.URLError as error:
            yield {"error": str(error)}


@dataclass
class Container:
    """``answer`` is what a command in it prints."""

    id: str
    name: str = ""
    status: str = "running"
    answer: Callable[[list[str]], str] = lambda argv: ""

    def exec_run(self, argv: list[str]) -> SimpleNamespace:
        return SimpleNamespace(output=self.answer(argv).encode())


@dataclass
class Containers:
    known: dict[str, Container] = field(default_factory=dict)
    prints: str = "Types: deb\nURIs: http://mirror.example/debian\n"

    def get(self, name: str) -> Container:
        if name not in self.known:
            raise NotFound(f"No such container: {name}")
        return self.known[name]

    def run(self, image: str, argv: list[str], *, remove: bool) -> bytes:
        assert remove, "the container would stay"
        return self.prints.encode()


class Engine:
    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.images = Images(home)
        self.containers = Containers()
