"""The tables, as they are made at a site: Blazar's own first, then those of this package."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import sqlalchemy as sa
from blazar.db.sqlalchemy import models
from blazar_chi import db_manage

PROGRAM = pathlib.Path(sys.executable).with_name("blazar-db-manage")
OURS = "chi_"


def blazars_own(url: str, file: pathlib.Path) -> None:
    """Make Blazar's tables; ``file`` is its configuration."""
    if url.startswith("mysql"):
        argv = [str(PROGRAM), "--config-file", str(file), "upgrade", "head"]
        subprocess.run(argv, check=True, capture_output=True)
        return
    # Blazar's own revisions are for MariaDB only.
    tables = models.Lease.metadata.tables
    theirs = [table for name, table in tables.items() if not name.startswith(OURS)]
    models.Lease.metadata.create_all(sa.create_engine(url), tables=theirs)


def all_of_it(url: str, file: pathlib.Path) -> None:
    """Make all tables."""
    blazars_own(url, file)
    db_manage.upgrade(url)
