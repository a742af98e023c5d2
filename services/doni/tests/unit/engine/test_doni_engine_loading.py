"""Workers by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from doni.conf import opts
from doni.engine import loading
from doni.exceptions import DoniError
from doni.workers.fake import FakeWorker
from oslo_config import cfg


def _conf(*names: str) -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], default_config_files=[])
    conf.set_override("enabled_worker_types", list(names))
    return conf


def test_workers_are_made_with_the_options() -> None:
    conf = _conf("fake-worker", "fake-worker")
    found = loading.load(conf)
    assert list(found) == ["fake-worker"]
    assert isinstance(found["fake-worker"], FakeWorker)
    assert found["fake-worker"].conf is conf


@pytest.mark.parametrize("names", [["nonsense"], ["fake-worker", "nonsense", "other"]])
def test_missing_ones_are_named(names: Sequence[str]) -> None:
    with pytest.raises(DoniError, match="nonsense"):
        loading.load(_conf(*names))


def test_those_that_fail_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, conf: cfg.ConfigOpts) -> None:
        raise ValueError("no endpoint")

    monkeypatch.setattr(FakeWorker, "__init__", broken)
    with pytest.raises(DoniError, match="fake-worker: no endpoint"):
        loading.load(_conf("fake-worker"))
