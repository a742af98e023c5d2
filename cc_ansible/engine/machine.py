"""How this machine reaches its package mirrors, so that what we build reaches them the same way.

Images and node containers get the apt sources, proxies, pip settings and certificates
that the machine itself uses; no mirror is ever named in the project.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_APT_KEYS = re.compile(r"^Acquire::(https?|ftp)::(Proxy|CaInfo|Verify-Peer)\b")
_PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy")


@dataclass(frozen=True)
class AptEntry:
    """One deb source: archive URI, suite and components."""

    uri: str
    suite: str
    components: tuple[str, ...]


@dataclass(frozen=True)
class Mirrors:
    """URIs of the Debian archives; None where the machine names none."""

    main: str | None
    security: str | None


def apt_entries(root: Path = Path("/etc/apt")) -> list[AptEntry]:
    """Read deb entries of the one-line and the deb822 format (sources.list(5))."""
    entries: list[AptEntry] = []
    files = [root / "sources.list", *sorted((root / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(errors="replace")
        if file.suffix == ".sources":
            entries += _deb822(text)
        elif file.suffix == ".list":
            entries += _one_line(text)
    return entries


def _one_line(text: str) -> list[AptEntry]:
    found = []
    for line in text.splitlines():
        words = re.sub(r"\[[^]]*\]", "", line.split("#")[0]).split()
        if len(words) >= 3 and words[0] == "deb":
            found.append(AptEntry(words[1], words[2], tuple(words[3:])))
    return found


def _deb822(text: str) -> list[AptEntry]:
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", "\n".join(lines), re.MULTILINE))
        if "deb" not in fields.get("Types", "").split() or fields.get("Enabled") == "no":
            continue
        for uri in fields.get("URIs", "").split():
            for suite in fields.get("Suites", "").split():
                found.append(AptEntry(uri, suite, tuple(fields.get("Components", "").split())))
    return found


def debian_mirrors(
    entries: list[AptEntry] | None = None, os_release: Path = Path("/etc/os-release")
) -> Mirrors:
    """The Debian archives this machine installs from; both None on another distribution."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', os_release.read_text(), re.MULTILINE))
    if release.get("ID") != "debian":
        return Mirrors(None, None)
    codename = release.get("VERSION_CODENAME", "")
    entries = apt_entries() if entries is None else entries
    by_suite = {entry.suite: entry.uri.rstrip("/") for entry in reversed(entries)}
    return Mirrors(by_suite.get(codename), by_suite.get(f"{codename}-security"))


def apt_conf() -> str:
    """Proxy and certificate settings of this machine's apt, as an apt.conf text."""
    if not shutil.which("apt-config"):
        return ""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    return "".join(f"{line}\n" for line in dump.stdout.splitlines() if _APT_KEYS.match(line))


def pip_conf(ca_path: str) -> str:
    """This machine's pip index, proxy and trust settings as a pip.conf for an image.

    ``ca_path`` is where the image keeps the machine's CA bundle. Local (file:) indexes
    stay behind: they do not exist inside an image.
    """
    shown = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found: dict[str, list[str]] = {}
    for scope, key, quoted in re.findall(r"^(\S+?)\.([\w-]+)=('.*')$", shown.stdout, re.MULTILINE):
        value = str(ast.literal_eval(quoted))
        if key.strip(".") in _PIP_KEYS and scope in ("global", "install", ":env:"):
            urls = [word for word in value.split() if not word.startswith(("file:", "/"))]
            found[key.strip(".")] = urls or found.get(key.strip("."), [])
    lines = [f"{key} = {' '.join(values)}" for key, values in found.items() if values]
    return "\n".join(
        ["[global]", f"cert = {ca_path}", "disable-pip-version-check = true", *lines, ""]
    )


def ca_bundle() -> Path | None:
    """The CA bundle that this machine's Python tools trust, if there is one."""
    candidates = [
        os.environ.get(name) for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    ]
    for candidate in (*candidates, "/etc/ssl/certs/ca-certificates.crt"):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    return None


def has_capability(number: int) -> bool:
    """Whether the bounding set of this process holds a capability (numbers: capabilities(7))."""
    status = Path("/proc/self/status").read_text()
    bounding = re.search(r"^CapBnd:\s*([0-9a-f]+)", status, re.MULTILINE)
    return bounding is not None and bool(int(bounding[1], 16) >> number & 1)


CAP_SYS_RESOURCE = 24


def runs_systemd() -> bool:
    """sd_booted(3): systemd is PID 1 here."""
    return Path("/run/systemd/system").is_dir()
