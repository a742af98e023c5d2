"""Whatever is written in place of a value, rules answer with findings that have a place."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import hardware_site
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

VALID = Path(__file__).parents[2] / "bad_sites" / "valid"
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.floats(allow_nan=True)
    | st.dates()
    | st.datetimes()
    | st.sampled_from(
        ["", " ", "always", "Fri 18:00 to Mon 06:00", "{{ x }}", "{{ broken", "a" * 300, "ü", "/"]
    )
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "from", "to", "start", "end", "windows", "mac", "1"]), inner
        )
    ),
    max_leaves=4,
)


class Tolerant(yaml.SafeLoader):
    """Reads the valid sites, whose vaulted values do not matter here."""


Tolerant.add_constructor("!vault", lambda loader, node: "{{ vaulted }}")
SOURCES = {
    (site, kind, file.name): yaml.load(file.read_text(), Tolerant)
    for site, kind in (("independent", "hardware"), ("part-time", "hardware"), ("edge", "hardware"))
    for file in sorted((VALID / site / kind).glob("*.y*ml"))
} | {
    ("independent", "images", "appliances.yml"): yaml.safe_load(
        (VALID / "independent/images/appliances.yml").read_text()
    )
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in some data."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, item in inner for found in paths(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    result = copy.deepcopy(value)
    here = result
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = new
    return result


@settings(max_examples=150, deadline=None)
@given(source=st.sampled_from(sorted(SOURCES)), where=st.integers(0, 10**6), odd=ODD)
def test_no_value_stops_the_rules(source: tuple[str, str, str], where: int, odd: Any) -> None:
    _, kind, name = source
    value = SOURCES[source]
    places = paths(value)[1:]
    changed = replaced(value, places[where % len(places)], odd)
    with tempfile.TemporaryDirectory() as directory:
        for finding in hardware_site.found(Path(directory), {f"{kind}/{name}": changed}):
            assert finding.origin is not None and finding.origin.line
            assert finding.summary.endswith(".")
