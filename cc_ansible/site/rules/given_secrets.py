"""Rules about secrets that other systems hand out or take. No finding ever shows a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.values import references, truth
from cc_ansible.site.yamlfile import Document

CLIENT_SECRET = error("client-secret-missing", "The client id of an associate site has its secret")
UNREADABLE_KEY = warning("unreadable-switch-key", "Keys are in a form that reaches switches")

ID, SECRET = "keystone_idp_client_id", "keystone_idp_client_secret"
SITE_KEY, SWITCHES = "neutron_ssh_key", "switch_configs"
PKCS8 = "-----BEGIN PRIVATE KEY-----"


def client(
    documents: Iterable[Document], present: Mapping[str, Any], *, federated: bool
) -> Iterator[Finding]:
    """A client id without the secret that came with it; ``federated`` as its scenario says."""
    said = list(documents)
    given = present.get(SECRET) or any(document.value.get(SECRET) for document in said)
    ids = [document for document in said if document.value.get(ID)]
    if federated and ids and not given:
        yield CLIENT_SECRET.broken(
            f"{ID} is set, but there is no secret {SECRET}.",
            ids[-1].origin(ID),
            fix=f"Add {SECRET} with `cc-ansible passwords edit`; for a public client write public.",
        )


def keys(
    documents: Iterable[Document],
    present: Mapping[str, Any],
    origin: Callable[[str], Origin | None],
) -> Iterator[Finding]:
    """Keys that log in to switches in the form PKCS #8, which Paramiko does not read."""
    switches = [
        switch
        for document in documents
        for switch in _listed(document.value.get(SWITCHES))
        if isinstance(switch, Mapping) and isinstance(switch.get("auth"), Mapping)
    ]
    used = {name for switch in switches for name in references(switch["auth"].get("private_key"))}
    if any(truth(switch["auth"].get("use_ssh_key")) for switch in switches):
        used.add(SITE_KEY)
    for name in sorted(used & set(present)):
        value = present[name]
        text = value.get("private_key") if isinstance(value, Mapping) else value
        if str(text).lstrip().startswith(PKCS8):
            yield UNREADABLE_KEY.broken(
                f"The key {name} is in a form that the library for switches does not read.",
                origin(name),
                detail="It begins with BEGIN PRIVATE KEY (PKCS #8).",
                fix='Rewrite it with `ssh-keygen -p -N "" -f FILE`, and enter it with '
                "`cc-ansible passwords edit`.",
            )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
