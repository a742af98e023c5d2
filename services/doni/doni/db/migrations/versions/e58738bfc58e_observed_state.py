"""Keep what a worker last saw of an item."""

from __future__ import annotations

import sqlalchemy as sa

from doni.db.migrations import steps

revision = "e58738bfc58e"
down_revision = "868606f1faff"


def upgrade() -> None:
    steps.add_column("worker_task", sa.Column("observed_state", sa.Text()))
