"""Workers that talk to doubles of Ironic and Blazar on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from doni.conf import opts
from doni.workers.blazar.physical_host import PhysicalHostWorker
from doni.workers.ironic import IronicWorker
from oslo_config import cfg

sys.path.insert(0, str(Path(__file__).parent))

from blazar_double import BlazarDouble
from ironic_double import IronicDouble
from logins import reach


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    """Options without any file."""
    found = cfg.ConfigOpts()
    opts.register(found)
    found([], project="doni", default_config_files=[])
    return found


@pytest.fixture
def ironic() -> Iterator[IronicDouble]:
    double = IronicDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def blazar() -> Iterator[BlazarDouble]:
    double = BlazarDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def node_worker(conf: cfg.ConfigOpts, ironic: IronicDouble) -> IronicWorker:
    reach(conf, "ironic", ironic.url)
    conf.set_override("provision_state_timeout", 20, group="ironic")
    conf.set_override("provision_state_interval", 0.01, group="ironic")
    return IronicWorker(conf)


@pytest.fixture
def host_worker(conf: cfg.ConfigOpts, blazar: BlazarDouble) -> PhysicalHostWorker:
    reach(conf, "blazar", blazar.url)
    return PhysicalHostWorker(conf)
