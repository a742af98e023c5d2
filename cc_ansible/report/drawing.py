"""Where things of a topology go on a drawing: boxes on bars that stand for networks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cc_ansible.report.topology import Host, Physical, Switch, Topology

WIDTH = 1000
MARGIN = 16
MOST = 6
"""Boxes side by side; hosts of the same kind share one where there are more."""
BOX = 64
BAR = 44
GAP = 34
LETTER = 6.7
"""Width of a letter of the drawing's font, at most on average."""
OTHER = "other"


@dataclass(frozen=True)
class Line:
    """A line of text in a box; ``kind`` is its class in the style sheet."""

    text: str
    kind: str = "sub"


@dataclass(frozen=True)
class Box:
    """A host or switch (``kind``), or the bar of a network."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]
    name: str = ""
    """The host that it stands for, where it is one."""

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Wire:
    """A vertical line from a box to a bar, with a dot at the bar's end."""

    x: float
    start: float
    end: float


@dataclass
class Drawing:
    """Everything on it, in the units of its view box."""

    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    height: float = 0.0
    width: float = WIDTH


@dataclass(frozen=True)
class _Group:
    title: str
    subs: tuple[str, ...]
    uplink: bool = False
    host: str = ""


def of(topology: Topology) -> Drawing:
    """A drawing: the API network on top, hosts below it, then physical networks and switches."""
    drawing = Drawing()
    api = _bar(MARGIN, "api", "API network", _vips(topology))
    drawing.boxes.append(api)
    hosts = list(_row(api.y + api.height + GAP, "host", _groups(topology)))
    bottom = max((box.y + box.height for box, _ in hosts), default=api.y + api.height)
    bars = _bars(topology.networks, bottom + GAP)
    for box, group in hosts:
        drawing.boxes.append(box)
        drawing.wires.append(Wire(box.middle, box.y, api.y + api.height))
        if group.uplink:
            drawing.wires += _drops(box, list(bars.values()))
    drawing.boxes += bars.values()
    bottom = max((bar.y + bar.height for bar in bars.values()), default=bottom)
    switches = list(_row(bottom + GAP, "switch", _switches(topology.switches)))
    for (box, _), networks in zip(switches, _linked(topology.switches), strict=True):
        drawing.boxes.append(box)
        linked = [bars[name] for name in networks if name in bars]
        drawing.wires += _rises(box, linked)
    ends = (box.y + box.height for box in drawing.boxes)
    drawing.height = max(ends) + MARGIN
    return drawing


def _vips(topology: Topology) -> str:
    said = [f"{vip.what} VIP {vip.address} {vip.name}".strip() for vip in topology.vips]
    said += [f"tunnels on {topology.tunnel}"] if topology.tunnel else []
    return "; ".join(said) or "its address is known to a run only"


def _bars(networks: Sequence[Physical], top: float) -> dict[str, Box]:
    found = {}
    for index, network in enumerate(networks):
        said = [network.kind, network.cidr, f"VLANs {network.vlans}" if network.vlans else ""]
        said += [", ".join(network.inside)]
        where = " on ".join(filter(None, (network.bridge, network.interface)))
        title = f"{network.name} ({where})" if where else network.name
        y = top + index * (BAR + GAP / 2)
        found[network.name] = _bar(y, "network", title, "; ".join(filter(None, said)))
    return found


def _bar(y: float, kind: str, title: str, sub: str) -> Box:
    width = WIDTH - 2 * MARGIN
    return Box(kind, MARGIN, y, width, BAR, _lines(width, title, [sub]))


def _row(y: float, kind: str, groups: Sequence[_Group]) -> Iterator[tuple[Box, _Group]]:
    """Boxes side by side over the whole width."""
    if not groups:
        return
    step = (WIDTH - 2 * MARGIN) / len(groups)
    width = min(step - MARGIN, 300)
    for index, group in enumerate(groups):
        x = MARGIN + index * step + (step - width) / 2
        yield Box(kind, x, y, width, BOX, _lines(width, group.title, group.subs), group.host), group


def _groups(topology: Topology) -> list[_Group]:
    """A box for each host, or for all hosts of a kind where there are too many."""
    if len(topology.hosts) <= MOST:
        return [
            _Group(
                host.name, (host.address, _roles(host)), host.name in topology.uplinks, host.name
            )
            for host in topology.hosts
        ]
    alike: dict[tuple[str, bool], list[Host]] = defaultdict(list)
    for host in topology.hosts:
        alike[_roles(host), host.name in topology.uplinks].append(host)
    kinds = sorted(alike.items(), key=lambda pair: -len(pair[1]))
    if len(kinds) > MOST:
        rest = [host for _, hosts in kinds[MOST - 1 :] for host in hosts]
        uplink = any(up for (_, up), _ in kinds[MOST - 1 :])
        kinds = [*kinds[: MOST - 1], ((OTHER, uplink), rest)]
    return [_shared(role, hosts, uplink) for (role, uplink), hosts in kinds]


def _shared(roles: str, hosts: Sequence[Host], uplink: bool) -> _Group:
    if len(hosts) == 1:
        return _Group(hosts[0].name, (hosts[0].address, roles), uplink, hosts[0].name)
    return _Group(f"{len(hosts)} hosts", (f"{hosts[0].name} … {hosts[-1].name}", roles), uplink)


def _switches(switches: Sequence[Switch]) -> list[_Group]:
    shown = switches if len(switches) <= MOST else switches[: MOST - 1]
    found = [
        _Group(
            f"switch {switch.name}",
            (f"{switch.kind} {switch.address}", f"{switch.ports} ports of hardware"),
        )
        for switch in shown
    ]
    if rest := switches[len(shown) :]:
        ports = sum(switch.ports for switch in rest)
        found.append(_Group(f"{len(rest)} more switches", (f"{ports} ports of hardware",)))
    return found


def _linked(switches: Sequence[Switch]) -> list[tuple[str, ...]]:
    """The networks of each box that :func:`_switches` makes."""
    if len(switches) <= MOST:
        return [switch.networks for switch in switches]
    rest = {name for switch in switches[MOST - 1 :] for name in switch.networks}
    return [*(switch.networks for switch in switches[: MOST - 1]), tuple(sorted(rest))]


def _drops(box: Box, bars: Sequence[Box]) -> Iterator[Wire]:
    """Wires from a box down to bars, side by side."""
    for index, bar in enumerate(bars):
        x = box.x + box.width * (index + 1) / (len(bars) + 1)
        yield Wire(x, box.y + box.height, bar.y)


def _rises(box: Box, bars: Sequence[Box]) -> Iterator[Wire]:
    """Wires from a box up to bars, side by side."""
    for index, bar in enumerate(bars):
        x = box.x + box.width * (index + 1) / (len(bars) + 1)
        yield Wire(x, box.y, bar.y + bar.height)


def _roles(host: Host) -> str:
    return ", ".join(host.roles) or OTHER


def _lines(width: float, title: str, subs: Sequence[str]) -> tuple[Line, ...]:
    said = [Line(_fit(title, width), "title")]
    return (*said, *(Line(_fit(sub, width)) for sub in subs if sub))


def _fit(text: str, width: float) -> str:
    """A text that is no wider than its box; the tables beside the drawing have all of it."""
    most = max(int((width - MARGIN) / LETTER), 4)
    return text if len(text) <= most else f"{text[: most - 1]}…"
