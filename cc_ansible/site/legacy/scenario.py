"""Which scenario the old site is, and what it was without saying so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy import wrapper
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.load import DEFAULT_SCENARIO, SCENARIO_VARIABLE, SCENARIOS
from cc_ansible.site.values import truth

EDGE_FLAGS = ("enable_k3s", "enable_tunelo", "enable_zun", "enable_neutron_wireguard")
IDP_CLIENT = "keystone_idp_client_id"
FEDERATION = "enable_keystone_federation"
PROVIDERS = "keystone_identity_providers"
DEFAULTS = "defaults.yml"

Settings = Mapping[str, Any]


def detect(settings: Settings) -> tuple[str, str]:
    """The scenario of a site and why it must be that one."""
    if settings.get(SCENARIO_VARIABLE) in SCENARIOS:
        return str(settings[SCENARIO_VARIABLE]), "The old site says so."
    for flag in EDGE_FLAGS:
        if truth(settings.get(flag)):
            return "edge", f"Because {flag} is on."
    if is_federated(settings):
        return "associate", f"Because {IDP_CLIENT} is set; say part-time if its hardware is lent."
    return DEFAULT_SCENARIO, "Neither federation nor edge services are set up."


def is_federated(settings: Settings) -> bool:
    """Whether the old site signed users on at Chameleon's identity provider."""
    wanted = truth(settings.get(FEDERATION))
    client = settings.get(IDP_CLIENT)
    return wanted is not False and bool(client) and truth(client) is not False


def opening(context: Context, settings: Settings) -> str:
    """The first lines of defaults.yml: the scenario."""
    if SCENARIO_VARIABLE in settings:
        return ""
    return f"# Which built-in scenario the site is.\n{SCENARIO_VARIABLE}: {context.scenario}\n"


def closing(context: Context, settings: Settings, *, certificate: bool) -> str:
    """The last lines of defaults.yml: what held without being said."""
    said = dict(_inherited(context, settings))
    if "kolla_enable_tls_external" not in settings:
        said |= _tls(context, settings, certificate)
    text = ""
    if said:
        text += "\n# Older CHI-in-a-Box set these for every site.\n" + yamlfile.dump(said)
    if federation := _federation(context, settings):
        text += "\n# Whether users sign on at Chameleon's identity provider.\n" + federation
    return text


def _inherited(context: Context, settings: Settings) -> Iterator[tuple[str, Any]]:
    for name, value in wrapper.inherited().items():
        if name in settings or not context.knows(name) or _is_off(name, settings):
            continue
        now = context.default(name)
        same = truth(now) == truth(value) if isinstance(value, bool) else now == value
        if not same:
            why = "It was so without being said."
            new = yamlfile.dump({name: value}).strip()
            context.report.translated(DEFAULTS, name, new, why)
            yield name, value


def _is_off(name: str, settings: Settings) -> bool:
    """Whether the site switched the service off that a setting is about."""
    service = name.removeprefix("enable_").split("_")[0]
    return truth(settings.get(f"enable_{service}")) is False


def _tls(context: Context, settings: Settings, certificate: bool) -> dict[str, Any]:
    if truth(settings.get("enable_haproxy")) is False:
        return {}
    if certificate:
        why = "It was so without being said, and certificates/haproxy.pem is there."
        new = "kolla_enable_tls_external: true"
        context.report.translated(DEFAULTS, "kolla_enable_tls_external", new, why)
        return {"kolla_enable_tls_external": True}
    context.report.decide(
        DEFAULTS,
        "kolla_enable_tls_external",
        "It was on without being said, but there is no certificates/haproxy.pem. It is off now.",
    )
    return {}


def _federation(context: Context, settings: Settings) -> str:
    """An explicit switch; on where identity providers are defined, else for somebody to decide."""
    if not context.federated:
        return ""
    line = f"{FEDERATION}: true"
    if settings.get(PROVIDERS) or context.default(PROVIDERS):
        context.report.translated(DEFAULTS, IDP_CLIENT, line, "It is explicit now.")
        return f"{line}\n"
    context.report.decide(
        DEFAULTS,
        FEDERATION,
        f"{IDP_CLIENT} switched it on, and neither the site nor this release defines {PROVIDERS}. "
        "It is on as soon as they are defined; the line stands in defaults.yml as a comment.",
        line,
    )
    return f"# {line}\n"
