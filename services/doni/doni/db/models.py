"""The tables. Names and types of the columns are those that existing databases have."""

from __future__ import annotations

import datetime
import enum
import uuid
from typing import Any

from oslo_utils import timeutils
from sqlalchemy import DateTime, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from doni.db.types import JsonObject


class State(enum.StrEnum):
    """Where a worker is with an item."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    STEADY = "STEADY"
    ERROR = "ERROR"


def _now() -> datetime.datetime:
    """UTC without time zone, in whole seconds: what the columns hold."""
    return timeutils.utcnow().replace(microsecond=0)


def _uuid() -> str:
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """What all tables have."""

    __table_args__: Any = {
        "mysql_engine": "InnoDB",
        "mysql_charset": "utf8mb4",
        # So that names differ here where they differ in SQLite and for people.
        "mysql_collate": "utf8mb4_bin",
    }

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime.datetime | None] = mapped_column(DateTime, default=_now)
    updated_at: Mapped[datetime.datetime | None] = mapped_column(DateTime, onupdate=_now)


class Hardware(Base):
    """An item that is enrolled. A retired one keeps its row: ``deleted`` is then its id."""

    __tablename__ = "hardware"
    __table_args__ = (
        UniqueConstraint("uuid", name="uniq_hardware0uuid"),
        UniqueConstraint("name", "deleted", name="uniq_hardware0name"),
        Base.__table_args__,
    )

    uuid: Mapped[str] = mapped_column(String(36), default=_uuid)
    project_id: Mapped[str] = mapped_column(String(255))
    hardware_type: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    properties: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    deleted: Mapped[int] = mapped_column(Integer, default=0)
    deleted_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)

    tasks: Mapped[list[WorkerTask]] = relationship(
        viewonly=True, order_by="WorkerTask.worker_type", lazy="raise"
    )
    windows: Mapped[list[AvailabilityWindow]] = relationship(
        viewonly=True, order_by="AvailabilityWindow.start", lazy="raise"
    )


class AvailabilityWindow(Base):
    """A time at which an item is kept from users. UTC without time zone."""

    __tablename__ = "availability_window"
    __table_args__ = (
        UniqueConstraint("uuid", name="uniq_availability_window0uuid"),
        Index("availability_window_hardware_uuid_idx", "hardware_uuid"),
        Base.__table_args__,
    )

    uuid: Mapped[str] = mapped_column(String(36), default=_uuid)
    hardware_uuid: Mapped[str] = mapped_column(String(36), ForeignKey("hardware.uuid"))
    start: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    end: Mapped[datetime.datetime | None] = mapped_column(DateTime)


class WorkerTask(Base):
    """What one worker has to do, is doing or has done for one item.

    ``generation`` counts the wishes (a change, a sync, the retirement); ``claimed_generation`` is
    the one that the claiming process works on. A wish that arrives meanwhile makes them differ.
    ``claimed_until`` is when the claim is void because its process no longer renews it.
    """

    __tablename__ = "worker_task"
    __table_args__ = (
        UniqueConstraint("uuid", name="uniq_worker_task0uuid"),
        UniqueConstraint("hardware_uuid", "worker_type", name="uniq_worker_task0hardware_uuid"),
        Index("worker_task_due_idx", "state", "retry_at"),
        Base.__table_args__,
    )

    uuid: Mapped[str] = mapped_column(String(36), default=_uuid)
    hardware_uuid: Mapped[str] = mapped_column(
        String(36), ForeignKey("hardware.uuid", ondelete="CASCADE")
    )
    worker_type: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(15), default=State.PENDING.value)
    state_details: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)
    observed_state: Mapped[dict[str, Any] | None] = mapped_column(JsonObject(none=True))
    deleted: Mapped[int] = mapped_column(Integer, default=0)
    deleted_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)

    generation: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    retry_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(255))
    claimed_generation: Mapped[int | None] = mapped_column(Integer)
    claimed_until: Mapped[datetime.datetime | None] = mapped_column(DateTime)
