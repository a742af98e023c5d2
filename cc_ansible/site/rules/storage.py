"""Rules about what storage and coordination services need; Kolla's prechecks ask for the same."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site.facts import Facts, facts
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.subject import Subject

NO_BACKEND = error("no-backend", "Storage services have somewhere to store")
NO_COORDINATION = error("no-coordination", "Services of several hosts are coordinated")
MISSING_SETTING = error("missing-setting", "Services have the settings they cannot do without")

CINDER_BACKENDS = (
    "cinder_backend_ceph", "enable_cinder_backend_iscsi", "enable_cinder_backend_lvm",
    "enable_cinder_backend_nfs", "enable_cinder_backend_quobyte",
    "enable_cinder_backend_pure_iscsi", "enable_cinder_backend_pure_fc",
    "enable_cinder_backend_pure_roce", "enable_cinder_backend_pure_nvme_tcp",
    "enable_cinder_backend_lightbits",
)  # fmt: skip
MANILA_BACKENDS = (
    "enable_manila_backend_generic", "enable_manila_backend_hnas",
    "enable_manila_backend_cephfs_native", "enable_manila_backend_cephfs_nfs",
    "enable_manila_backend_glusterfs_nfs", "enable_manila_backend_flashblade",
)  # fmt: skip
S3 = ("url", "bucket")


def backends(subject: Subject) -> Iterator[Finding]:
    """Cinder and Manila with a backend, Glance with a store."""
    asked = facts(subject)
    skip = asked.on("skip_cinder_backend_check")
    if asked.on("enable_cinder") and not skip and all(map(asked.off, CINDER_BACKENDS)):
        yield NO_BACKEND.broken(
            "Cinder has no backend.",
            asked.place("enable_cinder"),
            fix="Set one, such as `enable_cinder_backend_lvm: true`.",
        )
    if asked.on("enable_manila") and all(map(asked.off, MANILA_BACKENDS)):
        yield NO_BACKEND.broken(
            "Manila has no backend.",
            asked.place("enable_manila"),
            fix="Set one, such as `enable_manila_backend_cephfs_native: true`.",
        )
    stores = ("glance_backend_file", "glance_backend_ceph", "glance_backend_s3")
    if asked.on("enable_glance") and all(map(asked.off, stores)):
        yield NO_BACKEND.broken(
            "Glance has no store for images.",
            asked.place(*stores),
            fix="Set `glance_backend_file: true`, or another store.",
        )


def coordination(subject: Subject) -> Iterator[Finding]:
    """What several hosts do together needs Valkey or etcd."""
    asked = facts(subject)
    fix = "Set `enable_valkey: true` or `enable_etcd: true`."
    if _without(asked, "masakari_coordination_backend", "enable_masakari", "masakari-engine"):
        yield NO_COORDINATION.broken(
            "Masakari runs on several hosts and nothing coordinates them.",
            asked.place("masakari_coordination_backend", "enable_masakari"),
            fix=fix,
        )
    ceph = asked.on("cinder_backend_ceph") and not asked.on("skip_cinder_backend_check")
    if ceph and _without(asked, "cinder_coordination_backend", "enable_cinder", "cinder-volume"):
        yield NO_COORDINATION.broken(
            "Cinder's volume service runs on several hosts and nothing coordinates them.",
            asked.place("cinder_coordination_backend", "cinder_backend_ceph"),
            fix=fix,
        )


def settings(subject: Subject) -> Iterator[Finding]:
    """Settings without which a service that is on cannot work."""
    asked = facts(subject)
    for flag, on, prefix in (
        ("glance_backend_s3", asked.on("glance_backend_s3"), "glance_backend_s3"),
        ("cinder_backup_driver", asked.value("cinder_backup_driver") == "s3", "cinder_backup_s3"),
    ):
        service = "enable_glance" if flag.startswith("glance") else "enable_cinder"
        lacking = [
            name for name in S3 if asked.empty(f"{prefix}_{name}") or _is_unset(asked, prefix, name)
        ]
        if on and asked.on(service) and lacking:
            names = ", ".join(f"s3_{name}" for name in lacking)
            yield MISSING_SETTING.broken(
                f"{flag} stores in S3, but {names} {'is' if len(lacking) == 1 else 'are'} not set.",
                asked.place(flag),
                fix=f"Set {names}, and the keys in passwords.yml.",
            )
    yield from _single(asked)


def _single(asked: Facts) -> Iterator[Finding]:
    """One setting each that another one asks for."""
    for condition, flag, name, fix in (
        (
            asked.on("enable_letsencrypt"), "enable_letsencrypt", "letsencrypt_email",
            "Set it to the address that is told when certificates expire.",
        ),
        (
            asked.on("letsencrypt_external_account_binding"),
            "letsencrypt_external_account_binding", "letsencrypt_eab_key_id",
            "Set it, and letsencrypt_eab_hmac, to what the certificate authority gave you.",
        ),
        (
            asked.on("enable_ceph_rgw_loadbalancer"), "enable_ceph_rgw", "ceph_rgw_hosts",
            "List the hosts of the object store, each with host, ip and port.",
        ),
        (
            asked.on("neutron_dns_integration"), "neutron_dns_integration", "neutron_dns_domain",
            "Set it to the domain of instances, with a dot at its end.",
        ),
    ):  # fmt: skip
        if condition and asked.empty(name):
            yield MISSING_SETTING.broken(f"{flag} needs {name}.", asked.place(name, flag), fix=fix)


def _is_unset(asked: Facts, prefix: str, name: str) -> bool:
    """Whether the specific setting falls back to the common one, and that is empty."""
    return not asked.written(f"{prefix}_{name}") and asked.empty(f"s3_{name}")


def _without(asked: Facts, backend: str, flag: str, group: str) -> bool:
    return asked.on(flag) and asked.value(backend) == "" and len(asked.hosts(group)) > 1
