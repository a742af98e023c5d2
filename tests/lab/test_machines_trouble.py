"""What goes wrong with real machines: somebody says why, and all is well after the repair."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from metal_faults import CONTROLLER, DEPLOY, Fault
from patience import until

from cc_ansible.lab import metal, rehearsal
from cc_ansible.verify import experiment
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.result import Result

pytestmark = pytest.mark.machines
NAME = "machine1"
LONG = 1200
SETTLED = {"available", "deploy failed", "error", "clean failed"}


@pytest.fixture(scope="module")
def ironic(cloud):
    return logins.whole_system(cloud).baremetal


@pytest.fixture
def well(ironic, machines) -> Iterator[None]:
    """Before, and again after the test, the machine is there to be used.

    It is off: a ramdisk that still runs would be used again, and nothing of all this be met.
    """
    until(lambda: _pooled(ironic), "in the pool", seconds=LONG)
    ironic.set_node_power_state(NAME, "power off")
    until(lambda: ironic.get_node(NAME).power_state == "power off", "off", seconds=LONG)
    yield
    until(lambda: _pooled(ironic), "in the pool again", seconds=LONG)


@pytest.mark.parametrize("name", CONTROLLER)
def test_ironic_notices_and_takes_it_back(name, well, ironic, on_site):
    fault = CONTROLLER[name]
    with _broken(fault):
        until(lambda: ironic.get_node(NAME).fault, "noticed", seconds=LONG)
        shown = on_site("hardware", "show", NAME).stdout
        listed = on_site("hardware", "list").stdout
        said = on_site("verify", "--only", "bare-metal*", "--output", "json", code=7).stdout
    assert re.search(fault.says, shown), shown
    assert f"{NAME}  baremetal  STEADY  available, power failure" in listed
    (result,) = json.loads(said)["results"]
    assert re.search(fault.says, result["cause"])
    assert result["fix"]
    until(lambda: not ironic.get_node(NAME).is_maintenance, "taken back", seconds=LONG)
    on_site("verify", "--only", "bare-metal*")


@pytest.mark.parametrize("name", DEPLOY)
def test_an_experiment_fails_and_says_why(name, well, ironic, cloud, lab, artifacts):
    image = cloud.image.find_image(metal.IMAGE, ignore_missing=False).id
    fault = DEPLOY[name]
    with _broken(fault, ironic, image) as repair:
        results = _experiment(cloud, lab, repair)
    (artifacts / f"{name.replace(' ', '-')}.json").write_text(
        json.dumps([vars(each) | {"picture": ""} for each in results], indent=1, default=str)
    )
    failed = next(each for each in results if each.failed)
    said = "\n".join((failed.detail, failed.cause, *failed.log))
    assert re.search(fault.says, said), said
    assert failed.fix
    # What it made is removed all the same.
    assert [each for each in results if each.failed] == [failed]


def _experiment(cloud, lab, repair) -> list[Result]:
    """One of a user's; repaired as soon as it fails, before anything is removed."""

    def tell(line: str) -> None:
        if "server deleted" in line:
            repair()

    asked = replace(rehearsal.options(lab.site.resolve(), fake=False), items=(NAME,))
    return experiment.run(cloud, asked, tell)


@contextmanager
def _broken(fault: Fault, ironic=None, image: str = "") -> Iterator:
    """Broken when it is time to, and repaired; what is yielded repairs it earlier."""
    over = threading.Event()

    def wait_and_break() -> None:
        while fault.at and ironic.get_node(NAME).provision_state != fault.at:
            if over.is_set():
                return
            time.sleep(1)
        _sh(fault.breaks.replace("IMAGE", image))

    def repair() -> None:
        if not over.is_set():
            over.set()
            thread.join()
            _sh(fault.repairs.replace("IMAGE", image))

    thread = threading.Thread(target=wait_and_break)
    thread.start()
    if not fault.at:
        thread.join()
    try:
        yield repair
    finally:
        repair()


def _sh(command: str) -> None:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _pooled(ironic) -> bool:
    node = ironic.get_node(NAME)
    return node.provision_state == "available" and not node.is_maintenance and not node.instance_id
