"""Let several processes share the tasks, and try again what failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from doni.db.migrations import steps

revision = "5c1e0f7d4ab2"
down_revision = "e58738bfc58e"


def upgrade() -> None:
    steps.convert(["hardware", "worker_task", "availability_window"])
    for table in ("hardware", "worker_task"):
        op.execute(f"UPDATE {table} SET deleted = 0 WHERE deleted IS NULL")
    op.execute("UPDATE worker_task SET state_details = '{}' WHERE state_details IS NULL")
    steps.enlarge("hardware", "properties", null=False)
    steps.enlarge("worker_task", "state_details", null=False)
    steps.enlarge("worker_task", "observed_state", null=True)
    columns: list[sa.Column[object]] = [
        sa.Column("generation", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("retry_at", sa.DateTime()),
        sa.Column("claimed_by", sa.String(255)),
        sa.Column("claimed_generation", sa.Integer()),
        sa.Column("claimed_until", sa.DateTime()),
    ]
    for column in columns:
        steps.add_column("worker_task", column)
    steps.add_index("worker_task", "worker_task_due_idx", ["state", "retry_at"])
    steps.add_index(
        "availability_window", "availability_window_hardware_uuid_idx", ["hardware_uuid"]
    )
    steps.add_index("hardware", "uniq_hardware0uuid", ["uuid"], unique=True)
    steps.add_index("hardware", "uniq_hardware0name", ["name", "deleted"], unique=True)
    steps.add_index(
        "worker_task",
        "uniq_worker_task0hardware_uuid",
        ["hardware_uuid", "worker_type"],
        unique=True,
    )
    steps.add_foreign_key("worker_task", "hardware_uuid", "hardware", "uuid", "CASCADE")
    steps.add_foreign_key("availability_window", "hardware_uuid", "hardware", "uuid")
    # Items that are deleted have no windows any more: those left would keep their leases alive.
    op.execute(
        "DELETE FROM availability_window WHERE hardware_uuid IN "
        "(SELECT uuid FROM hardware WHERE deleted <> 0)"
    )
    # What failed before was never tried again. A moment long past is due in any time zone.
    op.execute("UPDATE worker_task SET retry_at = '2000-01-01 00:00:00' WHERE state = 'ERROR'")
