"""Appliances: disk images that a site builds from code.

.. code-block:: yaml

   appliances:
     - name: sage-node
       base: {distro: debian, release: trixie}
       arch: [x86_64, aarch64]
       elements: [chi-common, chi-docker]
       packages: [git, tmux]
       visibility: public
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from cc_ansible.site.model.forms import Name, Scalar, Shown, Strict, Text, Word, filled
from cc_ansible.site.model.hardware import Architecture

RELEASES = {
    "debian": {
        "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "sid": "unstable",
    },
    "ubuntu": {
        "focal": "20.04", "jammy": "22.04", "noble": "24.04", "plucky": "25.04",
        "questing": "25.10", "resolute": "26.04",
    },
    "centos": {"8-stream": "8", "9-stream": "9", "10-stream": "10"},
    "rocky": {"8": "8", "9": "9", "10": "10"},
    "almalinux": {"8": "8", "9": "9", "10": "10"},
}  # fmt: skip
"""Code name and number of the releases of each distribution that can be a base."""

_PLAIN_SIZE = r"[1-9]\d* ?[KMGT](i?B)?"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def release_of(distro: str, text: str) -> str | None:
    """The code name of a release given by its name or number; None when there is none."""
    known = RELEASES.get(distro, {})
    by_number = {number: name for name, number in known.items()}
    return text if text in known else by_number.get(text)


def _size(text: str) -> str:
    if not re.fullmatch(_PLAIN_SIZE, text):
        raise PydanticCustomError(
            "invalid_value", "is no size", {"fix": "Write a number and a unit: `8 GiB`."}
        )
    return text


def _sized(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticCustomError(
            "invalid_value", "must have a unit", {"fix": f"Write `{value} GiB`."}
        )
    return value


def _variables(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"has a name that no environment variable has: {name}")
    return value


def _check_kind(value: Any) -> str:
    return "own" if isinstance(value, dict | Check) else "ready"


class Base(Strict):
    """The system that an appliance starts from."""

    distro: Literal["almalinux", "centos", "debian", "rocky", "ubuntu"]
    """Distribution."""

    release: Text
    """Its release, by name or number: ``trixie``, ``"24.04"``."""


class Check(Strict):
    """A check of its own that a booted image must pass."""

    name: Word
    """What the check is called."""

    run: Text
    """A shell command on the booted image; it passes when the command does."""


Ready = Literal[
    "boot",
    "clean",
    "cloud-init",
    "console",
    "docker",
    "firewall",
    "growroot",
    "manifest",
    "network",
    "power",
    "reboot",
    "ssh",
    "timesync",
    "units",
    "users",
]


class Appliance(Strict):
    """A disk image, or a deploy ramdisk, and everything that goes into it.

    With ``extends`` it starts from another appliance: elements, packages, environment, properties
    and tests come on top of that one's, everything else replaces it.
    """

    name: Name
    """Name of the image in Glance."""

    description: Text | None = None
    """One sentence for users."""

    kind: Literal["disk", "ramdisk"] = "disk"
    """A disk image for users, or the kernel and ramdisk with which Ironic deploys nodes."""

    extends: Text | None = None
    """Appliance to start from, of this site or of CHI-in-a-Box."""

    base: Base | None = None
    """System to start from, unless it extends another appliance."""

    arch: Annotated[list[Architecture], filled("Name an architecture: `[x86_64]`.")] = ["x86_64"]
    """Architectures to build it for."""

    variant: Word | None = None
    """What sets it apart from others of its kind, such as ``cuda``."""

    elements: list[Word] = []
    """Elements of diskimage-builder, in ``images/elements`` or of CHI-in-a-Box."""

    packages: list[Text] = []
    """Packages of the distribution to install."""

    environment: Annotated[dict[str, Text], AfterValidator(_variables)] = {}
    """Variables for the elements."""

    properties: dict[str, Scalar] = {}
    """Properties of the image in Glance."""

    visibility: Literal["public", "community", "shared", "private"] = "public"
    """Who may use it."""

    sites: Annotated[
        list[Text] | None, filled("Name a site, or remove `sites:` for every site.")
    ] = None
    """Sites that publish it; all where not given."""

    size: (
        Annotated[
            str,
            BeforeValidator(_sized),
            AfterValidator(_size),
            Shown(pattern=rf"^{_PLAIN_SIZE}$"),
        ]
        | None
    ) = None
    """Size of its disk, such as ``8 GiB``; as much as it needs where not given."""

    tests: list[
        Annotated[
            Annotated[Ready, Tag("ready")] | Annotated[Check, Tag("own")],
            Discriminator(_check_kind),
        ]
    ] = ["boot", "users", "ssh", "network"]
    """What a booted image must pass: names of ready checks, and checks of its own."""
