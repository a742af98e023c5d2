"""Is the site up? Questions a user's first minute would ask, each answered in one line."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openstack.connection import Connection

CATALOGUE_TIMEOUT = 20


@dataclass(frozen=True)
class Result:
    """One check: whether it passed, what was seen, and how long it took (seconds)."""

    name: str
    passed: bool
    detail: str
    seconds: float


def connect(clouds_yaml: Path, cloud: str = "kolla-admin-internal") -> Connection:
    """A connection as the site's admin, from the clouds.yaml that post-deploy wrote."""
    import logging

    import openstack

    # What does not answer is said once, as the result of a check.
    logging.getLogger("keystoneauth").setLevel(logging.ERROR)
    config = openstack.config.OpenStackConfig(config_files=[str(clouds_yaml)])
    region = config.get_one(cloud=cloud)
    return openstack.connection.Connection(config=region)


def api(clouds_yaml: Path) -> list[Result]:
    """A token through the VIP, then every endpoint of the catalogue."""
    connection: list[Connection] = []

    def token() -> str:
        connection.append(connect(clouds_yaml))
        connection[0].authorize()
        return f"a token from {connection[0].config.get_auth_args()['auth_url']}"

    results = [_timed("token", token)]
    if not results[0].passed:
        return results
    for service in sorted(connection[0].service_catalog, key=lambda entry: str(entry["name"])):
        for url in sorted({endpoint["url"] for endpoint in service["endpoints"]}):
            results.append(_timed(f"endpoint {service['name']}", functools.partial(_answers, url)))
    return results


def _answers(url: str) -> str:
    """An API that refuses us politely is an API that runs."""
    import requests

    response = requests.get(url.split("%")[0], timeout=CATALOGUE_TIMEOUT, allow_redirects=False)
    if response.status_code >= 500:
        raise RuntimeError(f"{url} answers {response.status_code} {response.reason}")
    return f"{url} answers {response.status_code}"


def containers(nodes: Iterable[dict[str, Any]]) -> list[Result]:
    """Every container of every node runs and none is unhealthy."""
    results = []
    for node in nodes:
        bad = [*node["stopped"], *(f"{name} (unhealthy)" for name in node["unhealthy"])]
        detail = ", ".join(bad) if bad else f"{node['running']} containers run"
        passed = node["state"] == "running" and node["running"] > 0 and not bad
        results.append(Result(f"containers on {node['name']}", passed, detail, 0.0))
    return results


def until_passed(ask: Callable[[], list[Result]], seconds: float) -> list[Result]:
    """Ask until every check passes or ``seconds`` are over; returns the last answers."""
    deadline = time.monotonic() + seconds
    while True:
        results = ask()
        if all(result.passed for result in results) or time.monotonic() > deadline:
            return results
        time.sleep(2)


def _timed(name: str, question: Callable[[], str]) -> Result:
    start = time.monotonic()
    try:
        detail, passed = question(), True
    except Exception as error:
        detail, passed = f"{type(error).__name__}: {error}".splitlines()[0], False
    return Result(name, passed, detail, time.monotonic() - start)
