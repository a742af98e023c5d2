"""Calendars: the times at which hardware is lent to the testbed.

.. code-block:: yaml

   calendars:
     weekends:
       timezone: America/Chicago
       windows:
         - Fri 18:00 to Mon 06:00
         - 2026-12-21 to 2027-01-03
       exceptions:
         - 2026-11-27 to 2026-11-29
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    RootModel,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from cc_ansible.site.model import anchors
from cc_ansible.site.model.anchors import Anchor, bad
from cc_ansible.site.model.forms import Strict, Text, filled

BUILT_IN = ("always", "never")
"""Calendars that every site has."""

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_TO = re.compile(r"\s+to\s+")
_DAY = datetime.timedelta(days=1)
_MOMENT = "2026-12-24, 2026-12-24 18:00 or 2026-12-24T18:00+01:00"


def start_of(value: Any) -> datetime.datetime:
    """The moment at which a span starts: a date means its first minute."""
    return _moment(value, datetime.timedelta())


def end_of(value: Any) -> datetime.datetime:
    """The moment at which a span ends: a date means the end of that day."""
    return _moment(value, _DAY)


def _moment(value: Any, of_date: datetime.timedelta) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value.strip()):
            value = datetime.date.fromisoformat(value.strip())
        if isinstance(value, datetime.date):
            return datetime.datetime.combine(value, datetime.time()) + of_date
        if isinstance(value, str):
            return datetime.datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError) as problem:
        raise bad(f"says `{value}`, which is no date: {problem}", f"Write {_MOMENT}.") from problem
    raise bad("is no date", f"Write {_MOMENT}.")


def _anchor(value: Any) -> Anchor:
    if isinstance(value, int) and not isinstance(value, bool):
        raise bad("must be a text; YAML reads it as a number", 'Put it in quotes: "18:00".')
    if not isinstance(value, str):
        raise bad("is no recurring moment")
    return anchors.parse(value)


def _as_map(value: Any) -> Any:
    """The short forms of a window: ``A to B``, and a lone date."""
    if isinstance(value, datetime.date):
        return {"start": value, "end": value}
    if not isinstance(value, str):
        return value
    first, *rest = _TO.split(value.strip())
    if len(rest) == 1:
        keys = ("start", "end") if _DATE.match(first) else ("from", "to")
        return dict(zip(keys, (first, rest[0]), strict=True))
    if not rest and _DATE.fullmatch(first):
        return {"start": first, "end": first}
    raise bad(
        f"says `{value}`, which is no window",
        "Write `Fri 18:00 to Mon 06:00`, `2026-12-21 to 2027-01-03`, or a map.",
    )


def _kind(value: Any) -> str:
    recurs = isinstance(value, dict) and "end" not in value and ("from" in value or "to" in value)
    return "recurrence" if recurs or isinstance(value, Recurrence) else "span"


_Start = Annotated[
    datetime.datetime,
    PlainValidator(start_of),
    WithJsonSchema({"type": "string", "examples": ["2026-12-24", "2026-12-24 18:00"]}),
]
_End = Annotated[
    datetime.datetime,
    PlainValidator(end_of),
    WithJsonSchema({"type": "string", "examples": ["2027-01-03", "2027-01-04T08:00+01:00"]}),
]
_Anchor = Annotated[
    Anchor,
    PlainValidator(_anchor),
    WithJsonSchema(
        {"type": "string", "examples": ["Fri 18:00", "Mon-Thu 20:00", "last day 18:00"]}
    ),
]


class _OrText:
    """Adds the short form of a window to its JSON Schema."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        short = {
            "type": "string",
            "pattern": r"\sto\s|^\s*\d{4}-\d{1,2}-\d{1,2}\s*$",
            "examples": ["Fri 18:00 to Mon 06:00", "2026-12-21 to 2027-01-03"],
        }
        return {"anyOf": [short, handler(core)]}


class Span(Strict):
    """One span of time. Times without offset are those of the calendar's time zone."""

    start: _Start
    """When it starts; a date without time means 00:00."""

    end: _End
    """When it ends; a date without time means the end of that day."""

    reason: Text | None = None
    """Why, for people who read the calendar."""


class Recurrence(Strict):
    """A window that comes again every day, week or month.

    It opens at each moment that ``from`` describes and closes at the next one that ``to``
    describes. Days are ``Mon`` to ``Sun``, alone, in ranges (``Mon-Fri``) and in lists
    (``Tue,Thu``); no day means every day. ``first``, ``second``, ``third``, ``fourth`` and
    ``last`` before a day, ``day 15`` and ``last day`` come once a month.
    """

    model_config = ConfigDict(populate_by_name=True)

    opens: _Anchor = Field(alias="from")
    """When it opens, such as ``Fri 18:00``."""

    closes: _Anchor = Field(alias="to")
    """When it closes, such as ``Mon 06:00``."""

    start: _Start | None = None
    """The first day on which it may open."""

    until: _End | None = None
    """The last day on which it may open."""


Window = Annotated[
    Annotated[Span, Tag("span")] | Annotated[Recurrence, Tag("recurrence")],
    Discriminator(_kind),
    BeforeValidator(_as_map),
    _OrText(),
]
Exempt = Annotated[Span, BeforeValidator(_as_map), _OrText()]


def _listed(value: Any) -> str:
    return "word" if isinstance(value, str) else "list"


def _window_list(value: Any) -> Any:
    """Refuse a lone window, which is a list of one without its dash."""
    lone = isinstance(value, str) and _TO.search(value)
    if lone or isinstance(value, dict):
        shown = value if isinstance(value, str) else "from: ..."
        raise bad("must be a list of windows", f"Start each with a dash: `- {shown}`.")
    return value


class Calendar(Strict):
    """The times at which hardware is lent: its windows, less the exceptions.

    Outside of them nobody can reserve the hardware. Windows may touch and overlap; together they
    are one.
    """

    timezone: str | None = None
    """Time zone of all times without offset, such as ``America/Chicago``."""

    windows: (
        Annotated[
            Annotated[Literal["always", "never"], Tag("word")]
            | Annotated[list[Window], filled("Write `windows: never`."), Tag("list")],
            Discriminator(_listed),
            BeforeValidator(_window_list),
        ]
        | None
    ) = None
    """``always``, ``never``, or a list of windows."""

    exceptions: list[Exempt] = []
    """Spans and days in the windows at which it is not lent all the same."""

    ics: Text | None = None
    """An iCalendar file whose events are windows too; its path from this file."""


class OneWindow(RootModel[Window]):
    """A window for itself."""


class OneExempt(RootModel[Exempt]):
    """An exception for itself."""
