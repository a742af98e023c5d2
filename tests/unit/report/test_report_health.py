"""What a host says of itself, and what is made of it."""

from __future__ import annotations

import datetime
from typing import Any

import reported
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.report.health import from_health


def pem(end: datetime.datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chi.example.org")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, end - 90 * reported.DAY, end)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_host_that_is_well() -> None:
    end = reported.NOW + 20 * reported.DAY
    said = reported.health(
        disks={"/": {"total": 1000, "free": 400}, "/nfs": {"mount": "/nfs", "type": "nfs"}},
        certificates={"/etc/kolla/haproxy/haproxy.pem": pem(end), "/broken.pem": "nothing"},
        backup="2027-03-10T04:00:00Z",
    )
    found = from_health("node1", said)
    assert (found.why, found.running, found.troubles) == ("", len(reported.CONTAINERS), [])
    assert [(disk.path, disk.percent) for disk in found.disks] == [("/", 60)]
    [certificate] = found.certificates
    assert certificate.where == "node1:/etc/kolla/haproxy/haproxy.pem" and certificate.end == end
    assert found.backup == reported.NOW - 8 * reported.HOUR
    assert found.record and found.record.who == "ada" and found.record.commit == "0afe36363069"


def test_containers_of_others_are_left_out_and_restarts_are_counted() -> None:
    containers = [
        {"name": "of-the-admin", "kolla": False, "state": "exited"},
        {"name": "cron", "kolla": True, "state": "running", "restarts": 3,
         "unit": {"NRestarts": "2"}},
    ]  # fmt: skip
    found = from_health("node1", reported.health(engine={"containers": containers}))
    assert [(each.name, each.restarts) for each in found.containers] == [("cron", 5)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
PARTS = ("engine", "disks", "certificates", "record", "backup", "containers", "started")


@given(st.dictionaries(st.sampled_from(PARTS), JSON))
def test_nonsense_from_a_host_is_no_error(said: dict[str, Any]) -> None:
    assert from_health("node1", said).name == "node1"
