"""Images: in the registry, and hosts may pull them from there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from cc_ansible.online.facts import Host
from cc_ansible.online.registry import HUB, Answer
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import View

MISSING = error(Check.IMAGES, "image-missing", "Every image that the site needs can be had")
UNREACHABLE = error(Check.IMAGES, "registry-unreachable", "The registry answers")
REFUSED = error(Check.IMAGES, "registry-refuses", "The registry lets the site in")
UNCHECKED = warning(Check.IMAGES, "images-unchecked", "Image tags can be looked up from here")
HOST_CANNOT = warning(Check.ENGINE, "registry-out-of-reach", "Every host reaches the registry")
NOT_ALLOWED = error(
    Check.ENGINE, "registry-not-allowed", "Hosts may talk to a registry that has no TLS"
)
SHOWN = 6


def missing(view: View) -> Iterator[HostFinding]:
    """What the registries say, one finding each; images that the hosts have count as there."""
    at = view.origin("docker_registry")
    for registry, answers in _by_registry(view).items():
        needed = {image: each for image, each in answers.items() if _to_be_pulled(view, image)}
        states = {each.state for each in needed.values()}
        why = next((each.why for each in needed.values() if each.why), "")
        if "unreachable" in states:
            yield _unreachable(view, registry, why)
        if "refused" in states:
            yield REFUSED.broken(
                None,
                f"The registry {registry} does not let us in: {why}.",
                at,
                fix="Correct docker_registry_username, and docker_registry_password with "
                "`cc-ansible edit_passwords`.",
            )
        if gone := [image for image, each in needed.items() if each.state == "missing"]:
            short = sorted(image.rpartition("/")[2] for image in gone)
            more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
            where = "on the hosts nor in docker.io" if registry == HUB else f"in {registry}"
            lead = "neither " if registry == HUB else "not "
            yield MISSING.broken(
                None,
                f"{len(gone)} of {len(answers)} images are {lead}{where}.",
                view.origin("openstack_tag") or at,
                detail=f"{', '.join(short[:SHOWN])}{more}.",
                fix="Name a registry in docker_registry, then run `cc-ansible build --push`."
                if registry == HUB
                else "Run `cc-ansible build --push`, or correct docker_namespace or openstack_tag.",
            )


def allowed(view: View) -> Iterator[HostFinding]:
    """Hosts that cannot pull although the registry is well."""
    plain = {each.registry for each in view.registry.values() if each.plain}
    for host in view.seen:
        if host.facts is None or not host.facts.has_engine:
            continue
        insecure = host.facts.get("engine", "insecure")
        for registry in sorted(plain) if insecure is not None else ():
            if not _is_insecure(registry, insecure):
                yield NOT_ALLOWED.broken(
                    host.name,
                    f"Docker on {host.name} refuses the registry {registry}, which has no TLS.",
                    view.origin("docker_registry", host),
                    fix=f'In /etc/docker/daemon.json there: `"insecure-registries": ["{registry}"]`'
                    ", then `systemctl restart docker`; or give the registry a certificate.",
                )
        yield from _out_of_reach(view, host)


def endpoint(registry: str) -> str:
    """``host:port`` of a registry."""
    return registry if registry.rpartition(":")[2].isdigit() else f"{registry}:443"


def _by_registry(view: View) -> Mapping[str, dict[str, Answer]]:
    found: dict[str, dict[str, Answer]] = {}
    for image, answer in view.registry.items():
        found.setdefault(answer.registry, {})[image] = answer
    return found


def _to_be_pulled(view: View, image: str) -> bool:
    """Whether some host that needs an image does not have it yet."""
    needing = {host for each in view.services if each.image == image for host in each.hosts}
    seen = [view.hosts[name] for name in needing if name in view.hosts]
    return any(host.facts is None or image not in host.facts.images for host in seen)


def _unreachable(view: View, registry: str, why: str) -> HostFinding:
    at = view.origin("docker_registry")
    asked = endpoint(registry)
    reached = [host.name for host in view.seen if host.answer("tcp", asked).get("state") == "open"]
    if reached:
        return UNCHECKED.broken(
            None,
            f"The registry {registry} does not answer this machine, so no image was looked up.",
            at,
            detail=f"{why}. {reached[0]} reaches it.",
            fix="Run this where the registry can be reached, or set the proxy variables. For a "
            "registry without TLS set docker_registry_insecure to true.",
        )
    return UNREACHABLE.broken(
        None,
        f"The registry {registry} does not answer: {why}.",
        at,
        fix="Start it, or correct docker_registry; without TLS it needs docker_registry_insecure: "
        "true.",
    )


def _out_of_reach(view: View, host: Host) -> Iterator[HostFinding]:
    """Hosts with a route of their own to the registry may use a proxy instead."""
    if host.facts is None or host.facts.get("engine", "proxy"):
        return
    for registry in sorted({each.registry for each in view.registry.values()} - {HUB}):
        answer = host.answer("tcp", endpoint(registry))
        if answer and answer.get("state") != "open":
            yield HOST_CANNOT.broken(
                host.name,
                f"{host.name} does not reach the registry {registry}: {answer.get('why')}.",
                view.origin("docker_registry", host),
                fix="Open the way in firewall and routing, or give Docker a proxy there.",
            )


def _is_insecure(registry: str, listed: list[str]) -> bool:
    """Whether Docker talks to a registry without TLS: it is named, or its network is."""
    host = registry.rpartition(":")[0] if registry.rpartition(":")[2].isdigit() else registry
    host = host.strip("[]")
    if registry in listed or host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in listed:
        try:
            network = ipaddress.ip_network(entry)
        except ValueError:
            continue
        if address.version == network.version and address in network:
            return True
    return False
