"""Make the tables: hardware, its availability windows, and the tasks of the workers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from doni.db.migrations import steps

revision = "868606f1faff"
down_revision = None

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": steps.CHARSET,
    "mysql_collate": steps.COLLATION,
}


def _times() -> list[sa.Column[object]]:
    return [sa.Column("created_at", sa.DateTime()), sa.Column("updated_at", sa.DateTime())]


def _deletion() -> list[sa.Column[object]]:
    return [
        sa.Column("deleted_at", sa.DateTime()),
        sa.Column("deleted", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    if not steps.has_table("hardware"):
        op.create_table(
            "hardware",
            *_times(),
            *_deletion(),
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("uuid", sa.String(36), nullable=False),
            sa.Column("project_id", sa.String(255), nullable=False),
            sa.Column("hardware_type", sa.String(64), nullable=False),
            sa.Column("name", sa.String(255), nullable=False),
            sa.Column("properties", sa.Text(), nullable=False),
            sa.UniqueConstraint("uuid", name="uniq_hardware0uuid"),
            sa.UniqueConstraint("name", "deleted", name="uniq_hardware0name"),
            **OPTIONS,
        )
    if not steps.has_table("worker_task"):
        op.create_table(
            "worker_task",
            *_times(),
            *_deletion(),
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("uuid", sa.String(36), nullable=False),
            sa.Column(
                "hardware_uuid",
                sa.String(36),
                sa.ForeignKey("hardware.uuid", ondelete="CASCADE"),
                nullable=False,
            ),
            sa.Column("worker_type", sa.String(64), nullable=False),
            sa.Column("state", sa.String(15), nullable=False),
            sa.Column("state_details", sa.Text(), nullable=False),
            sa.UniqueConstraint("uuid", name="uniq_worker_task0uuid"),
            sa.UniqueConstraint(
                "hardware_uuid", "worker_type", name="uniq_worker_task0hardware_uuid"
            ),
            **OPTIONS,
        )
    if not steps.has_table("availability_window"):
        op.create_table(
            "availability_window",
            *_times(),
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("uuid", sa.String(36), nullable=False),
            sa.Column(
                "hardware_uuid", sa.String(36), sa.ForeignKey("hardware.uuid"), nullable=False
            ),
            sa.Column("start", sa.DateTime()),
            sa.Column("end", sa.DateTime()),
            sa.UniqueConstraint("uuid", name="uniq_availability_window0uuid"),
            sa.Index("availability_window_hardware_uuid_idx", "hardware_uuid"),
            **OPTIONS,
        )
