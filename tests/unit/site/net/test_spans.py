"""Intervals behave as the sets of their numbers do."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.site.net.spans import Block, Span, clashes, reserved

SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: Span(*sorted(ends)))
V4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)
NETWORKS = st.one_of(
    st.tuples(V4, st.integers(0, 32)).map(lambda one: ipaddress.IPv4Interface(one)),
    st.tuples(V6, st.integers(0, 128)).map(lambda one: ipaddress.IPv6Interface(one)),
)
SMALL = st.tuples(V4, st.integers(22, 30)).map(lambda one: ipaddress.IPv4Interface(one))


def numbers(span: Span) -> set[int]:
    return set(range(span.first, span.last + 1))


@given(SPANS, SPANS)
def test_what_spans_have_in_common_is_what_their_sets_have(one: Span, other: Span) -> None:
    common = one.common(other)
    assert (numbers(common) if common else set()) == numbers(one) & numbers(other)
    assert common == other.common(one)


@given(SPANS, SPANS)
def test_a_span_is_within_another_when_its_set_is(one: Span, other: Span) -> None:
    assert one.within(other) == (numbers(one) <= numbers(other))


@given(SPANS, st.integers(-5, 70))
def test_a_span_contains_its_numbers(span: Span, number: int) -> None:
    assert (number in span) == (number in numbers(span))


def test_a_span_does_not_go_backwards() -> None:
    with pytest.raises(ValueError, match="above"):
        Span(2, 1)


@given(st.lists(SPANS, max_size=8))
def test_spans_are_disjoint_when_their_sets_are(spans: list[Span]) -> None:
    sets = [numbers(span) for span in spans]
    disjoint = sum(map(len, sets)) == len(set().union(*sets))
    assert (not list(clashes(spans, Span.common))) == disjoint


@given(st.lists(SPANS, max_size=8))
def test_every_clash_is_told_once(spans: list[Span]) -> None:
    pairs = [
        (earlier, later)
        for index, later in enumerate(spans)
        for earlier in spans[:index]
        if numbers(earlier) & numbers(later)
    ]
    assert list(clashes(spans, Span.common)) == pairs


@given(NETWORKS, NETWORKS)
def test_networks_overlap_as_the_standard_library_says(one, other) -> None:  # type: ignore[no-untyped-def]
    overlap = one.version == other.version and one.network.overlaps(other.network)
    assert bool(Block.of(one).common(Block.of(other))) == overlap
    assert bool(Block.of(other).common(Block.of(one))) == overlap


@given(SMALL, V4, st.integers(0, 3000))
def test_a_pool_is_inside_when_every_address_is(
    network: ipaddress.IPv4Interface, start: ipaddress.IPv4Address, length: int
) -> None:
    near = ipaddress.IPv4Address((int(network.ip) + int(start) % 512 - 256) % 2**32)
    end = ipaddress.IPv4Address(min(int(near) + length, 2**32 - 1))
    pool = Block.between(near, end)
    assert pool is not None
    inside = near in network.network and end in network.network
    assert pool.within(Block.of(network)) == inside


@given(V4, V4)
def test_two_addresses_are_a_block_when_they_are_in_order(
    start: ipaddress.IPv4Address, end: ipaddress.IPv4Address
) -> None:
    block = Block.between(start, end)
    assert (block is not None) == (start <= end)
    if block:
        assert start in block
        assert end in block


@given(V4, V6)
def test_versions_do_not_mix(v4: ipaddress.IPv4Address, v6: ipaddress.IPv6Address) -> None:
    assert Block.between(v4, v6) is None
    assert v6 not in Block.of(ipaddress.IPv4Interface(f"{v4}/0"))


@given(SMALL)
def test_reserved_addresses_are_those_that_are_no_hosts(network: ipaddress.IPv4Interface) -> None:
    inner = network.network
    assert reserved(network) == set(inner) - set(inner.hosts())


def test_a_block_is_shown_as_people_write_it() -> None:
    assert str(Block.of(ipaddress.IPv4Interface("10.0.0.4/30"))) == "10.0.0.4-10.0.0.7"
    assert str(Block(6, Span(1, 1))) == "::1"
