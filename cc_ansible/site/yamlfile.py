"""YAML files as plain values plus the place of every key.

Ansible's tags (``!vault``, ``!unsafe``) and unknown ones pass through load and dump unchanged
as :class:`Tagged`; what they mean is decided elsewhere.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, SiteInvalid

if TYPE_CHECKING:
    import yaml

KeyPath = tuple[str | int, ...]
_VAULT = b"$ANSIBLE_VAULT;"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAMED = re.compile(r"^[A-Za-z_]\w*:", re.MULTILINE)


@dataclass(frozen=True)
class Tagged:
    """A value with a YAML tag that is kept, not interpreted (``tag`` includes the ``!``)."""

    tag: str
    value: Any

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Document:
    """One parsed YAML file.

    ``value`` is plain Python data (None for an empty file); ``origins`` maps a path of keys and
    indexes to the place where that key or item starts.
    """

    file: Path
    value: Any
    origins: Mapping[KeyPath, Origin] = field(default_factory=dict)

    def origin(self, *path: str | int) -> Origin:
        """The place of a key path, or of its closest known parent, or the file."""
        for length in range(len(path), -1, -1):
            if found := self.origins.get(path[:length]):
                return found
        return Origin(self.file)


def read_text(file: Path) -> str:
    """The text of a site file.

    :raises SiteInvalid: when it cannot be read or is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SiteInvalid(
            f"Cannot read {file.name}: {error.strerror}.",
            fix=f"Check that {file} exists and that you may read it.",
            origin=Origin(file),
        ) from error
    except UnicodeDecodeError as error:
        raise _not_utf_8(file, error) from error


def _not_utf_8(file: Path, error: UnicodeDecodeError) -> SiteInvalid:
    before = error.object[: error.start]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    wide = error.object.startswith(_UTF_16)
    return SiteInvalid(
        f"{file.name} is not UTF-8 text.",
        detail="It is UTF-16."
        if wide
        else f"Byte {error.object[error.start]:#04x} at offset {error.start}.",
        fix=f"Run `iconv -f UTF-16 -t UTF-8 {file.name}`." if wide else "Save the file as UTF-8.",
        origin=Origin(file, line, column),
    )


