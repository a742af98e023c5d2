"""One variable of the old site, with what is needed to decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variable:
    """``text`` are its lines, ``beside`` all variables of the file, ``shared`` tells whether it
    holds for every host, ``encrypted`` whether the whole file is vault text."""

    name: str
    value: Any = field(repr=False)
    text: str = field(repr=False)
    place: str
    beside: Mapping[str, Any] = field(repr=False)
    shared: bool
    encrypted: bool = False
