"""A plan and its result as short lines for people, and as plain data."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cc_ansible.hardware.apply import Done
from cc_ansible.hardware.plan import ItemPlan, Plan
from cc_ansible.hardware.settle import Trouble
from cc_ansible.hardware.spans import Span
from cc_ansible.hardware.windows import FOREVER, Change
from cc_ansible.hardware.wire import SENSITIVE
from cc_ansible.hardware.work import Result

_ACTIONS = ("create", "change", "windows")
_DONE = {"add": "added", "move": "moved", "drop": "dropped"}
LONGEST_NAMES = 60
LONGEST_VALUE = 60


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain data; items that are as declared are only counted."""
    return {
        "pending": plan.pending,
        "same": plan.same,
        "items": [_item_json(item) for item in plan.items if item.action != "same"],
        "retire": [
            {"name": item.name, "uuid": item.uuid, "project_id": item.project_id}
            for item in plan.retired
        ],
    }


def result_json(result: Result) -> dict[str, Any]:
    """What was written and what did not work, as plain data."""
    return {
        "plan": plan_json(result.plan),
        "written": [each.name for each in result.done if not each.error],
        "failed": [{"name": each.name, "error": each.error} for each in result.failed],
        "troubles": [vars(trouble) for trouble in result.troubles],
    }


def plan_lines(plan: Plan, *, detailed: bool = False) -> Iterator[str]:
    """A plan, items with the same to do on one line unless it is ``detailed``."""
    for item in plan.problems:
        yield f"problem  {item.name}: {item.problem}"
        yield f"         fix: {item.fix}"
    grouped: dict[tuple[str, str], list[ItemPlan]] = defaultdict(list)
    for item in plan.work:
        key = (item.action, _what(item)) if not (detailed or item.hits) else (item.name, "")
        grouped[key].append(item)
    for items in grouped.values():
        yield f"{items[0].action:<8} {_names(items)}  {_what(items[0])}"
        if detailed or items[0].hits:
            yield from _details(items[0], windows=detailed)
    for gone in plan.retired:
        yield f"retire?  {gone.name}  no longer declared: cc-ansible hardware retire {gone.name}"


def summary(plan: Plan) -> str:
    """A plan in one line."""
    counts = Counter(item.action for item in plan.items)
    said = [f"{counts[action]} {text}" for action, text in _COUNTED.items() if counts[action]]
    if plan.retired:
        said.append(f"{len(plan.retired)} no longer declared")
    same = f"{plan.same} as declared"
    return f"Plan: {', '.join([*said, same])}." if said else f"Nothing to do: {same}."


_COUNTED = {
    "create": "to create",
    "change": "to change",
    "windows": "with other windows",
    "problem": "with a problem",
}


def result_lines(result: Result) -> Iterator[str]:
    """What did not work, or not yet."""
    for each in result.failed:
        yield f"failed   {each.name}: {each.error}"
    grouped: dict[tuple[str, str, str], list[Trouble]] = defaultdict(list)
    for trouble in result.troubles:
        grouped[trouble.kind, trouble.worker, trouble.reason].append(trouble)
    for (kind, worker, reason), troubles in grouped.items():
        yield f"{kind:<8} {_listed([each.name for each in troubles])}: {worker}: {reason}"
        yield f"         {troubles[0].fix}"


def _item_json(item: ItemPlan) -> dict[str, Any]:
    return {
        "name": item.name,
        "action": item.action,
        "uuid": item.enrolled.uuid if item.enrolled else None,
        "keys": list(item.keys),
        "windows": [
            {
                "change": change.kind,
                "uuid": change.uuid,
                "before": _span_json(change.before),
                "after": _span_json(change.after),
            }
            for change in item.windows
        ],
        "leases": [lease.as_json() for lease in item.hits],
        "problem": item.problem,
        "fix": item.fix,
    }


def _span_json(span: Span | None) -> dict[str, str | None] | None:
    if span is None:
        return None
    end = None if span.end >= FOREVER else span.end.isoformat()
    return {"from": span.start.isoformat(), "until": end}


def _what(item: ItemPlan) -> str:
    keys = [f"{key} (secret)" if key in SENSITIVE else key for key in item.keys]
    parts = [f"as {item.declared.kind}"] if item.enrolled is None else keys
    counts = Counter(change.kind for change in item.windows)
    moved = [f"{counts[kind]} {_DONE[kind]}" for kind in ("add", "move", "drop") if counts[kind]]
    if moved:
        parts.append(f"blackouts: {', '.join(moved)}")
    return "; ".join(parts)


def _details(item: ItemPlan, *, windows: bool) -> Iterator[str]:
    if windows and item.enrolled:
        for key in item.keys:
            if key not in SENSITIVE:
                old, new = item.enrolled.properties.get(key), item.properties.get(key)
                yield f"           {key}: {_short(old)} -> {_short(new)}"
    for change in item.windows if windows else ():
        yield f"           {_window(change)}"
    yield from hit_lines(item)


def hit_lines(item: ItemPlan) -> Iterator[str]:
    """The leases at times that become blackouts."""
    for lease in item.hits:
        yield (
            f"         ! lease {lease.name} ({lease.id}) of project {lease.project_id}: "
            f"{time(lease.span.start)} to {time(lease.span.end)}"
        )
    if item.hits:
        yield "           It stays; the blackout begins when it is over or deleted."


def _window(change: Change) -> str:
    if change.kind == "move":
        return f"~ blackout {_span(change.before)} -> {_span(change.after)}"
    sign = "+" if change.kind == "add" else "-"
    return f"{sign} blackout {_span(change.after or change.before)}"


def _span(span: Span | None) -> str:
    if span is None:
        return ""
    end = "further on" if span.end >= FOREVER else time(span.end)
    return f"{time(span.start)} to {end}"


def time(moment: datetime.datetime) -> str:
    """A time for people, in UTC."""
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%d %H:%MZ}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _names(items: Sequence[ItemPlan]) -> str:
    return _listed([item.name for item in items])


def _listed(names: Sequence[str]) -> str:
    """Names, as many as fit."""
    shown: list[str] = []
    for name in dict.fromkeys(names):
        if shown and sum(map(len, shown)) + 2 * len(shown) + len(name) > LONGEST_NAMES:
            return f"{', '.join(shown)} and {len(set(names)) - len(shown)} more"
        shown.append(name)
    return ", ".join(shown)


def written(done: Iterable[Done]) -> int:
    """How many items were written."""
    return sum(not each.error for each in done)
