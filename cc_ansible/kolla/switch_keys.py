"""SSH keys of single switches, as files that Neutron's server finds in its container."""

from __future__ import annotations

from pathlib import Path

from cc_ansible.site.load import Site


def write(site: Site, config: Path) -> None:
    """For each switch with a ``private_key``, a template of it below ``config``.

    Kolla-Ansible copies files of ``neutron/plugins`` into the container; ml2_conf.ini of the
    project names them. The files hold templates: no key is ever here in plain.
    """
    switches = site.settings().get("switch_configs")
    for place, switch in enumerate(switches if isinstance(switches, list) else []):
        auth = switch.get("auth") if isinstance(switch, dict) else None
        if isinstance(auth, dict) and auth.get("private_key"):
            plugins = config / "neutron" / "plugins"
            plugins.mkdir(parents=True, exist_ok=True)
            key = f"{{{{ switch_configs[{place}].auth.private_key | trim }}}}\n"
            (plugins / f"switch-{place}.key").write_text(key)
