"""The rules about services, the inventory, certificates, and the files of a site config."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cc_ansible.site.findings import Finding
from cc_ansible.site.rules import (
    certificates,
    customconfig,
    deploy_images,
    files,
    groups,
    hosts,
    references,
    release,
    services,
    settings,
    stack,
    storage,
    texts,
    varsfiles,
)
from cc_ansible.site.subject import Subject

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    settings.values,
    settings.scenario,
    services.requirements,
    services.backbone,
    services.parts,
    stack.balancing,
    stack.tls,
    stack.neutron,
    stack.instances,
    storage.backends,
    storage.coordination,
    storage.settings,
    deploy_images.named,
    release.releases,
    release.distributions,
    release.registries,
    groups.unknown,
    groups.empty,
    groups.quorum,
    hosts.names,
    hosts.groups,
    hosts.addresses,
    hosts.lines,
    varsfiles.files,
    varsfiles.shadows,
    certificates.fronts,
    certificates.pairs,
    certificates.authorities,
    customconfig.syntax,
    customconfig.orphans,
    customconfig.unread,
    customconfig.needed,
    references.undefined,
    references.loops,
    texts.templates,
    texts.quotes,
    texts.tags,
    texts.empty,
    files.environment,
    files.post_deploy,
    files.unread,
    files.text_form,
    # Last, for it leaves out what the others found.
    files.structure,
)
