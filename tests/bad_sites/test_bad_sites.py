"""Every broken site gives exactly the findings it must; valid sites give none."""

from __future__ import annotations

from pathlib import Path

import corpus
import pytest
from secretsof import Secrets

from cc_ansible.kolla import validity
from cc_ansible.site.findings import CATALOGUE, Finding

CASES = corpus.cases()


def found_in(site: Path) -> set[corpus.Expected]:
    return {_as_expected(finding, site) for finding in validity.find(site)}


def _as_expected(finding: Finding, site: Path) -> corpus.Expected:
    origin = finding.origin
    file = str(origin.file.relative_to(site)) if origin else ""
    return finding.rule, file, origin.line if origin else None


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_broken_site(case: corpus.Case, tmp_path: Path, secrets: Secrets) -> None:
    expected = case.build(tmp_path / "site", secrets)
    assert expected
    assert found_in(tmp_path / "site") == expected


@pytest.mark.parametrize("name", corpus.valid_names())
def test_a_valid_site(name: str, tmp_path: Path, secrets: Secrets) -> None:
    corpus.valid_site(name, tmp_path / "site", secrets)
    assert validity.find(tmp_path / "site") == []


def test_every_rule_has_a_broken_site() -> None:
    shown = {rule for case in CASES for rule in _rules_of(case)}
    assert not set(CATALOGUE) - shown


def _rules_of(case: corpus.Case) -> set[str]:
    text = str(case.content)
    return {rule for rule in CATALOGUE if rule in text}