def legible(file: Path) -> str | None:
    """The text of a file with marks in place of what is not UTF-8; None when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None


def is_encrypted(file: Path) -> bool:
    """Whether a file is encrypted with ansible-vault as a whole."""
    try:
        with file.open("rb") as stream:
            return stream.read(len(_VAULT)) == _VAULT
    except OSError:
        return False


def load(file: Path) -> Document:
    """Read a YAML file whose top level is anything.

    :raises SiteInvalid: for an unreadable or malformed file or a duplicate key.
    """
    return parse(read_text(file), file)


def load_mapping(file: Path) -> Document:
    """Read a YAML file of variables: a mapping with string keys, or nothing at all.

    :raises SiteInvalid: as :func:`load`, and for any other top level.
    """
    return require_mapping(load(file))


def require_mapping(document: Document) -> Document:
    """The document itself when its top level is a mapping of variables (empty when it is empty).

    :raises SiteInvalid: otherwise.
    """
    if document.value is None:
        return Document(document.file, {}, document.origins)
    if not isinstance(document.value, dict):
        raise _no_mapping(document)
    for key in document.value:
        if not isinstance(key, str):
            raise SiteInvalid(
                f"Variable names must be strings, not {key!r}.",
                fix=f'Quote the name: "{key}".',
                origin=document.origin(key),
            )
    return document


def parse(text: str, file: Path) -> Document:
    """Parse YAML text; ``file`` names it in origins and errors.

    :raises SiteInvalid: for malformed text or a duplicate key.
    """
    document, problems = examine(text, file)
    if problems:
        raise problems[0]
    return document


def examine(text: str, file: Path) -> tuple[Document, list[SiteInvalid]]:
    """Parse YAML text as far as that goes, with everything that is wrong in it, by line.

    A variable that cannot be read is there with a value tagged ``yamlsalvage.UNREADABLE``.
    """
    from cc_ansible.site import yamlsalvage

    problems: list[SiteInvalid] = []
    if clash := yamlsalvage.conflict(text, file):
        problems.append(clash)
        text = yamlsalvage.without_conflicts(text)
    if blank := yamlsalvage.blanks(text, file):
        problems.append(blank)
        text = text.replace("\u00a0", " ")
    try:
        document = _parse(text, file, problems)
    except SiteInvalid as error:
        if not _NAMED.search(text):
            return Document(file, None, {}), [*problems, error]
        values, origins, failures = yamlsalvage.salvage(
            text, lambda chunk: _require_chunk(chunk, _parse(chunk, file, problems))
        )
        problems += [wrong for _, wrong in failures if wrong] or [error]
        for name, wrong in failures:
            if name and name not in values:
                values[name] = Tagged(yamlsalvage.UNREADABLE, None)
                origins[(name,)] = wrong.origin if wrong and wrong.origin else Origin(file)
        document = Document(file, values, origins)
    return document, sorted(
        problems, key=lambda wrong: wrong.origin.line or 0 if wrong.origin else 0
    )


def _parse(text: str, file: Path, duplicates: list[SiteInvalid]) -> Document:
    """Parse YAML text; a key given twice is noted in ``duplicates`` and has its first value."""
    import yaml

    from cc_ansible.site import yamldiagnosis

    loader = _loader_class()(text)
    node = None
    try:
        node = loader.get_single_node()
        if node is None:
            return Document(file, None, {})
        origins = _Walker(file, duplicates).walk(node)
        return Document(file, loader.construct_document(node), origins)
    except yaml.MarkedYAMLError as error:
        raise yamldiagnosis.diagnose(text, file, error) from error
    except yaml.reader.ReaderError as error:
        raise SiteInvalid(
            f"{file.name} holds the control character U+{_code(error):04X}.",
            fix="Remove it; an editor may show it as ^@, or not at all.",
            origin=_place_of(error, text, node, file),
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SiteInvalid(
            f"{file.name} is not valid YAML.",
            detail=str(error),
            fix="Correct the value, or quote it when it is meant as text.",
            origin=_place_of(error, text, node, file),
        ) from error
    finally:
        loader.dispose()


def _no_mapping(document: Document) -> SiteInvalid:
    """The error for a file whose top level is no mapping."""
    value, name = document.value, document.file.name
    if isinstance(value, str) and value.startswith(_VAULT.decode()):
        return SiteInvalid(
            f"{name} is encrypted as a whole, and is read without the vault password.",
            fix=f"Run `cc-ansible decrypt_file {document.file}`; keep secrets in passwords.yml.",
            origin=Origin(document.file, 1, 1),
        )
    if isinstance(value, str) and re.fullmatch(r"\w+\s*[:=].*", value):
        from cc_ansible.site import yamldiagnosis

        return yamldiagnosis.stray(
            "\n" * ((document.origin().line or 1) - 1) + value, document.file
        )
    return SiteInvalid(
        f"{name} must be a mapping of variables.",
        detail=f"Its top level is a {_kind(value)}.",
        fix="Write `name: value` lines without a leading dash.",
        origin=document.origin(),
    )


def _require_chunk(text: str, document: Document) -> Document:
    from cc_ansible.site import yamldiagnosis

    if isinstance(document.value, dict):
        return document
    raise yamldiagnosis.stray(text, document.file)


def _place_of(error: Exception, text: str, node: yaml.Node | None, file: Path) -> Origin:
    """Where a value stands that the parser names no place for."""
    position = getattr(error, "position", None)
    if isinstance(position, int):
        return Origin(file, text.encode()[:position].count(b"\n") + 1)
    for scalar in _scalars(node):
        try:
            _loader_class()("").construct_object(scalar)
        except ValueError:
            return Origin(file, scalar.start_mark.line + 1, scalar.start_mark.column + 1)
    return Origin(file)


def _code(error: yaml.reader.ReaderError) -> int:
    character = error.character
    return character if isinstance(character, int) else ord(character[:1])


def _scalars(node: yaml.Node | None) -> Iterator[yaml.Node]:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from _scalars(part)


def dump(value: Any) -> str:
    """YAML text of plain values and :class:`Tagged`, keys in their order, no line folding."""
    import yaml

    return yaml.dump(
        value, Dumper=_dumper_class(), sort_keys=False, allow_unicode=True, width=2**31 - 1
    )


def _kind(value: Any) -> str:
    names: dict[type, str] = {list: "list", str: "string"}
    return names.get(type(value)) or str(type(value).__name__)


class _Walker:
    """Collects origins of a node tree, and the keys that are given twice."""

    def __init__(self, file: Path, duplicates: list[SiteInvalid]) -> None:
        self.file = file
        self.duplicates = duplicates
        self.origins: dict[KeyPath, Origin] = {}
        self.open: set[int] = set()

    def walk(self, node: yaml.Node) -> dict[KeyPath, Origin]:
        self._visit(node, (), self._at(node))
        return self.origins

    def _at(self, node: yaml.Node) -> Origin:
        return Origin(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _visit(self, node: yaml.Node, path: KeyPath, origin: Origin) -> None:
        import yaml

        self.origins[path] = origin
        if id(node) in self.open:
            raise SiteInvalid(
                f"{self.file.name} holds a value that contains itself.",
                fix="Remove the alias (*name) that points to its own parent.",
                origin=origin,
            )
        self.open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._visit_mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._visit(item, (*path, index), self._at(item))
        self.open.discard(id(node))

    def _visit_mapping(self, node: yaml.MappingNode, path: KeyPath) -> None:
        import yaml

        from cc_ansible.site import yamldiagnosis

        seen: dict[tuple[str, str], Origin] = {}
        kept = []
        for key, value in node.value:
            origin = self._at(key)
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if first := seen.get((key.tag, key.value)):
                    self.duplicates.append(yamldiagnosis.twice(key.value, first, origin))
                    continue
                seen[(key.tag, key.value)] = origin
            kept.append((key, value))
            self._visit(value, (*path, _plain_key(key)), origin)
        node.value = kept


def _plain_key(key: yaml.Node) -> str | int:
    """The key as it appears in the constructed data, near enough to find it again."""
    if key.tag == "tag:yaml.org,2002:int":
        try:
            return int(key.value)
        except ValueError:
            return str(key.value)
    return str(key.value)


def _loader_class() -> Any:
    import yaml

    global _LOADER
    if _LOADER is not None:
        return _LOADER

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        pass

    Loader.add_constructor(None, _construct_tagged)
    _LOADER = Loader
    return Loader


def _construct_tagged(loader: Any, node: yaml.Node) -> Tagged:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return Tagged(node.tag, loader.construct_scalar(node))
    if isinstance(node, yaml.SequenceNode):
        return Tagged(node.tag, loader.construct_sequence(node, deep=True))
    return Tagged(node.tag, loader.construct_mapping(node, deep=True))


def _dumper_class() -> Any:
    import yaml

    global _DUMPER
    if _DUMPER is not None:
        return _DUMPER

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(Tagged, _represent_tagged)
    Dumper.add_representer(str, _represent_text)
    _DUMPER = Dumper
    return Dumper


def _represent_text(dumper: Any, data: str) -> yaml.Node:
    # Keys and certificates stay readable as blocks; a no-break space is one only within quotes.
    style = '"' if "\u00a0" in data else "|" if "\n" in data else None
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)
    return node


def _represent_tagged(dumper: Any, data: Tagged) -> yaml.Node:
    import yaml

    if isinstance(data.value, str):
        style = "|" if "\n" in data.value else "'"
        return yaml.ScalarNode(data.tag, data.value, style=style)
    node: yaml.Node = dumper.represent_data(data.value)
    node.tag = data.tag
    return node


_LOADER: Any = None
_DUMPER: Any = None
