"""Databases of earlier versions, and what they come to."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from doni.db import migration, session
from doni.db.models import AvailabilityWindow, Base, Hardware, WorkerTask
from doni.exceptions import Conflict
from oslo_config import cfg
from private_mariadb import PrivateMariaDB
from sqlalchemy import inspect, select, text

OLD = ["868606f1faff", "e58738bfc58e"]

ROWS = """
INSERT INTO hardware (id, uuid, project_id, hardware_type, name, properties, deleted) VALUES
 (1, 'u1', 'p', 'baremetal', 'node 1', '{"cpu_arch": "x86_64"}', 0),
 (2, 'u2', 'p', 'baremetal', 'node 1', '{}', 2);
INSERT INTO worker_task (id, uuid, hardware_uuid, worker_type, state, state_details, deleted) VALUES
 (1, 't1', 'u1', 'ironic', 'STEADY', '{"created_at": "x"}', 0),
 (2, 't2', 'u1', 'blazar.physical_host', 'ERROR', '{"last_error": "no"}', 0),
 (3, 't3', 'u2', 'ironic', 'IN_PROGRESS', '{}', 0);
INSERT INTO availability_window (id, uuid, hardware_uuid) VALUES (1, 'w1', 'u1'), (2, 'w2', 'u2')
"""


def _execute(statements: str) -> None:
    with session.engine().begin() as connection:
        for statement in statements.split(";"):
            if statement.strip():
                connection.execute(text(statement))


def _differences() -> list[object]:
    with session.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def _check_data() -> None:
    with session.reader() as db:
        items = {item.id: item for item in db.scalars(select(Hardware))}
        assert items[1].properties == {"cpu_arch": "x86_64"}
        assert items[2].deleted == 2
        tasks = {task.id: task for task in db.scalars(select(WorkerTask))}
        assert tasks[1].state_details == {"created_at": "x"}
        assert tasks[1].retry_at is None
        assert tasks[1].observed_state is None
        assert tasks[1].generation == tasks[1].attempts == 0
        # What failed is tried again, what was left behind is taken over.
        assert tasks[2].retry_at is not None
        assert tasks[3].claimed_until is None
        windows = db.scalars(select(AvailabilityWindow.uuid)).all()
        assert windows == ["w1"]


def test_upgrade_of_nothing_gives_what_the_models_say(conf: cfg.ConfigOpts) -> None:
    assert migration.version() is None
    migration.upgrade()
    assert migration.version() == migration.head() == "5c1e0f7d4ab2"
    assert _differences() == []
    migration.upgrade()


def test_created_schema_is_that_of_the_newest_revision(conf: cfg.ConfigOpts) -> None:
    migration.create_schema()
    assert migration.version() == migration.head()
    assert _differences() == []
    with pytest.raises(Conflict):
        migration.create_schema()


@pytest.mark.parametrize("revision", OLD)
def test_old_databases_are_upgraded_with_their_data(conf: cfg.ConfigOpts, revision: str) -> None:
    migration.upgrade(revision)
    _execute(ROWS)
    migration.upgrade()
    _check_data()
    assert _differences() == []


def test_upgrade_that_was_cut_short_is_completed(conf: cfg.ConfigOpts) -> None:
    migration.upgrade("e58738bfc58e")
    _execute(ROWS + "; ALTER TABLE worker_task ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")
    _execute("CREATE INDEX worker_task_due_idx ON worker_task (state)")
    _execute("DROP INDEX worker_task_due_idx " + ("ON worker_task" if _mysql() else ""))
    migration.upgrade()
    _check_data()
    migration.stamp("868606f1faff")
    migration.upgrade()
    _check_data()
    assert _differences() == []


def _mysql() -> bool:
    return session.engine().dialect.name == "mysql"


@pytest.mark.parametrize("revision", ["f42680f49a77", "000000000000"])
def test_other_revisions_are_refused(conf: cfg.ConfigOpts, revision: str) -> None:
    _execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    _execute(f"INSERT INTO alembic_version VALUES ('{revision}')")
    with pytest.raises(Conflict, match=revision):
        migration.upgrade()


GROWN = """
CREATE TABLE hardware (created_at DATETIME, updated_at DATETIME, deleted_at DATETIME,
 deleted INTEGER, id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36),
 project_id VARCHAR(255), hardware_type VARCHAR(64), name VARCHAR(255), properties TEXT,
 UNIQUE KEY uuid (uuid), UNIQUE KEY other (name, deleted));
CREATE TABLE worker_task (created_at DATETIME, updated_at DATETIME, deleted_at DATETIME,
 deleted INTEGER, id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36),
 hardware_uuid VARCHAR(36) NOT NULL, worker_type VARCHAR(64), state VARCHAR(15), state_details TEXT,
 observed_state LONGTEXT CHECK (json_valid(observed_state)),
 UNIQUE KEY uuid (uuid), UNIQUE KEY other (hardware_uuid, worker_type),
 CONSTRAINT a FOREIGN KEY (hardware_uuid) REFERENCES hardware (uuid) ON DELETE CASCADE);
CREATE TABLE availability_window (created_at DATETIME, updated_at DATETIME,
 id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36) NOT NULL,
 hardware_uuid VARCHAR(36) NOT NULL, start DATETIME, end DATETIME,
 CONSTRAINT b FOREIGN KEY (hardware_uuid) REFERENCES hardware (uuid));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version VALUES ('868606f1faff')
"""


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_mariadb_that_differs_in_names_and_character_set(
    conf: cfg.ConfigOpts, database: str, mariadb: PrivateMariaDB
) -> None:
    name = database.partition("@/")[2].partition("?")[0]
    mariadb.execute(f"ALTER DATABASE {name} CHARACTER SET utf8mb3")
    _execute(GROWN + ";" + ROWS)
    _execute("UPDATE worker_task SET deleted = NULL, state_details = NULL WHERE id = 3")
    migration.upgrade()
    _check_data()
    with session.writer() as db:
        db.add(
            Hardware(project_id="p", hardware_type="baremetal", name="\U0001f600", properties={})
        )
        db.add(
            Hardware(project_id="p", hardware_type="baremetal", name="\U0001f601", properties={})
        )
        big = {"x": "y" * 100_000}
        db.add(Hardware(project_id="p", hardware_type="b", name="NODE 1", properties=big))
    keys = [
        key["referred_table"]
        for table in ("worker_task", "availability_window")
        for key in inspect(session.engine()).get_foreign_keys(table)
    ]
    assert keys == ["hardware", "hardware"]
