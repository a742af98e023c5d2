"""Transactions."""

from __future__ import annotations

import threading

import pytest
import stored
from doni.db import session
from doni.db.models import Hardware
from oslo_config import cfg
from oslo_db import exception as db_exc
from sqlalchemy import text

pytestmark = pytest.mark.usefixtures("schema")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_writers_that_read_first_lose_no_update() -> None:
    stored.item(properties={"n": 0})

    def increment() -> None:
        for _ in range(10):
            with session.writer() as db:
                row = db.query(Hardware).one()
                row.properties = {"n": row.properties["n"] + 1}

    threads = [threading.Thread(target=increment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with session.reader() as db:
        assert db.query(Hardware).one().properties == {"n": 80}


def test_writer_that_raises_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError), session.writer() as db:
        db.add(Hardware(project_id="p", hardware_type="t", name="n", properties={}))
        db.flush()
        raise ZeroDivisionError
    with session.reader() as db:
        assert db.query(Hardware).count() == 0


def test_all_characters_fit() -> None:
    name = "r\u00e4ck \U0001f600 \u4e2d"
    stored.item(name=name, properties={"x": name})
    with session.reader() as db:
        row = db.query(Hardware).one()
        assert (row.name, row.properties) == (name, {"x": name})


def test_names_differ_by_case() -> None:
    stored.item(name="a")
    stored.item(name="A")
    with pytest.raises(db_exc.DBDuplicateEntry):
        stored.item(name="a")


def test_errors_do_not_show_what_was_stored() -> None:
    with pytest.raises(session.ERRORS) as caught, session.writer() as db:
        db.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_deadlocks_are_tried_again() -> None:
    tries = []

    @session.retried
    def once() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise db_exc.DBDeadlock
        return "done"

    assert once() == "done"


@pytest.mark.parametrize("max_retries", [0, 10])
@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_isolation_and_character_set(conf: cfg.ConfigOpts, max_retries: int) -> None:
    # With retries, oslo.db connects once before anybody else can.
    conf.set_override("max_retries", max_retries, group="database")
    session.configure(conf)
    with session.reader() as db:
        row = db.execute(text("SELECT @@tx_isolation, @@character_set_connection")).one()
    assert tuple(row) == ("READ-COMMITTED", "utf8mb4")
