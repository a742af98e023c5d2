"""Checks of what is in the image: what it says of itself, Docker, checks of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cc_ansible.appliances.checks.subject import Look, failed
from cc_ansible.verify.check import LINES

if TYPE_CHECKING:
    from cc_ansible.site.model.images import Check

MANIFEST = "/etc/cc-manifest.json"
OWN_SECONDS = 120.0
SHOWN = 5
_PACKAGES = r"""
if command -v dpkg-query >/dev/null; then
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' | sed -n 's/^installed //p'
else
  rpm -qa --qf '%{NAME} %{EVR}\n'
fi"""
_CONTAINER = """\
set -e
trap 'docker rmi -f cc-probe >/dev/null 2>&1; rm -rf "$d"' EXIT
d=$(mktemp -d)
for l in bin sbin lib lib64; do ln -s usr/$l "$d/$l"; done
mkdir "$d/usr"
tar -C "$d" -c . | docker import - cc-probe >/dev/null
docker run --rm --network none -v /usr:/usr:ro cc-probe /usr/bin/true
"""
"""A container of an image without anything, on the guest's own programs: there is no registry."""


def manifest(look: Look) -> str:
    """What it says of itself is what was built, and so are its packages."""
    subject = look.subject
    said = _manifest(look)
    wanted = {"name": subject.name, "version": subject.version, "arch": subject.arch}
    wrong = [
        f"{key} is {said.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if value and said.get(key) != value
    ]
    if wrong:
        raise failed(
            f"{MANIFEST} is not true: {'; '.join(wrong)}",
            "It was made for another image, or something changed it.",
            "Build the image again.",
        )
    about = " ".join(str(value) for value in wanted.values() if value)
    if subject.packages is None:
        return f"{about}; the build wrote down no packages to compare"
    return f"{about}, {_packages(look, dict(subject.packages))} packages as built"


def _manifest(look: Look) -> dict[str, Any]:
    text = look.tries(f"cat {MANIFEST}")
    if not text:
        raise failed(f"there is no {MANIFEST}", "", "Element chi-common writes it.")
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError) as problem:
        raise failed(f"{MANIFEST} is no JSON: {problem}", "", "") from None


def _packages(look: Look, built: dict[str, str]) -> int:
    lines = (line.split() for line in look.ask(_PACKAGES).splitlines())
    there = {words[0]: words[1] for words in lines if len(words) == 2}
    changes = [f"{n} {there[n]} (built: {v})" for n, v in built.items() if there.get(n, v) != v]
    changes += [f"{name} is missing" for name in built.keys() - there.keys()]
    changes += [f"{name} {there[name]} was not built in" for name in there.keys() - built.keys()]
    if changes:
        raise failed(
            f"{len(changes)} packages differ from what was built: "
            + ", ".join(sorted(changes)[:SHOWN]),
            "The list beside the image is not of this image, or it installs packages at boot.",
            "Build the image again.",
            *sorted(changes)[:LINES],
        )
    return len(there)


def docker(look: Look) -> str:
    """The default user starts containers without sudo."""
    info = look.guest.run("docker info --format '{{.ServerVersion}} {{.Driver}}'", timeout=60)
    if not info.ok:
        groups = look.tries("id -Gn")
        if "permission denied" in info.err.lower():
            cause = f"{look.guest.user} is not in group docker ({groups})."
            fix = "Name group docker in cloud.cfg: system_info.default_user.groups."
        else:
            cause, fix = "The engine does not answer.", "See `journalctl -u docker`."
        log = look.tries("journalctl -b -u docker -n 6 --no-pager -o cat", root=True)
        raise failed(f"docker info: {info.said}", cause, fix, *log.splitlines())
    ran = look.guest.run(_CONTAINER, timeout=90)
    if not ran.ok:
        raise failed(
            f"a container does not run: {ran.said}",
            "The engine answers, but cannot start containers.",
            "See `journalctl -u docker -u containerd`.",
            *ran.err.splitlines()[-LINES:],
        )
    return f"Docker {info.out.strip()}, and a container runs"


def own(test: Check) -> Callable[[Look], str]:
    """A check of the appliance's own: it passes when its command does."""

    def check(look: Look) -> str:
        done = look.guest.run(test.run, timeout=OWN_SECONDS)
        lines = [*done.out.splitlines(), *done.err.splitlines()]
        if not done.ok:
            raise failed(
                f"exit code {done.code}" + (f": {done.said}" if lines else ""),
                f"As {look.guest.user}: {test.run}",
                "Mend the image, or the check in its definition.",
                *lines[-LINES:],
            )
        return lines[-1].strip() if lines else "exit code 0"

    return check
