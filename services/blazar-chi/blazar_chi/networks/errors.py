"""What can go wrong with networks. Clients see the message and the code."""

from __future__ import annotations

from blazar import exceptions


class NetworkNotFound(exceptions.NotFound):
    """There is no such segment."""

    msg_fmt = "Network %(network)s not found."


class NetworkAlreadyExists(exceptions.BlazarException):
    """Blazar knows the segment already."""

    code = 409
    msg_fmt = "There is a network of this type, physical network and segment already."


class CantDeleteNetwork(exceptions.BlazarException):
    """The segment is in use."""

    code = 409
    msg_fmt = "Can't delete network %(network)s. %(msg)s"


class CantUpdateNetwork(exceptions.BlazarException):
    """The segment is in use, in a way that forbids the change."""

    code = 409
    msg_fmt = "Can't change %(keys)s of network %(network)s: it is reserved."


class NetworkCreationFailed(exceptions.BlazarException):
    """Neutron did not make the network of a reservation."""

    msg_fmt = "Neutron did not make network %(name)s of reservation %(id)s: %(msg)s"


class NetworkDeletionFailed(exceptions.BlazarException):
    """The network of a reservation could not be removed."""

    msg_fmt = "Network %(network_id)s of reservation %(id)s could not be deleted: %(msg)s"


ALL = (
    NetworkNotFound,
    NetworkAlreadyExists,
    CantDeleteNetwork,
    CantUpdateNetwork,
    NetworkCreationFailed,
    NetworkDeletionFailed,
)
