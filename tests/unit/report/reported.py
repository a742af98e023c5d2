"""Sites, and what is known about them: as real ones would have it, and as hostile ones."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import small_site
import yaml

from cc_ansible.kolla import known
from cc_ansible.report import clean, months, page, topology
from cc_ansible.report.facts import (
    About,
    Alert,
    Answer,
    Facts,
    Hardware,
    Item,
    LeaseFact,
    Verification,
)
from cc_ansible.report.health import Certificate, Container, Disk, HostHealth
from cc_ansible.report.ran import Journal, RunFact
from cc_ansible.report.together import answer
from cc_ansible.site.load import Site
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey
from cc_ansible.verify import record
from cc_ansible.verify.result import Level, Result, Status

NOW = datetime.datetime(2027, 3, 10, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
COMMIT = "0afe36363069f001b1de842b23127ea2c6ec1ecf"
SWITCH_PASSWORD = "pass-of-the-switch"
HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "]]></svg><style>*{display:none}</style>",
    "\x1b[2J\x1b[31mred\x07",
    "\u202edesrever\u2066",
    "a" * 3000,
    "line\nbreak\r\n\tand tab",
    "nul\x00 and \udcff surrogate",
    "javascript:alert(1)",
    "日本語 ✓ ünïcödé",
)
CONTAINERS = (
    "cron", "kolla_toolbox", "fluentd", "haproxy", "keepalived", "mariadb", "memcached",
    "rabbitmq", "keystone", "glance_api", "placement_api", "nova_api", "nova_scheduler",
    "nova_conductor", "neutron_server", "ironic_api", "ironic_conductor", "blazar_api",
    "blazar_manager", "doni_api", "doni_worker", "heat_api", "heat_engine", "horizon",
)  # fmt: skip
SETTINGS: dict[str, Any] = {
    "chi_scenario": "independent",
    "kolla_external_vip_address": "203.0.113.5",
    "kolla_external_fqdn": "chi.example.org",
    "tunnel_interface": "eth3",
    "neutron_networks": [
        {
            "name": "public", "bridge_name": "br-ex", "external_interface": "eth1",
            "network_type": "flat", "cidr": "203.0.113.0/24",
        },
        {
            "name": "physnet1", "bridge_name": "br-tenant", "external_interface": "eth2",
            "on_demand_vlan_ranges": ["200:250"], "reservable_vlan_ranges": ["300:349"],
            "sharednet": {"cidr": "10.140.80.0/22", "vlan": 150},
        },
    ],
    "switch_configs": [
        {
            "name": f"tor{number}", "device_type": "netmiko_dell_os10",
            "address": f"10.30.0.{number}",
            "auth": {"username": "ngs", "password": SWITCH_PASSWORD},
        }
        for number in (1, 2)
    ],
}  # fmt: skip
CALENDARS = {
    "nights": {"timezone": "America/Chicago", "windows": ["20:00 to 06:00"]},
    "weekends": {"timezone": "America/Chicago", "windows": ["Fri 18:00 to Mon 06:00"]},
}


def write(path: Path, *, hosts: int = 3, items: int = 0, **more: Any) -> Path:
    """A site with so many hosts (the first three control it) and so many pieces of hardware."""
    names = [f"node{number:02}" for number in range(1, hosts + 1)]
    inventory = ["[control]"]
    inventory += [
        f"{name} ansible_host=192.0.2.{index + 11}" for index, name in enumerate(names[:3])
    ]
    inventory += ["[network:children]", "control", "[compute]"]
    inventory += [
        f"{name} ansible_host=192.0.2.{index + 14}" for index, name in enumerate(names[3:])
    ]
    inventory += ["[storage]", "[monitoring]", "[ironic-dnsmasq]"]
    small_site.write(path)
    said = {**yaml.safe_load(small_site.DEFAULTS), **SETTINGS, **more}
    (path / "defaults.yml").write_text(yaml.safe_dump(said))
    (path / "inventory" / "hosts").write_text("\n".join(inventory) + "\n")
    if items:
        (path / "hardware").mkdir()
        content = {"calendars": CALENDARS, "hardware": [machine(each) for each in range(items)]}
        (path / "hardware" / "nodes.yml").write_text(yaml.safe_dump(content))
    return path


def machine(number: int) -> dict[str, Any]:
    """One of several kinds of hardware."""
    return {
        "name": f"nc{number:03}",
        "type": "fake-hardware",
        "calendar": ("always", "nights", "weekends", "never")[number % 4],
        "ports": [
            {
                "name": "eno1",
                "mac": f"02:00:00:00:{number // 256:02x}:{number % 256:02x}",
                "switch": f"tor{number % 2 + 1}",
                "port": f"ethernet1/1/{number}",
                "physical_network": "physnet1",
            }
        ],
    }


def subject(site: Site) -> Subject:
    return Subject(Survey(site.path), known)


def host(name: str, **more: Any) -> HostHealth:
    """One that is well."""
    return HostHealth(
        name,
        **{
            "containers": [Container(each, "running", "healthy") for each in CONTAINERS],
            "disks": [Disk("/", 41), Disk("/var/lib/docker", 63)],
            "certificates": [
                Certificate(f"{name}:/etc/kolla/haproxy/haproxy.pem", NOW + 200 * DAY)
            ],
            "backup": NOW - 8 * HOUR,
            **more,
        },
    )


def ran(number: int, **more: Any) -> RunFact:
    started = NOW - number * 7 * HOUR
    return RunFact(
        **{
            "id": f"{started:%Y%m%dT%H%M%SZ}-deploy-ab{number:02}",
            "action": ("deploy", "reconfigure", "pull")[number % 3],
            "tags": ("nova", "neutron") if number % 3 == 1 else (),
            "outcome": "ok",
            "who": "ada@deploy",
            "started": started,
            "seconds": 430.0 - 13 * number,
            "commit": COMMIT,
            "dirty": number % 2 == 0,
            **more,
        }
    )


def checked(name: str, status: Status = Status.PASSED, **more: Any) -> Result:
    return Result(name, Level.QUICK, status, more.pop("detail", "24 containers run"), 0.4, **more)


FAILED = checked(
    "agents", Status.FAILED,
    detail="neutron-dhcp-agent on node02 is down",
    cause="Its container restarts.",
    fix="docker logs neutron_dhcp_agent",
    log=("ERROR one", "ERROR two"),
    runbook="docs/verify.md#agents",
)  # fmt: skip


def facts(count: int = 3, items: int = 0, **more: Any) -> Facts:
    """Everything known, and all is well."""
    runs = [ran(number) for number in range(12)]
    made = Facts(
        About("chi-example", "independent", "2026.1", "/opt/site", COMMIT, False,
              "192.0.2.250", "chi.example.org"),
        NOW,
        journal=Answer(Journal(runs, runs[0])),
        hosts=Answer([host(f"node{number:02}") for number in range(1, count + 1)]),
        hardware=Answer(
            Hardware([Item(f"nc{i:03}", "fake-hardware", i % 4 != 3) for i in range(items)])
        ),
        leases=Answer(
            [
                LeaseFact(f"experiment-{each}", "p1", NOW - DAY, NOW + (each + 1) * DAY,
                          (f"nc{each:03}",))
                for each in range(min(items, 3))
            ]
        ),
        alerts=Answer([]),
        certificates=Answer([]),
        verification=Answer(Verification(NOW - HOUR, [checked("containers"), checked("disks")])),
    )  # fmt: skip
    return dataclasses.replace(made, **more)


def silent(why: str = "Keystone does not answer.") -> Facts:
    """Nothing could be asked."""
    gone: Answer[Any] = Answer(why=why)
    return facts(
        journal=gone, hosts=gone, hardware=gone, leases=gone, alerts=gone, certificates=gone,
        verification=gone,
    )  # fmt: skip


def hostile() -> Facts:
    """Every text is what somebody would write who wants to do harm."""
    words = HOSTILE
    items = [Item(word, word, True, word, word, word) for word in words]
    boxes = [Container(word, "exited", word, trouble=word) for word in words]
    return facts(
        about=About(words[0], words[1], words[2], words[3], words[4], True, words[5], words[0]),
        journal=Answer(
            Journal([ran(1, action=w, who=w, tags=(w,), outcome=w, commit=w) for w in words],
                    ran(0, action=words[0], outcome="failed"), words[4])
        ),
        hosts=Answer([
            host(word, containers=boxes, others=words, disks=[Disk(word, 99)],
                 certificates=[Certificate(word, NOW)])
            for word in words
        ] + [HostHealth(word, why=word) for word in words]),
        hardware=Answer(Hardware(items, words[0])),
        leases=Answer([LeaseFact(w, w, NOW - DAY, NOW + DAY, words) for w in words]),
        alerts=Answer([Alert(word, word, word) for word in words]),
        verification=Answer(Verification(NOW, [
            dataclasses.replace(FAILED, name=w, detail=w, cause=w, fix=w, log=words, runbook=w)
            for w in words
        ])),
    )  # fmt: skip


def html(site: Site, known_facts: Facts, month: tuple[int, int] | None = None) -> str:
    """The page of a site."""
    about = subject(site)
    leases = known_facts.leases.value or ()
    drawn = answer(lambda: topology.of(about))
    shown = answer(lambda: months.of(about, leases, known_facts.now, month))
    return page.render(
        clean.every(known_facts, str), clean.every(drawn, str), clean.every(shown, str)
    )


def health(**more: Any) -> dict[str, Any]:
    """What module cc_service_health says of a host."""
    containers = [
        {
            "name": name, "kolla": True, "state": "running", "health": "healthy", "restarts": 0,
            "unit": {"NRestarts": "0"},
        }
        for name in CONTAINERS
    ]  # fmt: skip
    return {
        "engine": {"state": "running", "containers": containers},
        "record": {
            "id": "20270310T100000Z-deploy-ab12", "action": "deploy", "user": "ada",
            "commit": "0afe36363069", "started": "2027-03-10T10:00:00Z", "written": 1.0,
        },
        "disks": {"/": {"mount": "/", "type": "ext4", "total": 1000, "free": 70}},
        "certificates": {},
        **more,
    }  # fmt: skip


def verified(state_dir: Path, *results: Result) -> None:
    """What ``verify`` leaves."""
    record.keep(state_dir, results)
