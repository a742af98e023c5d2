"""The tables of network segments and their reservations, beside Blazar's own.

They are of Blazar's declarative base, so that what belongs to a reservation is loaded and deleted
with it. Blazar's helpers for leases know nothing of them: see ``blazar_chi.networks.leases``.
"""

from __future__ import annotations

import sqlalchemy as sa
from blazar.db.sqlalchemy import model_base, models
from sqlalchemy.orm import backref, relationship

SHOWN = (
    "network_id",
    "network_name",
    "network_description",
    "network_properties",
    "resource_properties",
    "before_end",
)
"""What a lease shows of its reservation of a network."""


def _key(to: str) -> sa.Column[str]:
    return sa.Column(sa.String(36), sa.ForeignKey(to, ondelete="CASCADE"), nullable=False)


class Segment(model_base.BlazarBase):
    """A segment of a physical network that leases may have."""

    __tablename__ = "chi_network_segments"
    __table_args__ = (
        sa.UniqueConstraint(
            "network_type", "physical_network", "segment_id", name="uniq_chi_network_segments0id"
        ),
    )

    id = models._id_column()
    network_type = sa.Column(sa.String(32), nullable=False)
    # Empty for tunnels: two NULLs would not be the same.
    physical_network = sa.Column(sa.String(64), nullable=False, server_default="")
    segment_id = sa.Column(sa.Integer, nullable=False)


class SegmentCapability(model_base.BlazarBase):
    """Something else that is known of a segment."""

    __tablename__ = "chi_network_segment_capabilities"
    __table_args__ = (
        sa.UniqueConstraint(
            "segment_key", "property_id", name="uniq_chi_network_segment_capabilities0property"
        ),
    )

    id = models._id_column()
    segment_key = _key("chi_network_segments.id")
    property_id = sa.Column(sa.String(36), sa.ForeignKey("resource_properties.id"), nullable=False)
    capability_value = sa.Column(models.MediumText(), nullable=False)


class SegmentAllocation(model_base.BlazarBase):
    """A segment that a reservation has."""

    __tablename__ = "chi_network_allocations"

    id = models._id_column()
    # A segment that is allotted cannot be deleted.
    segment_key = sa.Column(sa.String(36), sa.ForeignKey("chi_network_segments.id"), nullable=False)
    reservation_id = _key("reservations.id")
    reservation = relationship(
        models.Reservation, backref=backref("chi_network_allocations", cascade="all, delete")
    )


class NetworkReservation(model_base.BlazarBase):
    """What a reservation asks for, and the network in Neutron that it became."""

    __tablename__ = "chi_network_reservations"

    id = models._id_column()
    reservation_id = _key("reservations.id")
    network_name = sa.Column(sa.String(255), nullable=False)
    network_description = sa.Column(models.MediumText(), nullable=False)
    network_properties = sa.Column(models.MediumText(), nullable=False)
    resource_properties = sa.Column(models.MediumText(), nullable=False)
    before_end = sa.Column(sa.String(36), nullable=False)
    network_id = sa.Column(sa.String(36))
    # Whether Neutron was asked for the network: it may be there though its id is not here.
    requested = sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    reservation = relationship(
        models.Reservation,
        backref=backref(
            "chi_network_reservation", uselist=False, cascade="all, delete", lazy="joined"
        ),
    )
