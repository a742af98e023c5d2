"""Requests to services: what is sent, and what is said when they fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from doni.workers.base import WorkerError
from doni.workers.client import Client, ServiceError
from doubles import Call, Double
from logins import reach
from oslo_config import cfg
from oslo_context import context


class Echo(Double):
    """Answers each call with what the test says."""

    reply: tuple[int, Any] = (200, {})

    def answer(self, call: Call) -> tuple[int, Any]:
        return self.reply


@pytest.fixture
def service() -> Iterator[Echo]:
    double = Echo()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def client(conf: cfg.ConfigOpts, service: Echo) -> Client:
    reach(conf, "ironic", service.url)
    return Client(conf, "ironic", "Ironic", version="v1", microversion="1.51")


def test_the_version_is_in_the_path_once(conf: cfg.ConfigOpts, service: Echo) -> None:
    for end in ("", "/", "/v1", "/v1/", "/baremetal"):
        reach(conf, "ironic", service.url + end)
        Client(conf, "ironic", "Ironic", version="v1").request("GET", "/nodes")
    paths = [call.path for call in service.calls]
    assert paths == ["/v1/nodes"] * 4 + ["/baremetal/v1/nodes"]


def test_an_empty_body_is_none(client: Client, service: Echo) -> None:
    service.reply = (204, None)
    assert client.request("DELETE", "/nodes/1").body is None
    service.reply = (404, None)
    reply = client.request("GET", "/nodes/1", allow=(404,))
    assert (reply.code, reply.body) == (404, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error_message": '{"faultcode": "Client", "faultstring": "no such"}'}, "no such"),
        ({"error_message": {"faultcode": "Client", "faultstring": "no such"}}, "no such"),
        ({"error_code": 400, "error_message": "no such", "error_name": 400}, "no such"),
        ({"error": {"code": 400, "message": "no such"}}, "no such"),
        ({"error_message": "{broken"}, "{broken"),
        ({"other": 1}, '{"other": 1}'),
        (b"<html>\n  <b>no such</b>\n</html>", "<html> <b>no such</b> </html>"),
        (b"[]", "[]"),
        (None, "Bad Request"),
    ],
)
def test_what_services_say_is_found(client: Client, service: Echo, body: Any, words: str) -> None:
    service.reply = (400, body)
    with pytest.raises(ServiceError) as caught:
        client.request("POST", "/nodes", json={})
    assert str(caught.value) == f"Ironic responded with HTTP 400: {words}"
    assert caught.value.status == 400


def test_passwords_and_long_texts_are_cut(client: Client, service: Echo) -> None:
    service.reply = (500, {"error_message": "'ipmi_password': 'calvin' " + "x" * 5000})
    with pytest.raises(ServiceError) as caught:
        client.request("POST", "/nodes", json={})
    assert "calvin" not in str(caught.value)
    assert len(str(caught.value)) < 1100


def test_no_json_is_an_error(client: Client, service: Echo) -> None:
    service.reply = (200, b"<html>")
    with pytest.raises(WorkerError, match="Malformed answer from Ironic"):
        client.request("GET", "/nodes")


def test_a_service_that_is_not_there(conf: cfg.ConfigOpts, service: Echo) -> None:
    reach(conf, "ironic", "http://127.0.0.1:9")
    client = Client(conf, "ironic", "Ironic", version="v1")
    with pytest.raises(WorkerError, match="Could not contact Ironic API"):
        client.request("POST", "/nodes", json={})


def test_a_service_that_hangs(conf: cfg.ConfigOpts, client: Client, service: Echo) -> None:
    conf.set_override("timeout", 0.1, group="ironic")
    client = Client(conf, "ironic", "Ironic", version="v1")
    service.lock.acquire()
    try:
        with pytest.raises(WorkerError, match="Could not contact Ironic API"):
            client.request("POST", "/nodes", json={})
    finally:
        service.lock.release()


class Slow(Echo):
    """Takes its time, and counts what it works on."""

    working = most = 0

    def _reply(self, call: Call) -> tuple[int, Any]:
        self.working += 1
        self.most = max(self.most, self.working)
        time.sleep(0.05)
        self.working -= 1
        return super()._reply(call)


def test_no_more_at_once_than_it_may(conf: cfg.ConfigOpts) -> None:
    service = Slow()
    service.start()
    reach(conf, "ironic", service.url)
    conf.set_override("concurrency", 2, group="ironic")
    client = Client(conf, "ironic", "Ironic", version="v1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get("/nodes"), range(8)))
    service.stop()
    assert service.most == 2


def test_only_what_may_be_repeated_is(client: Client, service: Echo) -> None:
    service.reply = (503, None)
    for method, times in (("POST", 1), ("PUT", 1), ("PATCH", 1), ("GET", 3), ("DELETE", 3)):
        service.forget()
        with pytest.raises(ServiceError):
            client.request(method, "/nodes", json=None)
        assert len(service.calls) == times, method


def test_the_request_of_this_thread_is_passed_on(client: Client, service: Echo) -> None:
    # Any request that an API test made in this thread is still there.
    context._request_store.context = None
    client.request("GET", "/nodes")
    assert "X-OpenStack-Request-ID" not in service.calls[0].headers
    current = context.RequestContext()
    current.update_store()
    try:
        client.request("GET", "/nodes")
    finally:
        context._request_store.context = None
    assert service.calls[1].headers["X-OpenStack-Request-ID"] == current.request_id


def test_nothing_that_is_sent_or_received_is_logged(
    client: Client, service: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    service.reply = (200, {"driver_info": {"ipmi_password": "calvin"}})
    with caplog.at_level(logging.DEBUG):
        client.request("POST", "/nodes", json={"ipmi_password": "hobbes"})
    assert "calvin" not in caplog.text
    assert "hobbes" not in caplog.text


def test_no_login_is_told_at_once(conf: cfg.ConfigOpts) -> None:
    with pytest.raises(cfg.RequiredOptError, match="auth_type"):
        Client(conf, "ironic", "Ironic", version="v1")
