"""What this machine remembers of the hardware it enrolled, in the site's state directory.

Doni shows no secrets, so a fingerprint tells whether one that was written differs from the one
declared now. And what was enrolled from the site config, but is no longer in it, is told from
what others enrolled. Nothing is lost with the file: secrets are then written again, and items that
are no longer declared are just listed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.errors import CcError
from cc_ansible.hardware.wire import SENSITIVE
from cc_ansible.runs.files import private_dir, write_json

FILE = "hardware.json"


@dataclass
class Memory:
    """``key`` is that of the fingerprints; ``items`` are fingerprints by property, by uuid."""

    path: Path
    key: bytes = field(repr=False)
    items: dict[str, dict[str, str]]

    def differing(self, uuid: str, properties: Mapping[str, Any]) -> list[str]:
        """The secrets among ``properties`` that are not known to be what was written last."""
        known = self.items.get(uuid, {})
        return [
            name
            for name in sorted(SENSITIVE & properties.keys())
            if not hmac.compare_digest(known.get(name, ""), self.fingerprint(properties[name]))
        ]

    def fingerprint(self, secret: Any) -> str:
        """What tells a secret from others, without telling it."""
        return hmac.new(self.key, str(secret).encode(), hashlib.sha256).hexdigest()

    def wrote(self, uuid: str, properties: Mapping[str, Any]) -> None:
        """Remember that an item now has these properties."""
        names = SENSITIVE & properties.keys()
        self.items[uuid] = {name: self.fingerprint(properties[name]) for name in sorted(names)}

    def doubt(self, uuids: Iterable[str]) -> None:
        """Take every secret of known items for another one than was written."""
        for uuid in uuids:
            if uuid in self.items:
                self.items[uuid] = {}

    def forget(self, uuids: Iterable[str]) -> None:
        """Forget items that are gone."""
        for uuid in uuids:
            self.items.pop(uuid, None)

    def save(self) -> None:
        """Write it to the disk, whole or not at all."""
        private_dir(self.path.parent)
        write_json(self.path, {"key": self.key.hex(), "items": self.items})


def load(state_dir: Path) -> Memory:
    """What is remembered of a site.

    :raises CcError: the file is damaged.
    """
    path = state_dir / FILE
    try:
        data = json.loads(path.read_text())
        items = {str(uuid): dict(known) for uuid, known in data["items"].items()}
        return Memory(path, bytes.fromhex(data["key"]), items)
    except FileNotFoundError:
        return Memory(path, secrets.token_bytes(32), {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise CcError(
            "What this machine remembers of the site's hardware cannot be read.",
            detail=f"{path}: {problem!r}",
            fix=f"Remove {path}; then `cc-ansible hardware apply` writes every BMC password again.",
        ) from None
