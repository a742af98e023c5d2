"""Filters for addresses say what Ansible's own say, or that they cannot tell."""

from __future__ import annotations

import importlib
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.kolla import variables
from cc_ansible.site.net import filters

# Ansible's loader comes first: collections that Python finds by itself are lost to Ansible.
variables.set_up_plugins()
PLUGINS = "ansible_collections.ansible.utils.plugins.filter"
IPADDR = importlib.import_module(f"{PLUGINS}.ipaddr").FilterModule().filters()["ipaddr"]
NEXT_NTH = importlib.import_module(f"{PLUGINS}.next_nth_usable")
NEXT = NEXT_NTH.FilterModule().filters()["next_nth_usable"]
QUERIES = [
    "address", "broadcast", "first_usable", "last_usable",
    "netmask", "network", "prefix", "subnet",
]  # fmt: skip
VALUES = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(1, 32)).map(lambda one: f"{one[0]}/{one[1]}"),
    st.ip_addresses().map(str),
    st.sampled_from(["chi.example.org", "10.0.0.0/24", "10.0.0.256"]),
)


@given(VALUES, st.sampled_from(QUERIES))
def test_queries_say_what_ansible_says(value: str, query: str) -> None:
    try:
        ours = filters.ipaddr(value, query)
    except TypeError:
        return
    assert ours == IPADDR(None, value, query)


@given(st.ip_addresses(v=4), st.integers(8, 30), st.integers(1, 300))
def test_the_next_usable_address_is_ansibles(
    address: ipaddress.IPv4Address, length: int, number: int
) -> None:
    value = f"{address}/{length}"
    try:
        ours = filters.next_nth_usable(value, number)
    except TypeError:
        return
    assert ours == NEXT(None, value, number)


@pytest.mark.parametrize(
    ("value", "query", "result"),
    [
        ("10.51.0.0/24", "first_usable", "10.51.0.1"),
        ("10.51.0.0/24", "last_usable", "10.51.0.254"),
        ("10.51.0.7/24", "address", "10.51.0.7"),
        ("10.51.0.7/24", "subnet", "10.51.0.0/24"),
        ("192.0.2.1", "address", "192.0.2.1"),
        ("not an address", "address", False),
    ],
)
def test_what_can_be_told_is(value: str, query: str, result: Any) -> None:
    assert filters.ipaddr(value, query) == result


@pytest.mark.parametrize(("value", "query"), [("10.0.0.0/24", "wrap"), (["10.0.0.1"], "address")])
def test_what_cannot_be_told_is_not_guessed(value: Any, query: str) -> None:
    with pytest.raises(TypeError):
        filters.ipaddr(value, query)
