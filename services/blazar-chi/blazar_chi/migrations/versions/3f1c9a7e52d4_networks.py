"""Reservable network segments.

MariaDB keeps what a migration made that was interrupted: what is there stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "3f1c9a7e52d4"
down_revision = None

LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    options = _like_reservations()

    def table(name: str, *parts: sa.schema.SchemaItem) -> None:
        stamps = (sa.Column("created_at", sa.DateTime()), sa.Column("updated_at", sa.DateTime()))
        key = sa.Column("id", sa.String(36), primary_key=True)
        op.create_table(name, *stamps, key, *parts, if_not_exists=True, **options)

    table(
        "chi_network_segments",
        sa.Column("network_type", sa.String(32), nullable=False),
        sa.Column("physical_network", sa.String(64), nullable=False, server_default=""),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "network_type", "physical_network", "segment_id", name="uniq_chi_network_segments0id"
        ),
    )
    table(
        "chi_network_segment_capabilities",
        _key("segment_key", "chi_network_segments.id", "CASCADE"),
        sa.Column(
            "property_id", sa.String(36), sa.ForeignKey("resource_properties.id"), nullable=False
        ),
        sa.Column("capability_value", LONG_TEXT, nullable=False),
        sa.UniqueConstraint(
            "segment_key", "property_id", name="uniq_chi_network_segment_capabilities0property"
        ),
    )
    table(
        "chi_network_allocations",
        _key("segment_key", "chi_network_segments.id"),
        _key("reservation_id", "reservations.id", "CASCADE"),
    )
    table(
        "chi_network_reservations",
        _key("reservation_id", "reservations.id", "CASCADE"),
        sa.Column("network_name", sa.String(255), nullable=False),
        sa.Column("network_description", LONG_TEXT, nullable=False),
        sa.Column("network_properties", LONG_TEXT, nullable=False),
        sa.Column("resource_properties", LONG_TEXT, nullable=False),
        sa.Column("before_end", sa.String(36), nullable=False),
        sa.Column("network_id", sa.String(36)),
        sa.Column("requested", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _key(name: str, to: str, ondelete: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), sa.ForeignKey(to, ondelete=ondelete), nullable=False)


def _like_reservations() -> dict[str, str]:
    """The character set of Blazar's tables: keys that refer to each other must be of one."""
    bind = op.get_bind()
    if bind.dialect.name not in ("mysql", "mariadb"):
        return {}
    query = sa.text(
        "SELECT character_set_name, collation_name FROM information_schema.columns WHERE "
        "table_schema = DATABASE() AND table_name = 'reservations' AND column_name = 'id'"
    )
    charset, collation = bind.execute(query).one()
    return {"mysql_engine": "InnoDB", "mysql_charset": charset, "mysql_collate": collation}
