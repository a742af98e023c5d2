"""How long leases are, and when they may be prolonged."""

from __future__ import annotations

import datetime

import pytest
from site_of_blazar import Refused, Site, nodes

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
WEEK = 7 * DAY
LIMITS = """
[enforcement]
enabled_filters = LeaseLimitsFilter
max_lease_duration = 604800
prolong_seconds_before_lease_end = 172800
max_lease_duration_exempt_project_ids = p9
"""
AT_ANY_TIME = LIMITS.replace("172800", "-1")
pytestmark = pytest.mark.options(LIMITS)


@pytest.fixture(autouse=True)
def node(site: Site) -> None:
    site.host(site.cloud.compute.node())


def _end(lease: dict) -> datetime.datetime:
    return datetime.datetime.fromisoformat(lease["end_date"])


def test_a_lease_may_be_of_full_length_and_no_longer(site: Site) -> None:
    with pytest.raises(Refused, match="must be less than or equal to"):
        site.lease(nodes(), length=WEEK + HOUR)
    assert site.lease(nodes(), length=WEEK)["status"] == "ACTIVE"


def test_a_lease_is_not_prolonged_long_before_its_end(site: Site) -> None:
    lease = site.lease(nodes(), length=3 * DAY)
    with pytest.raises(Refused, match="only in the last 48 hours before its end") as refusal:
        site.prolong(lease, _end(lease) + HOUR)
    assert refusal.value.status == 400
    assert site.show(lease)["status"] == "ACTIVE"
    assert _end(site.show(lease)) == _end(lease)


def test_a_lease_of_full_length_is_prolonged_shortly_before_its_end(site: Site) -> None:
    lease = site.lease(nodes(), length=WEEK)
    site.advance(days=5)
    longest = _end(lease) - 2 * DAY + WEEK
    with pytest.raises(Refused, match="must be less than or equal to"):
        site.prolong(lease, longest + HOUR)
    assert _end(site.prolong(lease, longest)) == longest


def test_a_lease_may_be_shortened_at_any_time(site: Site) -> None:
    lease = site.lease(nodes(), length=WEEK)
    assert _end(site.prolong(lease, _end(lease) - DAY)) == _end(lease) - DAY


def test_a_lease_that_has_not_begun_may_be_of_any_length_up_to_the_full(site: Site) -> None:
    lease = site.lease(nodes(), start=DAY, length=DAY)
    assert _end(site.prolong(lease, _end(lease) + 6 * DAY)) == _end(lease) + 6 * DAY
    with pytest.raises(Refused, match="must be less than or equal to"):
        site.prolong(lease, _end(lease) + 7 * DAY)


def test_exempt_projects_have_no_limits(site: Site) -> None:
    lease = site.lease(nodes(), who="p9", length=2 * WEEK)
    assert _end(site.prolong(lease, _end(lease) + WEEK, who="p9")) == _end(lease) + WEEK


def test_blackouts_of_the_services_own_project_have_no_limits(site: Site) -> None:
    lease = site.lease(nodes(), who="service", length=50 * WEEK)
    assert _end(site.prolong(lease, _end(lease) + WEEK, who="service")) == _end(lease) + WEEK


@pytest.mark.options(AT_ANY_TIME)
def test_without_a_window_a_lease_is_prolonged_at_any_time(site: Site) -> None:
    lease = site.lease(nodes(), length=4 * DAY)
    assert _end(site.prolong(lease, _end(lease) + 3 * DAY)) == _end(lease) + 3 * DAY


def test_a_lease_that_is_shortened_first_is_prolonged_no_earlier(site: Site) -> None:
    lease = site.lease(nodes(), length=WEEK)
    site.advance(days=1)
    now, full = _end(lease) - 6 * DAY, _end(lease)
    for rest in (3 * DAY, HOUR, 2 * HOUR):
        site.prolong(lease, now + rest)
        with pytest.raises(Refused, match="only in the last 48 hours before its end"):
            site.prolong(lease, full + HOUR)
    site.prolong(lease, full)
    assert _end(site.show(lease)) == full
    site.advance(days=4)
    assert _end(site.prolong(lease, full + 5 * DAY)) == full + 5 * DAY


def test_a_lease_that_is_prolonged_and_shortened_is_prolonged_no_earlier(site: Site) -> None:
    lease = site.lease(nodes(), length=WEEK)
    site.prolong(lease, _end(lease) - DAY)
    site.advance(days=5)
    longest = _end(lease) + 5 * DAY
    site.prolong(lease, longest)
    site.prolong(lease, _end(lease))
    with pytest.raises(Refused, match="only in the last 48 hours before its end"):
        site.prolong(lease, longest + HOUR)


def test_a_lease_that_was_shortened_ends_when_it_then_says(site: Site) -> None:
    lease = site.lease(nodes(), length=WEEK)
    site.prolong(lease, _end(lease) - 6 * DAY)
    site.advance(days=1)
    assert site.show(lease)["status"] == "TERMINATED"
    site.advance(days=6)
    assert site.show(lease)["status"] == "TERMINATED"
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
