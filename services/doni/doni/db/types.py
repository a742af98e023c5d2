"""Types of columns."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator


class Unreadable(dict[str, Any]):
    """Stands, empty, for a column whose text is no JSON object, so that other rows can be read."""


class JsonObject(TypeDecorator[dict[str, Any]]):
    """A JSON object as text. With ``none`` None is kept, else it is an empty object."""

    impl = Text
    cache_ok = True

    def __init__(self, none: bool = False) -> None:
        super().__init__()
        self.none = none

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            # TEXT ends at 64 kB, which an item with many interfaces may exceed.
            return dialect.type_descriptor(mysql.MEDIUMTEXT())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None if self.none else "{}"
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        found: object = None
        try:
            found = None if value is None else json.loads(value)
        except ValueError:
            return Unreadable()
        if found is None:
            return None if self.none else {}
        return found if isinstance(found, dict) else Unreadable()
