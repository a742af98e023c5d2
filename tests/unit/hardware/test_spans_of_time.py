"""Spans of time: each operation against sets of minutes."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.hardware.spans import (
    Span,
    complement,
    inner,
    intersect,
    merge,
    outer,
    subtract,
)

START = datetime.datetime(2028, 2, 28, 22, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def span(first: int, last: int) -> Span:
    return Span(START + first * MINUTE, START + last * MINUTE)


def minutes(spans: list[Span]) -> set[int]:
    return {
        minute
        for each in spans
        for minute in range((each.start - START) // MINUTE, (each.end - START) // MINUTE)
    }


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda x: span(x[0], x[0] + x[1]))
)
MERGED = SPANS.map(merge)


def is_merged(spans: list[Span]) -> bool:
    return all(one.end < other.start for one, other in itertools.pairwise(spans))


@given(SPANS)
def test_merging_keeps_the_minutes(spans: list[Span]) -> None:
    merged = merge(spans)
    assert minutes(merged) == minutes(spans)
    assert is_merged(merged)
    assert merge(merged) == merged


def test_neighbours_become_one() -> None:
    assert merge([span(5, 9), span(0, 5), span(10, 11)]) == [span(0, 9), span(10, 11)]


@given(MERGED, MERGED)
def test_what_is_common_and_what_remains(some: list[Span], others: list[Span]) -> None:
    common, rest = intersect(some, others), subtract(some, others)
    assert minutes(common) == minutes(some) & minutes(others)
    assert minutes(rest) == minutes(some) - minutes(others)
    assert is_merged(common)
    assert is_merged(rest)


@given(MERGED, st.integers(0, 60), st.integers(1, 30))
def test_a_complement_fills_the_horizon(spans: list[Span], first: int, length: int) -> None:
    horizon = span(first, first + length)
    rest = complement(spans, horizon)
    assert merge([*intersect(spans, [horizon]), *rest]) == [horizon]
    assert not minutes(spans) & minutes(rest)
    assert complement(rest, horizon) == intersect(spans, [horizon])


def test_a_span_is_whole_minutes_of_utc() -> None:
    later = START + MINUTE
    assert Span(START, later).minutes == 1
    assert Span(START, later).holds(START)
    assert not Span(START, later).holds(later)
    for start, end in [
        (START, START),
        (later, START),
        (START.replace(tzinfo=None), later.replace(tzinfo=None)),
        (START, START + datetime.timedelta(seconds=90)),
    ]:
        with pytest.raises(ValueError, match=r"is no whole minute|is not after"):
            Span(start, end)


@given(st.integers(0, 200), st.integers(0, 200))
def test_seconds_are_never_lent_and_never_forgotten(first: int, last: int) -> None:
    start, end = (START + datetime.timedelta(seconds=second) for second in (first, last))
    lent, taken = inner(start, end), outer(start, end)
    whole = {minute for minute in range(5) if first <= minute * 60 and minute * 60 + 60 <= last}
    touched = {minute for minute in range(5) if first < minute * 60 + 60 and minute * 60 < last}
    assert minutes([lent] if lent else []) == whole
    assert minutes([taken] if taken else []) == (touched if first < last else set())
