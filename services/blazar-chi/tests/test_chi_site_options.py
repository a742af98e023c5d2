"""What a site says of leases reaches Blazar."""

from __future__ import annotations

import pathlib
from typing import Any

import jinja2
import pytest
from oslo_config import cfg
from site_of_blazar import Site

TEMPLATE = pathlib.Path(__file__).parents[3] / "kolla/node_custom_config/blazar.conf"


def _read(tmp_path: pathlib.Path, **settings: Any) -> cfg.ConfigOpts:
    """Blazar's options by the file that goes over what Kolla-Ansible writes."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["bool"] = bool
    file = tmp_path / "site.conf"
    file.write_text(environment.from_string(TEMPLATE.read_text()).render(**settings))
    files = [str(tmp_path / "blazar.conf"), str(file)]
    cfg.CONF([], project="blazar", default_config_files=files)
    return cfg.CONF


@pytest.mark.parametrize(
    ("settings", "group", "option", "expected"),
    [
        ({}, None, "cleaning_time", 0),
        ({"blazar_cleaning_time_minutes": 20}, None, "cleaning_time", 20),
        ({}, "manager", "minutes_before_end_lease", 60),
        (
            {"blazar_minutes_before_end_lease": 2880},
            "manager",
            "minutes_before_end_lease",
            2880,
        ),
        ({"blazar_minutes_before_end_lease": 0}, "manager", "minutes_before_end_lease", 0),
        (
            {"blazar_default_max_lease_duration": 604800},
            "enforcement",
            "max_lease_duration",
            604800,
        ),
        (
            {"blazar_max_lease_duration_exempt_project_ids": ["p1", "p2"]},
            "enforcement",
            "max_lease_duration_exempt_project_ids",
            ["p1", "p2"],
        ),
        ({}, "enforcement", "max_lease_duration_exempt_project_ids", []),
    ],
)
@pytest.mark.options("[enforcement]\nenabled_filters = LeaseLimitsFilter\n")
def test_a_setting_is_an_option(
    site: Site,
    tmp_path: pathlib.Path,
    settings: dict[str, Any],
    group: str | None,
    option: str,
    expected: object,
) -> None:
    conf = _read(tmp_path, **settings)
    found = conf[group][option] if group else conf[option]
    assert found == expected
