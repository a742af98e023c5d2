"""One REST service of the site: requests, and what its refusals mean."""

from __future__ import annotations

import contextlib
import datetime
import json
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError
from cc_ansible.hardware.credentials import TIMEOUT

if TYPE_CHECKING:
    from requests import Response

    from cc_ansible.hardware.credentials import Cloud

LONGEST = 400


class Missing(CcError):
    """The site has no such service."""


class Refused(CcError):
    """A service answered with an error. ``status`` is that of HTTP."""

    def __init__(self, status: int, summary: str, *, detail: str = "", fix: str = "") -> None:
        super().__init__(summary, detail=detail, fix=fix)
        self.status = status


class Service:
    """A service of the catalogue, asked as admin of a project (the site's own if None).

    ``title`` is how messages call it; ``switch`` the variable that deploys it; ``version`` the
    microversion of its API.
    """

    def __init__(
        self,
        cloud: Cloud,
        kind: str,
        title: str,
        switch: str,
        project_id: str | None = None,
        version: str | None = None,
    ) -> None:
        self._cloud = cloud
        self._title = title
        self._switch = switch
        self._project_id = project_id
        self._adapter = cloud.adapter(kind, project_id, version)

    def get(self, path: str, noun: str) -> dict[str, Any]:
        """The answer to a question, which has objects in a list called ``noun``.

        :raises CcError: as :meth:`call`, or it has no such list.
        """
        body = self.call("GET", path)
        found = body.get(noun) if isinstance(body, dict) else None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise CcError(
                f"{self._title}'s answer makes no sense.",
                detail=f"GET {path.partition('?')[0]} was answered without a list of {noun}.",
            )
        return dict(body)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request, None when it has no body.

        :raises Refused: the service answered with an error.
        :raises Missing: the site has no such service.
        :raises CcError: it does not answer, or the credentials do not open it.
        """
        from keystoneauth1 import exceptions

        more = {} if body is None else {"json": body}
        try:
            # Its own log would have the secrets in a body.
            answer = self._adapter.request(path, method, log=False, **more)
        except exceptions.EndpointNotFound:
            raise self._missing() from None
        except (exceptions.Unauthorized, exceptions.Forbidden):
            raise self._no_login() from None
        except exceptions.ClientException as problem:
            raise self._silent(problem) from None
        if answer.status_code >= 400:
            raise self._refused(method, path, answer)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise CcError(f"{self._title} does not answer in JSON.", detail=answer.url) from None

    def _missing(self) -> Missing:
        return Missing(
            f"The site has no {self._title}: Keystone's catalogue does not name it.",
            fix=f"Set {self._switch}: true in defaults.yml, then: cc-ansible deploy",
        )

    def _no_login(self) -> CcError:
        if self._project_id is None:
            from keystoneauth1.exceptions import Unauthorized

            return self._cloud.refused(Unauthorized())
        return CcError(
            f"The site's admin may not act for project {self._project_id}.",
            detail="Doni gives an item to the project of whoever enrols it.",
            fix=f"openstack role add --user {self._cloud.user} --project {self._project_id} admin",
        )

    def _silent(self, problem: Exception) -> CcError:
        from keystoneauth1 import exceptions

        if isinstance(problem, exceptions.ConnectTimeout | exceptions.RequestTimeout):
            text = f"no answer within {TIMEOUT} s"
        else:
            text = (str(problem).splitlines() or [repr(problem)])[0]
        return CcError(
            f"{self._title} does not answer.",
            detail=text,
            fix="See that the site is up, and that this machine reaches its internal address.",
        )

    def _refused(self, method: str, path: str, answer: Response) -> Refused:
        status = answer.status_code
        return Refused(
            status,
            f"{self._title}: {_said(answer) or answer.reason}",
            detail=f"{method} {path.partition('?')[0]} was answered with {status}.",
            fix="Its log says more: /var/log/kolla on the control hosts." if status >= 500 else "",
        )


def moment(text: str) -> datetime.datetime:
    """A time in an answer: services that name no zone mean UTC.

    :raises ValueError: it is no time.
    """
    found = datetime.datetime.fromisoformat(text)
    return found.replace(tzinfo=datetime.UTC) if found.tzinfo is None else found


def _said(answer: Response) -> str:
    """What an error says: Doni as ``error``, Blazar in ``error_message``, Ironic in JSON there."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    said = body.get("error") or body.get("error_message") or body.get("message") or ""
    if isinstance(said, str) and said.startswith("{"):
        with contextlib.suppress(ValueError):
            said = json.loads(said)
    if isinstance(said, dict):
        said = said.get("message") or said.get("faultstring") or ""
    return " ".join(str(said).split())[:LONGEST]
