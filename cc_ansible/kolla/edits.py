"""Small corrections to Kolla-Ansible, applied to the copy that one run sees.

Kolla-Ansible is a library here, never a fork. Where one of its files must behave better,
an edit names the file, the digest of the upstream version it was made for, what it
replaces and why. A test holds every digest against the installed release.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import CcError
from cc_ansible.paths import PROJECT

OVERLAY = PROJECT / "kolla" / "overlay"


@dataclass(frozen=True)
class Edit:
    """Replace ``old`` by ``new`` everywhere in ``path`` (below Kolla's ansible/ directory)."""

    path: str
    sha256: str
    old: str
    new: str
    why: str

    def applied(self, tree: Path) -> str:
        """The file's text with the edit.

        Raises:
            CcError: the installed file is not the one the edit was made for.
        """
        content = (tree / self.path).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise CcError(
                f"Kolla-Ansible's {self.path} is not the version this project was made for",
                detail=f"the project changes it: {self.why}",
                fix="reinstall the pinned requirements: remove .venv and run cc-ansible again",
            )
        return content.decode().replace(self.old, self.new)


@dataclass(frozen=True)
class Replacement(Edit):
    """Take the whole of ``path`` from kolla/overlay/ instead."""

    old: str = ""
    new: str = ""
    why: str = ""

    def applied(self, tree: Path) -> str:
        super().applied(tree)
        return (OVERLAY / self.path).read_text()


_LOADBALANCER_OF_DONI = """\
        - name: Configure loadbalancer for doni
          ansible.builtin.include_role:
            name: doni
            tasks_from: loadbalancer
          tags: doni
          when: enable_doni | bool
"""

_LISTEN = "Listen {{ api_interface_address | put_address_in_context('url') }}"
_PROJECTS_OF_USERS = """\
{% if chi_projects_claim | default('', true) %}
{% set names = 'OIDC-' ~ chi_projects_claim %}
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
RequestHeader unset OIDC-Projects
RequestHeader set OIDC-Projects "{{ '%{' ~ names ~ '}e' }}" env={{ names }}
RequestHeader edit* OIDC-Projects "(^|;)[^;]*-(admins|managers)(?=;|$)" ""
RequestHeader edit OIDC-Projects "^;" ""
RequestHeader edit* OIDC-Projects ";" '","roles":[{"name":"member"}]},{"name":"'
RequestHeader edit OIDC-Projects "^$" "[]"
RequestHeader edit OIDC-Projects "^([^[].*)$" '[{"name":"$1","roles":[{"name":"member"}]}]'
{% endif %}

"""

_WAIT_FOR_UNIT = """\
        delay = 5
        elapsed = 0

        while True:
            if self.get_unit_state() == state:
"""
_WAIT_FOR_UNIT_LESS = """\
        delay = 0.5
        elapsed = 0
        ends = {'dead': ('dead', 'failed')}.get(state, (state,))

        while True:
            if self.get_unit_state() in ends:
"""

EDITS: tuple[Edit, ...] = (
    Edit(
        path="site.yml",
        sha256="2b645c9af4c78f2c2da9177981104c2f39fcb0770174c6f3bbda3570ddc9211f",
        old="        # NOTE(r-krcek): This last step will notify handlers if any\n",
        new=_LOADBALANCER_OF_DONI
        + "        # NOTE(r-krcek): This last step will notify handlers if any\n",
        why="the load balancer is configured for all services before it is restarted once",
    ),
    Edit(
        path="module_utils/kolla_systemd_worker.py",
        sha256="14e6fe661993c92b137f212413e89b50dd3d4907e5a3ae442fb781cc036e068d",
        old=_WAIT_FOR_UNIT,
        new=_WAIT_FOR_UNIT_LESS,
        why="look for a started container every half second, not every five; one that had to be "
        "killed has stopped too, and is not waited for until the timeout",
    ),
    Edit(
        path="roles/module-load/tasks/main.yml",
        sha256="dab0077d310e6f9536a3a50f50728d4421d3a295f09c9b20c867b11a22a0dc5a",
        old='    - kolla_action != "config"\n',
        new='    - kolla_action != "config"\n    - kernel_loads_modules | default(true) | bool\n',
        why="leave kernel modules alone on hosts whose kernel cannot load any",
    ),
    Edit(
        path="roles/nova-cell/tasks/version-check.yml",
        sha256="01edb355f2bd759a55dad47a2226b1513e5158b0012eff8032b77db8b674a440",
        old='delegate_to: "{{ groups[service.group] | first }}"',
        new="delegate_to: \"{{ groups[service.group] | first | default('localhost', true) }}\"",
        why="a site without KVM hosts has nobody to delegate to; the tasks are skipped anyway",
    ),
    Edit(
        path="roles/ironic/tasks/config.yml",
        sha256="3dab62917a153024b3b9ecf7f148be331311819bde7ef7fccadaad4ebf755471",
        old='    service_uwsgi_config_uid: "ironic"\n',
        new='    service_uwsgi_config_uid: "ironic"\n    service_uwsgi_config_threads: 8\n',
        why="its API waits while a switch is configured; as many servers at once as it has workers "
        "made HAProxy take it out, and all of them fail",
    ),
    Edit(
        path="roles/keystone/templates/httpd-keystone.conf.j2",
        sha256="13ed1b80feffba404522ef02065e00774b4f75b4a24ec4e4a4da96358745c5f0",
        old=_LISTEN,
        new=_PROJECTS_OF_USERS + _LISTEN,
        why="Keystone takes several projects of a user as JSON only; groups of leaders are none",
    ),
    Replacement(
        path="roles/service-ks-register/tasks/main.yml",
        sha256="92f36ace9b426b5db098d7d4152e5ccdd6b75a7c530372c0f60810788aae9385",
        why="register in Keystone in one process: two fifths of a deploy were spent here",
    ),
    Replacement(
        path="roles/openvswitch/tasks/post-config.yml",
        sha256="e3c08dc4de84f79bd8dcbe42909fd14e1ac85f1f8d723956c8770a3718c2b2a1",
        why="Kolla's modules for Open vSwitch are in no package; neutron_networks names bridges",
    ),
)
