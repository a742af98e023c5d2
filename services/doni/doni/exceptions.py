"""What can go wrong, each with its HTTP status and a message for people."""

from __future__ import annotations


class DoniError(Exception):
    """A problem whose message may be shown to the caller.

    Messages never hold values of properties: those may be secrets.
    """

    code = 500


class Invalid(DoniError):
    """The request does not make sense."""

    code = 400


class Unauthenticated(DoniError):
    """Nobody, or nobody known, is asking."""

    code = 401


class Forbidden(DoniError):
    """The caller may not do this."""

    code = 403


class NotFound(DoniError):
    """What is asked for is not there."""

    code = 404


class Conflict(DoniError):
    """The request does not go together with what is there."""

    code = 409


class HardwareNotFound(NotFound):
    """No live hardware has this uuid."""

    def __init__(self, uuid: str) -> None:
        super().__init__(f"Hardware {uuid} could not be found.")


class DuplicateName(Conflict):
    """Another live item has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Hardware with name {name} already exists.")
