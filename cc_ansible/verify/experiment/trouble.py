"""What goes wrong in an experiment, and what that says about the site."""

from __future__ import annotations

from cc_ansible.errors import CcError

LONGEST = 500
BUSY = frozenset({409, 429})
"""What services answer while they do something else."""


class Trouble(Exception):
    """A step failed. The attributes are those of a result."""

    def __init__(
        self,
        detail: str,
        *,
        cause: str = "",
        fix: str = "",
        log: tuple[str, ...] = (),
        picture: bytes = b"",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.cause = cause
        self.fix = fix
        self.log = log
        self.picture = picture

    def during(self, what: str) -> Trouble:
        """The same, said of a part of the step."""
        detail = f"{what}: {self.detail}"
        return Trouble(detail, cause=self.cause, fix=self.fix, log=self.log, picture=self.picture)


class NotHere(Exception):
    """A step does not concern this site; the text says why."""


def told(error: Exception) -> Trouble:
    """What an error of a client or a service says, as a trouble."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, CcError):
        lines = tuple(error.detail.splitlines())
        return Trouble(error.summary, fix=error.fix, log=lines)
    status = _status(error)
    where = str(getattr(error, "url", "") or "").partition("?")[0]
    said = _line(str(getattr(error, "details", "") or error) or repr(error))
    if status:
        asked = " ".join(word for word in (str(getattr(error, "method", "") or ""), where) if word)
        return Trouble(
            f"{asked or 'a request'} was answered with {status}: {said}",
            cause="The service refuses the request." if status < 500 else "The service fails.",
            fix="Its log says more: /var/log/kolla on the control hosts.",
        )
    if isinstance(error, _silences()):
        return Trouble(
            f"no answer: {said}",
            cause="The service does not answer.",
            fix="See that its containers run: cc-ansible verify --level quick",
        )
    return Trouble(f"{type(error).__name__}: {said}", cause="The answer was not what was expected.")


def passing(error: Exception) -> bool:
    """Whether the same question may well be answered a moment later."""
    from cc_ansible.hardware.rest import Missing, Refused

    if isinstance(error, Refused):
        return _soon(error.status)
    if isinstance(error, CcError):
        # That a service does not answer has no class of its own.
        return not isinstance(error, Missing)
    if status := _status(error):
        # Errors of the SDK with a status are errors of requests too.
        return _soon(status)
    return isinstance(error, _silences())


def _soon(status: int) -> bool:
    return status in BUSY or status >= 500


def _status(error: Exception) -> int:
    """The status of HTTP; 0 when it is of something else. Clients name it differently."""
    for name in ("status_code", "http_status"):
        value = getattr(error, name, None)
        if isinstance(value, int):
            return value
    return 0


def _silences() -> tuple[type[Exception], ...]:
    from keystoneauth1.exceptions import ConnectionError as Silence
    from requests.exceptions import RequestException

    return (Silence, RequestException)


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
