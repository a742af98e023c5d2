"""Time between two leases of one resource."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from blazar_chi import allotment
from site_of_blazar import DATE, Refused, Site, network, nodes

pytestmark = pytest.mark.options("[DEFAULT]\ncleaning_time = 30\n")
HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
HALF = HOUR / 2
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}
KINDS = pytest.mark.parametrize("wanted", [nodes(1), network("x")], ids=["node", "network"])


@pytest.fixture(autouse=True)
def resources(site: Site) -> None:
    site.host(site.cloud.compute.node())
    site.ask("POST", "/networks", VLAN)


def _date(lease: dict[str, Any], name: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(lease[name])


@KINDS
def test_a_lease_is_prolonged_until_the_cleaning_before_the_next_one(
    site: Site, wanted: dict[str, Any]
) -> None:
    lease = site.lease(wanted)
    begin = _date(site.lease(wanted, start=DAY), "start_date")
    with pytest.raises(Refused, match="Not enough"):
        site.prolong(lease, begin)
    with pytest.raises(Refused, match="Not enough"):
        site.prolong(lease, begin - HALF + HALF / 30)
    site.prolong(lease, begin - HALF)
    assert _date(site.show(lease), "end_date") == begin - HALF


@KINDS
def test_a_lease_begins_earlier_after_the_cleaning_of_the_one_before(
    site: Site, wanted: dict[str, Any]
) -> None:
    end = _date(site.lease(wanted), "end_date")
    lease = site.lease(wanted, start=DAY)

    def begin(date: datetime.datetime) -> None:
        body = {"start_date": date.strftime(DATE)}
        site.ask("PUT", f"/leases/{lease['id']}", body, "p1")

    with pytest.raises(Refused, match="Not enough"):
        begin(end)
    begin(end + HALF)


@KINDS
def test_an_edge_that_stays_needs_no_more_cleaning_than_it_had(
    site: Site, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.lease(wanted, start=HOUR)
    lease = site.lease(wanted, start=3 * HOUR)
    # Somebody says later that it takes two hours.
    monkeypatch.setattr(allotment, "_cleaning", lambda: 2 * HOUR)
    later = _date(lease, "end_date") + HOUR
    site.prolong(lease, later)
    assert _date(site.show(lease), "end_date") == later
