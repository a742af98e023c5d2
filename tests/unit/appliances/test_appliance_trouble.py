"""What a failed build says, out of what diskimage-builder printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from appliance_site import ApplianceSite

from cc_ansible.appliances import trouble


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("E: Unable to locate package gti", "there is no package gti"),
        ("E: Package 'gti' has no installation candidate", "there is no package gti"),
        ("tar: var/lib/x: Cannot write: No space left on device", "the disk is full"),
        ("chroot: failed to run command '/bin/sh': Exec format error", "another architecture"),
        ("Err:1 Temporary failure resolving 'deb.test'", "mirror deb.test does not resolve"),
        ("Could not connect to deb.test:80 (10.0.0.1).", "the mirror does not answer"),
        ("E: Failed to fetch http://deb.test/a.deb  404", "not give out http://deb.test/a.deb"),
        ("E: Failed to fetch x  Hash Sum mismatch", "the mirror"),
        ("Certificate verification failed: The certificate is NOT trusted.", "is not trusted"),
        ("unshare: unshare failed: Operation not permitted", "mount anything"),
        ("/tmp/in_target.d: line 9: 4711 Killed  dpkg", "memory ran out"),
    ],
)
def test_what_went_wrong_is_named_with_the_stage(
    site: ApplianceSite, line: str, meaning: str
) -> None:
    root = site.plan("sensor").stages[0]
    lines = ["+ set -e", "Reading package lists...", line, "", "E: build failed"]
    told = trouble.explain(root, "install.d/01-packages", lines, Path("/x/root.log"))
    assert told.summary.startswith(
        "appliance base (x86_64): stage root failed in install.d/01-packages: "
    )
    assert meaning in told.summary
    assert line in told.detail
    assert "+ set -e" not in told.detail
    assert told.detail.endswith("The whole output: /x/root.log")
    assert told.fix


def test_packages_are_missing_because_the_mirror_is(site: ApplianceSite) -> None:
    root = site.plan("sensor").stages[0]
    lines = [
        "Err:1 http://deb.test trixie InRelease",
        "  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)",
        "Reading package lists...",
        "E: Package 'tmux' has no installation candidate",
    ]
    told = trouble.explain(root, "", lines, Path("/x/root.log"))
    assert told.summary.endswith("the mirror does not answer.")


def test_what_nobody_foresaw_shows_its_last_lines(site: ApplianceSite) -> None:
    root = site.plan("sensor").stages[0]
    lines = [f"line {number}" for number in range(100)]
    told = trouble.explain(root, "", lines, Path("/x/root.log"))
    assert told.summary == "appliance base (x86_64): stage root failed."
    assert "line 99" in told.detail
    assert "line 20\n" not in told.detail
