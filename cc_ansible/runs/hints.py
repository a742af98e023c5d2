"""What to do about failures that happen everywhere."""

from __future__ import annotations

import re

TABLE: tuple[tuple[str, str], ...] = (
    (
        r"host key verification failed|remote host identification has changed",
        "The host shows another SSH key than before. If it was reinstalled: ssh-keygen -R {host}",
    ),
    (
        r"permission denied \((publickey|password)|no such identity|load key .* (error|invalid)",
        "SSH refused the key. Try: ssh {host}; see ansible_user and ansible_ssh_private_key_file.",
    ),
    (
        r"missing sudo password|a (sudo )?password is required|not in the sudoers|sudo:",
        "The SSH user needs sudo without a password on {host} (or ansible_become_password).",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "The disk of {host} is full: df -h; docker system df; docker image prune.",
    ),
    (
        r"pull access denied|manifest (unknown|for .* not found)|repository .* not found",
        "The registry lacks this image, or wants a login. Build and push it: cc-ansible build; "
        "see docker_registry, docker_namespace and openstack_tag.",
    ),
    (
        r"(no such host|connection refused|timeout|x509|http response).*(/v2/|registry)"
        r"|registry.*(no such host|connection refused|timeout|x509|http response)",
        "{host} cannot reach the registry, or does not trust it. See docker_registry and "
        "docker_registry_insecure.",
    ),
    (
        r"kolla_(internal|external)_(vip_)?\w*.*(in use|respond|ping|already)"
        r"|(vip|virtual ip).*(in use|already|taken|respond|ping)",
        "The virtual IP address answers already: another machine has it. Choose a free one for "
        "kolla_internal_vip_address.",
    ),
    (
        r"address already in use|port is already allocated|timeout when waiting for .* to stop"
        r"|port \d+ .*(in use|not free)",
        "Another program has the port on {host}. Find it: ss -ltnp",
    ),
    (
        r"decryption failed|no vault secrets|vault password|vault secrets found",
        "The vault password is missing or wrong. See vault_password_file or the command that "
        "prints it.",
    ),
    (
        r"'([\w.\[\]]+)' is undefined|object has no attribute '(\w+)'",
        "Nothing sets {group}. Set it in defaults.yml, or look for a typing mistake.",
    ),
    (
        r"container timed out|unhealthy|container exited with non-zero|timeout when waiting for",
        "The service does not come up. Its log on {host}: docker logs {container}; /var/log/kolla/",
    ),
    (
        r"could not find or access|no such file or directory: '([^']+)'",
        "A file that the run needs is missing on this machine: see the path in the message.",
    ),
    (
        r"could not get lock|/var/lib/(dpkg|apt)/.*lock|another process .* (apt|dpkg)",
        "Another package manager is at work on {host} (often unattended-upgrades). Try later.",
    ),
    (
        r"temporary failure in name resolution|could not resolve host|name or service not known",
        "A name does not resolve. See /etc/resolv.conf on {host} and the address in the inventory.",
    ),
    (
        r"out of memory|cannot allocate memory|\boom\b|killed process",
        "{host} ran out of memory: free -h; dmesg",
    ),
    (
        r"no route to host|connection timed out|connection refused|unreachable"
        r"|failed to connect to the host|connection reset",
        "{host} does not answer. Try: ssh {host}; see ansible_host and whether it is switched on.",
    ),
)
"""Patterns, looked for in this order in the lower-cased message, and what to do."""

PATTERNS = [(re.compile(pattern, re.IGNORECASE | re.DOTALL), advice) for pattern, advice in TABLE]


def hint(message: str, *, host: str = "", container: str | None = None) -> str:
    """Return what to do about this message, "" if we do not know."""
    for pattern, advice in PATTERNS:
        if match := pattern.search(message):
            group = next((part for part in match.groups() if part), "it")
            name = container or "NAME"
            return advice.format(host=host or "the host", container=name, group=group)
    return ""
