"""What docs/configure.md tells admins to write is valid, for each scenario."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import corpus
import pytest
from secretsof import Secrets

from cc_ansible.kolla import validity
from cc_ansible.paths import PROJECT

SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+/\S+\.yml)\n")
SECTIONS = dict(SECTION.findall((PROJECT / "docs" / "configure.md").read_text()))
COMMON = "What every site says"
LOOK, EXTRA = "A look of your own", "Variables of your own"


def blocks(section: str) -> list[str]:
    return BLOCK.findall(SECTIONS[section])


@pytest.mark.parametrize(
    "section", ["Independent testbed", "Associate site", "Part-time associate", "Edge site"]
)
def test_a_site_written_by_the_guide(section: str, tmp_path: Path, secrets: Secrets) -> None:
    site = tmp_path / "site"
    corpus.valid_site("associate", site, secrets)
    for name in ("hardware", "images", "globals.d"):
        shutil.rmtree(site / name, ignore_errors=True)
    text = ""
    for block in [*blocks(COMMON), *blocks(section), *blocks(LOOK), *blocks(EXTRA)]:
        if named := FILE.match(block):
            (site / named[1]).parent.mkdir(exist_ok=True)
            (site / named[1]).write_text(block)
        else:
            text += block
    (site / "defaults.yml").write_text(text)
    (site / "passwords.yml").unlink()
    secrets.write(site)
    assert [each for each in validity.find(site) if each.severity == "error"] == []


def test_the_guide_has_no_block_that_is_not_tried() -> None:
    tried = {COMMON, LOOK, EXTRA, "Independent testbed", "Associate site", "Part-time associate"}
    assert {name for name in SECTIONS if blocks(name)} == {*tried, "Edge site"}
