"""Servers of Neutron take turns at a switch, whichever host is down."""

from __future__ import annotations

from pathlib import Path

import pytest
import rendering
from oslo_config import cfg
from tooz import coordination

PASSWORD = "neutron_database_password: {}\n"


def url(tmp_path: Path, settings: str = "", passwords: str = "") -> str:
    """What networking-generic-switch reads, as oslo.config gives it out."""
    with rendering.of_site(tmp_path / "site", "neutron", settings, passwords) as rendered:
        text = rendered.text(rendered.config("neutron/ml2_conf.ini"))
    (tmp_path / "ml2.ini").write_text(str(text))
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.StrOpt("backend_url")], group="ngs_coordination")
    conf(["--config-file", str(tmp_path / "ml2.ini")])
    return str(conf.ngs_coordination.backend_url)


@pytest.mark.parametrize("password", ["Aa0" * 13, "p@ss:w%rd$x", "$$"])
def test_locks_are_sessions_of_the_database_at_the_sites_address(password, tmp_path):
    found = url(tmp_path, passwords=PASSWORD.format(f"'{password}'"))
    parsed = coordination.get_coordinator(found, b"me")._parsed_url
    assert parsed.scheme == "mysql"
    assert (parsed.hostname, parsed.port, parsed.path) == ("192.0.2.250", 3306, "/neutron")
    assert (parsed.username, parsed.password) == ("neutron", password)


def test_the_database_is_asked_over_tls_where_it_speaks_it(tmp_path):
    settings = "database_enable_tls_internal: true\nopenstack_cacert: /etc/ssl/certs/ca.crt\n"
    found = coordination.get_coordinator(url(tmp_path, settings), b"me")
    assert found._options == {"ssl_ca": "/etc/ssl/certs/ca.crt"}


def test_a_password_that_no_url_can_hold_does_not_end_in_a_broken_one(tmp_path):
    found = url(tmp_path, passwords=PASSWORD.format("'a/b#c'"))
    assert found == "memcached://192.0.2.11:11211"


def test_a_site_with_etcd_asks_it_at_the_sites_address(tmp_path):
    assert url(tmp_path, "enable_etcd: true\n") == "etcd3+http://192.0.2.250:2379"


def test_what_the_site_says_wins(tmp_path):
    assert url(tmp_path, "ngs_backend_url: file:///locks\n") == "file:///locks"
