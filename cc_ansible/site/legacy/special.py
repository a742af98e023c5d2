"""Variables that need more than a look into a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cc_ansible.site.legacy import blocks, hidden, networks, wrapper
from cc_ansible.site.legacy.blocks import DROP, Edit
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.values import is_template, truth

AS_IT_IS = Edit("")
"""A rule's answer that the variable stays and everything was noted."""

Rule = Callable[[Context, Variable], Edit | None]
POST_DEPLOY = ("post_deploy.yml", "post-deploy.yml")
# Where older images came from; ours are built.
_OLD_REGISTRIES = ("ghcr.io", "docker.chameleoncloud.org", "docker.io", "quay.io")
_PIN = re.compile(r"_(?:tag|image|image_full|source_version|git_repository|dev_mode)$")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
DEPLOY_IMAGES = {
    "ironic_deploy_kernel": "pxe_deploy_kernel",
    "ironic_deploy_ramdisk": "pxe_deploy_ramdisk",
}


def rule(context: Context, variable: Variable) -> Rule | None:
    """The rule for a variable, if it needs one."""
    name = variable.name
    if name in _RULES:
        return _RULES[name]
    if _PIN.search(name) and name in context.known.variables() and _pins(variable.value):
        return _pinned
    return None


def _release(context: Context, variable: Variable) -> Edit:
    release = context.default("openstack_release")
    context.report.dropped(variable.place, variable.name, f"This checkout deploys {release}.")
    if str(variable.value) != str(release):
        context.report.decide(
            variable.place,
            variable.name,
            f"The old site runs {variable.value}, this release is {release}. The import is about "
            "the site config only: bring databases and hosts along release by release, or start "
            "with an empty site.",
        )
    return DROP


def _scenario(context: Context, variable: Variable) -> Edit | None:
    if variable.value == context.scenario:
        context.report.kept(variable.place, variable.name)
        return AS_IT_IS
    new = {variable.name: context.scenario}
    context.report.translated(variable.place, variable.name, context.scenario)
    return blocks.said(new)


def _of_release(context: Context, variable: Variable) -> Edit:
    """What says which images or base system: that follows from the release."""
    why = f"It follows from the release: {context.default(variable.name)}."
    context.report.dropped(variable.place, variable.name, why)
    return DROP


def _registry(context: Context, variable: Variable) -> Edit | None:
    value = variable.value
    if value and not str(value).startswith(_OLD_REGISTRIES):
        why = "Put the images of this release there: `cc-ansible build --push`."
        context.report.kept(variable.place, variable.name, why)
        return AS_IT_IS
    why = "It has images of older releases only; build this one's with `cc-ansible build`."
    context.report.dropped(variable.place, variable.name, why)
    return DROP


def _registry_part(context: Context, variable: Variable) -> Edit | None:
    """Namespace and user belong to the registry that the same file names."""
    registry = variable.beside.get("docker_registry")
    if registry and not str(registry).startswith(_OLD_REGISTRIES):
        context.report.kept(variable.place, variable.name)
        return AS_IT_IS
    why = "It belongs to a registry with images of older releases."
    context.report.dropped(variable.place, variable.name, why)
    return DROP


def _pinned(context: Context, variable: Variable) -> Edit:
    why = "It pins an image or a source of an older release; it stays as a comment."
    context.report.decide(variable.place, variable.name, why)
    return hidden.comment(context, variable)


def _deploy_image(context: Context, variable: Variable) -> Edit | None:
    image = DEPLOY_IMAGES[variable.name]
    if not _UUID.fullmatch(str(variable.value)):
        return None if context.knows(variable.name) else _deploy_asked(context, variable, image)
    if not context.knows(variable.name):
        return _deploy_asked(context, variable, image)
    why = "The id was one of the old site's; images are found by name when they are needed."
    context.report.translated(variable.place, variable.name, image, why)
    return blocks.said({variable.name: image})


def _deploy_asked(context: Context, variable: Variable, image: str) -> Edit | None:
    if variable.name in context.own:
        context.report.decide(
            variable.place,
            variable.name,
            "The site's own configuration uses this id of an image of the old site; name the "
            f"image of the new one ({image}) there.",
        )
        return AS_IT_IS
    why = "It was an id of the old site. The comment in its place names the image."
    context.report.decide(variable.place, variable.name, why, f"{variable.name}: {image}")
    return blocks.commented(f"{variable.name}: {image}")


def _glance_backends(context: Context, variable: Variable) -> Edit:
    """Stores were listed, and are switched on one by one."""
    flags: dict[str, Any] = {}
    unknown: list[str] = []
    stores = variable.value if isinstance(variable.value, list) else []
    for store in stores:
        kind = str(store.get("type", "")) if isinstance(store, dict) else str(store)
        if flag := wrapper.glance_flag(kind):
            flags[flag] = True
        else:
            unknown.append(kind)
    if unknown or not stores:
        what = f"type {', '.join(unknown)}" if unknown else "that form"
        why = f"No Glance store of {what} can be set up; use glance_backend_* flags."
        context.report.decide(variable.place, variable.name, why)
        return hidden.comment(context, variable)
    new = {key: value for key, value in flags.items() if key not in variable.beside}
    why = "Kolla-Ansible makes the list from these flags."
    context.report.translated(variable.place, variable.name, ", ".join(new), why)
    return blocks.said(new)


def _federation(context: Context, variable: Variable) -> Edit | None:
    """An explicit switch replaces what followed from the client id; see ``scenario``."""
    wanted = context.federated and truth(variable.value) is not False
    if wanted or is_template(variable.value):
        context.report.dropped(variable.place, variable.name, "It is written at the end instead.")
        return DROP
    context.report.kept(variable.place, variable.name)
    return AS_IT_IS


def _declared(context: Context, variable: Variable) -> Edit:
    names = variable.value if isinstance(variable.value, list) else []
    context.own |= {str(name) for name in names}
    return DROP


def _pins(value: Any) -> bool:
    return value is not None and value is not False and not is_template(value)


_RULES: dict[str, Rule] = {
    "chi_scenario": _scenario,
    "openstack_release": _release,
    "openstack_tag": _of_release,
    "openstack_tag_suffix": _of_release,
    "kolla_base_distro": _of_release,
    "kolla_base_distro_version": _of_release,
    "docker_registry": _registry,
    "docker_namespace": _registry_part,
    "docker_registry_username": _registry_part,
    "docker_registry_insecure": _registry_part,
    "ironic_deploy_kernel": _deploy_image,
    "ironic_deploy_ramdisk": _deploy_image,
    "glance_backends": _glance_backends,
    "enable_keystone_federation": _federation,
    "site_variables": _declared,
    "neutron_networks": networks.networks,
    "switch_configs": networks.switches,
    "neutron_ml2_generic_switch_configs": networks.legacy_switches,
    "neutron_network_vlan_ranges": networks.legacy,
    "neutron_ovs_bridge_mappings": networks.legacy,
}
