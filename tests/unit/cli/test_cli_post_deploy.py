"""post-deploy removes what the site names no longer only when it is told to."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cc_ansible.cli.main import cli
from cc_ansible.kolla import run


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["post-deploy", "--check"], ["--check"]),
        (["post-deploy", "--prune", "--check"], ["--check", "-e", "cc_prune=true"]),
        # Other actions have no such option of ours; what they mean is Kolla-Ansible's to say.
        (["deploy", "--prune"], ["--prune"]),
    ],
)
def test_prune_is_handed_on_as_a_variable(words, given, site_dir, monkeypatch):
    seen: list[list[str]] = []
    monkeypatch.setattr(run, "action", lambda site, name, options, **rest: seen.append(options))
    result = CliRunner().invoke(cli, ["-s", str(site_dir), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert seen == [given]
