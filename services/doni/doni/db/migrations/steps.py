"""Steps that look before they act.

MariaDB cannot undo half a migration, and old databases differ in names: what is there stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

CHARSET = "utf8mb4"
COLLATION = "utf8mb4_bin"


def is_mysql() -> bool:
    """Whether the database is MariaDB or MySQL."""
    return op.get_bind().dialect.name in ("mysql", "mariadb")


def has_table(table: str) -> bool:
    """Whether the table is there."""
    return sa.inspect(op.get_bind()).has_table(table)


def add_column(table: str, column: sa.Column[object]) -> None:
    """Add a column unless there is one of the name."""
    if column.name not in {known["name"] for known in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)


def add_index(table: str, name: str, columns: Sequence[str], unique: bool = False) -> None:
    """Add an index unless one, of whatever name, serves for the same."""
    inspector = sa.inspect(op.get_bind())
    found = [
        list(map(str, known["column_names"]))
        for known in inspector.get_indexes(table)
        if known["unique"] or not unique
    ]
    found += [known["column_names"] for known in inspector.get_unique_constraints(table)]
    if not any(list(columns) == known[: None if unique else len(columns)] for known in found):
        op.create_index(name, table, list(columns), unique=unique)


def convert(tables: Sequence[str]) -> None:
    """Have text of all languages fit, and compare by its characters as SQLite does.

    Foreign keys that are in the way are gone afterwards, see ``add_foreign_key``.
    """
    if not is_mysql():
        return
    found = op.get_bind().execute(
        sa.text(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND collation_name <> :collation"
        ),
        {"collation": COLLATION},
    )
    wanted = {name for (name,) in found} & set(tables)
    # Both columns of a foreign key must be of one character set.
    for table in tables if wanted else ():
        for key in sa.inspect(op.get_bind()).get_foreign_keys(table):
            op.drop_constraint(str(key["name"]), table, type_="foreignkey")
    for table in sorted(wanted):
        op.execute(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET {CHARSET} COLLATE {COLLATION}")


def add_foreign_key(table: str, column: str, other: str, referred: str, ondelete: str = "") -> None:
    """Have a column refer to that of another table, unless it does already."""
    known = sa.inspect(op.get_bind()).get_foreign_keys(table)
    if is_mysql() and not any([column] == key["constrained_columns"] for key in known):
        op.create_foreign_key(None, table, other, [column], [referred], ondelete=ondelete or None)


def enlarge(table: str, column: str, null: bool) -> None:
    """Have texts above 64 kB fit."""
    if is_mysql():
        op.execute(
            f"ALTER TABLE `{table}` MODIFY `{column}` MEDIUMTEXT "
            f"CHARACTER SET {CHARSET} COLLATE {COLLATION} {'NULL' if null else 'NOT NULL'}"
        )
