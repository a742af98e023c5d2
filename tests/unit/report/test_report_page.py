"""The page: whole, accessible, small, and the same whatever names and sources do to it."""

from __future__ import annotations

import datetime
import itertools
import re
import stat
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import reported

from cc_ansible.errors import UsageError
from cc_ansible.report import clean, drawing, months, page, topology
from cc_ansible.report.facts import Answer, LeaseFact
from cc_ansible.site.load import Site

Make = Callable[..., Site]
SECTIONS = ("needs", "topology", "services", "calendar", "runs", "verification")
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(HTMLParser):
    """Elements with their attributes, headings in order, and text; tags must be balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("hosts", [1, 3, 40])
@pytest.mark.parametrize("items", [0, 300])
def test_it_is_whole_small_and_accessible(make_site: Make, hosts: int, items: int) -> None:
    text = reported.html(make_site(hosts=hosts, items=items), reported.facts(hosts, items))
    assert len(text.encode()) < 2_000_000
    read = Reader(text)
    assert [each["id"] for each in read.all("h2")] == list(SECTIONS)
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(each.get("scope") in ("col", "row", "rowgroup") for each in read.all("th"))
    assert len(read.all("caption")) == len(read.all("table"))
    for each in read.all("svg"):
        assert each.get("aria-hidden") == "true" or each["aria-labelledby"] == "map-title map-desc"
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids)) and {"map-title", "map-desc"} <= set(ids)
    assert f"{hosts} hosts on the API network" in read.text


def test_nothing_is_loaded_and_nothing_runs(make_site: Make) -> None:
    read = Reader(reported.html(make_site(items=4), reported.facts(items=4)))
    assert not read.all("script", "iframe", "img", "object", "embed", "form", "base")
    for _, attrs in read.elements:
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href", "action", "data", "xlink:href"):
            assert (attrs.get(name) or "#").startswith("#") or attrs[name] == "data:,"
    [policy] = [each["content"] for each in read.all("meta") if "http-equiv" in each]
    assert policy and policy.startswith("default-src 'none';")


def test_hostile_names_stay_text(make_site: Make) -> None:
    networks = [{**each, "sharednet": {"name": word, "cidr": "10.9.0.0/24"}}
                for each, word in zip(reported.SETTINGS["neutron_networks"], reported.HOSTILE,
                                      strict=False)]  # fmt: skip
    site = make_site(items=4, neutron_networks=networks, kolla_external_fqdn=reported.HOSTILE[0])
    plain = Reader(reported.html(site, reported.facts(items=4)))
    text = reported.html(site, reported.hostile())
    read = Reader(text)
    allowed = {tag for tag, _ in plain.elements} | {"pre", "strong", "code"}
    assert {tag for tag, _ in read.elements} <= allowed
    assert not [attrs for _, attrs in read.elements if any(name.startswith("on") for name in attrs)]
    assert len(read.all("style")) == 1 and not read.all("script")
    assert "{{ 7 * 7 }}" in read.text and "<script>document.title" in read.text
    assert not any(letter in text for letter in "\x00\x1b\u202e\u2066\udcff")
    assert len(text) < 2_000_000


def test_a_page_of_a_site_that_is_down_says_what_could_not_be_asked(make_site: Make) -> None:
    why = "Keystone does not answer. http://192.0.2.250:5000/v3"
    read = Reader(reported.html(make_site(items=8), reported.silent(why)))
    assert [each["id"] for each in read.all("h2")] == list(SECTIONS)
    # Services, runs and verification, and that leases are missing in the calendar.
    assert read.text.count(f"Not known: {why}") == 3 and f"Leases are not shown: {why}" in read.text
    assert "nc007" in read.text and "node01" in read.text and "tor1" in read.text


def test_a_site_config_that_cannot_be_drawn_says_why(make_site: Make) -> None:
    site = make_site(items=2)
    (site.path / "hardware" / "nodes.yml").write_text(
        "hardware: [{name: n1, type: fake-hardware, calendar: nowhere}]\n"
    )
    read = Reader(reported.html(site, reported.facts()))
    assert "Not known: There is no calendar nowhere." in read.text
    assert read.all("svg")


def test_colour_is_never_the_only_sign(make_site: Make) -> None:
    gone = reported.Container("nova_api", "missing", trouble="is missing")
    found = reported.facts(
        items=4,
        verification=Answer(reported.Verification(reported.NOW, [reported.FAILED])),
        hosts=Answer([reported.host("node01", containers=[gone]), reported.host("node02")]),
    )
    read = Reader(reported.html(make_site(items=4), found))
    for words in (
        "✗ Error:", "✗ nova_api is missing", "✓ well", "✗ failed", "Cause: Its container",
        "Fix: docker logs", "ERROR one ERROR two", "See docs/verify.md#agents",
    ):  # fmt: skip
        assert words in read.text, words
    cells = [each.get("class") for each in read.all("td")]
    assert {"w", "p", "l"} <= set(cells)
    assert {"●", "◐", "·", "L"} <= set(read.texts)


def test_checks_that_failed_come_first(make_site: Make) -> None:
    results = [reported.checked("b"), reported.checked("s", reported.Status.SKIPPED),
               reported.FAILED]  # fmt: skip
    found = reported.facts(verification=Answer(reported.Verification(reported.NOW, results)))
    text = reported.html(make_site(), found)
    rows = re.findall(r'<tr><th scope="row">(agents|b|s)</th>', text)
    assert rows == ["agents", "s", "b"]


def test_a_picture_is_part_of_the_page(make_site: Make) -> None:
    seen = reported.checked("console", picture=b"\x89PNG\r\n\x1a\n", detail="screen of the machine")
    found = reported.facts(verification=Answer(reported.Verification(reported.NOW, [seen])))
    large = reported.checked("console", picture=bytes(range(256)) * 20)
    assert clean.every(large, str).picture == large.picture
    read = Reader(reported.html(make_site(), clean.every(found, str)))
    (picture,) = read.all("img")
    assert picture == {"src": "data:image/png;base64,iVBORw0KGgo=", "alt": "screen of the machine"}
    [policy] = [each["content"] for each in read.all("meta") if "http-equiv" in each]
    assert "img-src data:" in str(policy)


def test_bars_compare_runs(make_site: Make) -> None:
    text = reported.html(make_site(), reported.facts())
    widths = [float(each) for each in re.findall(r'<rect class="" width="([\d.]+)"', text)]
    assert widths[0] == 100.0 and widths == sorted(widths, reverse=True) and widths[-1] > 50


# --- the month ---------------------------------------------------------------------------------


def days(make_site: Make, month: tuple[int, int], leases: list[LeaseFact]) -> dict[str, str]:
    found = months.of(reported.subject(make_site(items=4)), leases, reported.NOW, month)
    return {
        row.name: "".join(cell.mark for cell in row.cells)
        for group in found.groups
        for row in group.rows
    }


def test_a_month_in_which_clocks_change(make_site: Make) -> None:
    """In Chicago, 14 March 2027 has 23 hours: its leases and windows end where its clocks say."""
    utc = datetime.UTC
    # At 23:00 and at 0:00 in Chicago, as clocks are after the change.
    lease = LeaseFact("l", "p", datetime.datetime(2027, 3, 15, 4, 0, tzinfo=utc),
                      datetime.datetime(2027, 3, 15, 4, 30, tzinfo=utc), ("nc002",))  # fmt: skip
    after = LeaseFact("m", "p", datetime.datetime(2027, 3, 15, 5, 0, tzinfo=utc),
                      datetime.datetime(2027, 3, 15, 5, 30, tzinfo=utc), ("nc001",))  # fmt: skip
    found = days(make_site, (2027, 3), [lease, after])
    assert all(len(row) == 31 for row in found.values())
    assert found["nc000"] == "●" * 31 and found["nc003"] == "·" * 31
    assert found["nc001"] == "◐" * 14 + "L" + "◐" * 16
    # Friday evening to Monday morning: the 14th is a Sunday, all of its 23 hours are lent.
    assert found["nc002"] == "◐···◐●●◐···◐●L◐···◐●●◐···◐●●◐··"


@pytest.mark.parametrize(("month", "length"), [((2028, 2), 29), ((2027, 2), 28), ((2027, 11), 30)])
def test_months_of_every_length(make_site: Make, month: tuple[int, int], length: int) -> None:
    assert {len(row) for row in days(make_site, month, []).values()} == {length}


def test_items_are_listed_by_their_calendars(make_site: Make) -> None:
    found = months.of(reported.subject(make_site(items=300)), [], reported.NOW)
    assert found.title == "March 2027" and found.items == 300
    assert [(group.calendar, group.zone, len(group.rows)) for group in found.groups] == [
        ("always", "UTC", 75),
        ("nights", "America/Chicago", 75),
        ("weekends", "America/Chicago", 75),
        ("never", "UTC", 75),
    ]
    assert [day.number for day in found.days if day.today] == [10]


@pytest.mark.parametrize("month", [(1, 1), (9999, 12), (2027, 13), (0, 1)])
def test_a_month_that_is_none(month: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match="is no month"):
        months.require(*month)


# --- the topology ------------------------------------------------------------------------------


def test_what_is_drawn(make_site: Make) -> None:
    found = topology.of(reported.subject(make_site(hosts=4, items=10)))
    assert [(host.name, host.address, host.roles) for host in found.hosts][2:] == [
        ("node03", "192.0.2.13", ("control", "network")),
        ("node04", "192.0.2.14", ("compute",)),
    ]
    assert [(vip.what, vip.address, vip.name) for vip in found.vips] == [
        ("internal", "192.0.2.250", ""),
        ("external", "203.0.113.5", "chi.example.org"),
    ]
    assert (found.tunnel, found.uplinks) == ("eth3", {"node01", "node02", "node03"})
    public, tenant = found.networks
    assert (public.name, public.bridge, public.interface, public.kind, public.cidr) == (
        "public", "br-ex", "eth1", "flat", "203.0.113.0/24",
    )  # fmt: skip
    assert tenant.vlans == "200–250 on demand, 300–349 reservable"
    assert tenant.inside == ("sharednet1 VLAN 150 10.140.80.0/22",)
    assert [(each.name, each.ports, each.networks) for each in found.switches] == [
        ("tor1", 5, ("physnet1",)),
        ("tor2", 5, ("physnet1",)),
    ]
    assert reported.SWITCH_PASSWORD not in repr(found)


def test_networks_in_the_form_of_older_releases(make_site: Make) -> None:
    site = make_site(
        neutron_networks=[], switch_configs=[],
        neutron_network_vlan_ranges="physnet1:200:250,physnet2:300:300",
        neutron_ovs_bridge_mappings="physnet1:br-a,physnet2:br-b",
        neutron_ml2_generic_switch_configs=[
            {"name": "old", "device_type": "netmiko_cisco_ios", "ip": "10.30.0.9",
             "password": reported.SWITCH_PASSWORD}
        ],
    )  # fmt: skip
    found = topology.of(reported.subject(site))
    assert [(each.name, each.bridge, each.vlans) for each in found.networks] == [
        ("physnet1", "br-a", "200–250 on demand"),
        ("physnet2", "br-b", "300 on demand"),
    ]
    assert [(each.name, each.address) for each in found.switches] == [("old", "10.30.0.9")]
    assert reported.SWITCH_PASSWORD not in repr(found)


@pytest.mark.parametrize("hosts", [1, 3, 6, 7, 40])
def test_boxes_neither_overlap_nor_leave_the_drawing(make_site: Make, hosts: int) -> None:
    made = drawing.of(topology.of(reported.subject(make_site(hosts=hosts, items=6))))
    for box in made.boxes:
        assert box.x >= 0 and box.x + box.width <= made.width
        assert box.y >= 0 and box.y + box.height <= made.height
        for line in box.lines:
            assert len(line.text) * drawing.LETTER <= box.width
        for other in made.boxes:
            beside = other.x >= box.x + box.width or box.x >= other.x + other.width
            below = other.y >= box.y + box.height or box.y >= other.y + other.height
            assert other is box or beside or below
    shown = [box for box in made.boxes if box.kind == "host"]
    assert len(shown) == (hosts if hosts <= drawing.MOST else 2)
    bars = [box.y + box.height for box in made.boxes if box.kind == "api"]
    assert sum(wire.end == bars[0] for wire in made.wires) == len(shown)


# --- the file ----------------------------------------------------------------------------------


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    page.write("one", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    inode = file.stat().st_ino
    page.write("two \udcff", file)
    assert file.read_text() == "two ?" and file.stat().st_ino != inode
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written to .*nowhere"):
        page.write("text", tmp_path / "nowhere" / "report.html")
    (tmp_path / "directory").mkdir()
    with pytest.raises(UsageError):
        page.write("text", tmp_path / "directory")
    assert [each.name for each in tmp_path.iterdir()] == ["directory"]
