"""What every command shares: the site it works on and how it speaks."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from cc_ansible.site.load import Site


@dataclass
class App:
    """``site_option`` is the value of -s/--site, None where it was not given."""

    site_option: str | None = None

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        return Console(highlight=False)

    def load_site(self) -> Site:
        """The site config the user means.

        Raises:
            SiteInvalid: there is none, or it cannot be read.
        """
        from cc_ansible.site import load

        return load.load(self.site_path())

    def site_path(self) -> Path:
        """The directory of the site config the user means.

        Raises:
            SiteInvalid: there is none.
        """
        import os

        from cc_ansible.site import load

        return load.find(self.site_option, os.environ)

    def say(self, text: str = "") -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def emit_json(self, value: Any) -> None:
        sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def show_error(error: CcError) -> None:
    """One error for tired eyes: what, where, why, and what to do next."""
    lines = [f"error: {error.summary}"]
    if error.origin:
        lines.append(f"  at {error.origin}")
    lines += [f"  {line}" for line in error.detail.splitlines()]
    if error.fix:
        lines.append(f"  fix: {error.fix}")
    sys.stderr.write("\n".join(lines) + "\n")
