"""Options."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from doni import conf as options
from doni.conf import default, opts, worker
from oslo_config import cfg, generator


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "doni.conf"
    path.write_text("[DEFAULT]\nenabled_hardware_types = a,b\n[worker]\ntask_concurrency = 5\n")
    conf = options.prepare(["--config-file", str(path)], conf=cfg.ConfigOpts())
    assert conf.enabled_hardware_types == ["a", "b"]
    assert conf.worker.task_concurrency == 5
    assert conf.worker.task_pool_size == 1000


def test_all_options_are_listed_once_and_have_help() -> None:
    listed = opts.list_opts()
    names = [(group, opt.dest) for group, found in listed for opt in found]
    assert len(names) == len(set(names))
    for _, found in listed:
        for opt in found:
            assert opt.help, opt.name


def test_options_are_those_that_are_registered() -> None:
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], default_config_files=[])
    # Others list options of libraries as well, which are registered when they are needed.
    for group, found in [*default.list_opts(), *worker.list_opts()]:
        values = conf if group == "DEFAULT" else conf[group]
        for opt in found:
            assert opt.dest in values


def test_sample_can_be_generated(tmp_path: Path) -> None:
    sample = tmp_path / "doni.conf.sample"
    conf = cfg.ConfigOpts()
    generator.register_cli_opts(conf)
    conf(["--namespace", "doni", "--output-file", str(sample)])
    generator.generate(conf)
    text = sample.read_text()
    for word in ("[worker]", "#task_concurrency = 10", "#host = localhost"):
        assert word in text


@pytest.mark.parametrize(
    ("name", "value"),
    [("task_concurrency", 0), ("claim_timeout", 1), ("process_pending_task_interval", 0)],
)
def test_values_that_make_no_sense(name: str, value: int, tmp_path: Path) -> None:
    path = tmp_path / "doni.conf"
    path.write_text(f"[worker]\n{name} = {value}\n")
    conf = cfg.ConfigOpts()
    with pytest.raises(cfg.ConfigFileValueError):
        options.prepare(["--config-file", str(path)], conf=conf)
        list(itertools.chain(conf.worker.items()))
