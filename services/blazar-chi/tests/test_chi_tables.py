"""The tables of networks, in MariaDB and SQLite."""

from __future__ import annotations

import pathlib

import pytest
import schema
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from blazar.db.sqlalchemy import models
from blazar_chi import db_manage
from blazar_chi.networks import models as network_models

OURS = {
    table.name
    for table in network_models.Segment.metadata.sorted_tables
    if table.name.startswith("chi_")
}
BOTH = pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)]
)


@pytest.fixture
def file(database: str, tmp_path: pathlib.Path) -> pathlib.Path:
    """A configuration that names an empty database."""
    file = tmp_path / "blazar.conf"
    file.write_text(f"[database]\nconnection = {database}\n")
    return file


def _run(file: pathlib.Path, *words: str) -> int:
    return db_manage.main(["--config-file", str(file), *words])


def _tables(database: str) -> set[str]:
    return set(sa.inspect(sa.create_engine(database)).get_table_names())


@BOTH
def test_the_program_makes_the_tables_and_does_nothing_the_second_time(
    kind: str, database: str, file: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema.blazars_own(database, file)
    before = _tables(database)
    _run(file, "current")
    assert _run(file, "upgrade", "head") == 0
    assert _tables(database) - before == OURS | {db_manage.VERSION_TABLE}
    assert _run(file, "upgrade") == 0
    _run(file, "current")
    assert capsys.readouterr().out.split() == ["none", "3f1c9a7e52d4"]


@BOTH
def test_the_tables_are_as_the_code_has_them(kind: str, database: str, file: pathlib.Path) -> None:
    schema.all_of_it(database, file)
    with sa.create_engine(database).connect() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in OURS}
        options["include_object"] = lambda thing, name, kind, *_: kind != "table" or name in OURS
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models.Lease.metadata) == []


@BOTH
def test_an_upgrade_that_was_interrupted_is_completed(
    kind: str, database: str, file: pathlib.Path
) -> None:
    schema.all_of_it(database, file)
    with sa.create_engine(database).begin() as connection:
        connection.execute(sa.text(f"DELETE FROM {db_manage.VERSION_TABLE}"))
        connection.execute(sa.text("DROP TABLE chi_network_reservations"))
    db_manage.upgrade(database)
    assert _tables(database) >= OURS


@BOTH
def test_the_tables_need_those_of_blazar(kind: str, database: str, file: pathlib.Path) -> None:
    with pytest.raises(SystemExit, match="blazar-db-manage upgrade head"):
        _run(file, "upgrade", "head")
    assert not _tables(database) & OURS


@pytest.mark.mariadb
def test_a_database_of_another_character_set_is_no_problem(
    database: str, file: pathlib.Path
) -> None:
    name = database.partition("@/")[2].partition("?")[0]
    with sa.create_engine(database).begin() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} CHARACTER SET utf8mb3"))
    schema.blazars_own(database, file)
    with sa.create_engine(database).begin() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} CHARACTER SET utf8mb4"))
    db_manage.upgrade(database)
    assert _tables(database) >= OURS
