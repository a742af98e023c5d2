"""Edits of YAML text that leave its comments, quotes and order as they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


def edited(text: str, change: Callable[[Any], None], *, list_indent: int = 0) -> str:
    """The text of a map (or of nothing) after ``change`` altered that map in place.

    :param list_indent: how far items of lists are indented below their key.
    :raises ruamel.yaml.error.YAMLError: for malformed text.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 2**31 - 1
    editor.indent(mapping=2, sequence=list_indent + 2, offset=list_indent)
    data = editor.load(text)
    if data is None:
        data = CommentedMap()
    change(data)
    stream = io.StringIO()
    editor.dump(data, stream)
    return stream.getvalue()
