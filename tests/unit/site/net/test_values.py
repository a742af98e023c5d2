"""Values of networks: what is taken, what is refused, and what is said about it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.site.net import addresses, names, numbers
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Span

PARSERS: list[Callable[[Any], Any]] = [
    addresses.address,
    addresses.usable,
    addresses.network,
    addresses.dhcp_range,
    addresses.family,
    names.interface,
    names.interfaces,
    names.fqdn,
    names.host,
    numbers.mtu,
    numbers.port,
    numbers.router_id,
    numbers.vlan,
    numbers.vlan_range,
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text("0123456789./:-, xeth@<>{}"),
    st.ip_addresses().map(str),
)
ANYTHING = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(), SCALARS, max_size=2)
)


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(ANYTHING)
def test_whatever_is_written_is_taken_or_refused_with_a_fix(
    parse: Callable[[Any], Any], value: Any
) -> None:
    try:
        parse(value)
    except Refused as refused:
        assert str(refused)
        assert refused.fix.endswith((".", "?"))


@given(st.ip_addresses())
def test_addresses_are_taken(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert addresses.address(str(address)) == address


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_ranges_of_vlans_are_in_order_and_in_bounds(first: int, last: int) -> None:
    good = 1 <= first <= last <= 4094
    try:
        assert numbers.vlan_range(f"{first}:{last}") == Span(first, last)
        assert good
    except Refused as refused:
        assert not good
        backwards = 1 <= last < first <= 4094
        assert refused.rule is (numbers.INVALID_VLAN_RANGE if backwards else numbers.INVALID_VLAN)


@given(st.integers(-10, 70000))
def test_numbers_are_taken_with_and_without_quotes(number: int) -> None:
    for parse in (numbers.vlan, numbers.port, numbers.mtu, numbers.router_id):
        results = []
        for value in (number, str(number)):
            try:
                results.append(parse(value))
            except Refused:
                results.append(None)
        assert results[0] == results[1]


@given(st.text(max_size=20))
def test_interfaces_that_are_taken_can_be_made(name: str) -> None:
    """The kernel's own rule: 1 to 15 bytes, no slash, colon or white space, not . or ..."""
    try:
        names.interface(name)
    except Refused:
        return
    assert 0 < len(name.encode()) < 16
    assert name not in (".", "..")
    assert not any(letter in "/:" or letter.isspace() for letter in name)


@pytest.mark.parametrize(
    "name", ["eno1", "enp3s0f0np0", "bond0.1000", "br-ex", "veth_a", "wg1", "vlan200", "eth0_n"]
)
def test_usual_interfaces_are_taken(name: str) -> None:
    assert names.interface(name) == name


@pytest.mark.parametrize(
    "name",
    ["chi.example.org", "CHI.Example.org", "chi", "127.0.0.1", "fd00::1", "x.example.org", "a-1.b"],
)
def test_usual_names_are_taken(name: str) -> None:
    assert names.fqdn(name) == name


@pytest.mark.parametrize(
    ("parse", "value", "message", "fix"),
    [
        (addresses.address, "10.0.0.1/24", "must be an address alone", "Write 10.0.0.1."),
        (addresses.address, "[fd00::1]", "must be an address alone", "Write fd00::1."),
        (addresses.address, "10.020.0.1", "has leading zeros", "Write 10.20.0.1."),
        (addresses.address, "10.20.0.1 ", "must be an address alone", "Write 10.20.0.1."),
        (addresses.usable, "ff02::1", "is a multicast address", "Write an address of the site's"),
        (addresses.network, "10.0.0.0", "has no prefix length", "Write 10.0.0.0/24, with"),
        (addresses.network, "10.0.0.0/40", "has a prefix length above 32", "Write a length from"),
        (addresses.network, "127.0.0.0/8", "is a network of loopback addresses", "Write the"),
        (numbers.vlan_range, "200-250", "is not a range of VLANs", 'Write "200:250".'),
        (numbers.vlan_range, "250:200", "starts above its end", 'Write "200:250".'),
        (names.interface, "eth0@if5", "has the peer in it", "Write eth0."),
        (names.interfaces, "a, b", "has spaces or nothing", 'Write "a,b".'),
        (names.fqdn, "https://a.org:5000/v3", "must be a name, not a URL", "Write a.org."),
        (names.fqdn, "a.org:443", "must be a name without port", "Write a.org."),
        (names.fqdn, "a.org.", "ends with a dot", "Write a.org."),
        (names.fqdn, "a_b.org", "has an underscore", "Use dashes: a-b.org."),
        (names.host, "10.0.0.256", "has a number above 255", "Correct that number."),
    ],
)
def test_refusals_name_the_edit(
    parse: Callable[[Any], Any], value: str, message: str, fix: str
) -> None:
    with pytest.raises(Refused, match=message) as caught:
        parse(value)
    assert caught.value.fix.startswith(fix)
