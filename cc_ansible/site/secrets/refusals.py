"""What a secrets server or the network says no with, in words an admin can use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError, SiteInvalid

if TYPE_CHECKING:
    import hvac

    from cc_ansible.site.secrets.login import Login

REFUSES = "cannot do what was asked"


@contextlib.contextmanager
def explained(login: Login, client: hvac.Client) -> Iterator[None]:
    """Turn errors of the server and the network into ours.

    :raises SiteInvalid: the server refuses, or its certificate is not trusted.
    :raises CcError: the server cannot be reached or used.
    """
    import requests
    from hvac import exceptions

    try:
        yield
    except exceptions.VaultDown as error:
        raise _unusable(login, "is sealed or in maintenance", error) from None
    except (exceptions.Forbidden, exceptions.Unauthorized) as error:
        fresh = login.settings.auth.method == "approle"
        valid = not _at_login(error) and (fresh or _is_valid(client))
        raise _denied(login, error, valid=valid) from None
    except exceptions.VaultError as error:
        if isinstance(error, exceptions.InvalidRequest) and _at_login(error):
            raise _denied(login, error, valid=False) from None
        raise _unusable(login, REFUSES, error) from None
    except requests.exceptions.SSLError as error:
        raise SiteInvalid(
            f"The certificate of {login.url} is not trusted.",
            detail=_cause(error),
            fix="Set secrets.ca_cert to the certificate of its authority.",
            origin=login.origin,
        ) from None
    except requests.exceptions.RequestException as error:
        raise CcError(
            f"The secrets server {login.url} cannot be reached.",
            detail=_cause(error),
            fix="Check that it runs and that the URL is right (secrets.url, or "
            f"{login.prefixes[0]}ADDR).",
            origin=login.origin,
        ) from None


def _denied(login: Login, error: Any, *, valid: bool) -> SiteInvalid:
    if not valid:
        what = "does not accept the login"
        fix = "Check what secrets.auth names; a token or secret id may have expired."
    else:
        what = "denies access"
        fix = (
            "Give the policy of this login `read`, and `create` and `update` for changes, on "
            f"`{login.settings.mount}/data/{login.settings.path}`; or log in as another."
        )
    return SiteInvalid(
        f"The secrets server {what}.",
        detail=f"{error.method} {error.url}: {_said(error)}",
        fix=fix,
        origin=login.origin,
    )


def _unusable(login: Login, what: str, error: Any) -> CcError:
    return CcError(
        f"The secrets server {what}.",
        detail=f"{error.method} {error.url}: {_said(error)}",
        fix=f"See its log, and `status` of its command line with {login.prefixes[0]}ADDR="
        f"{login.url}.",
    )


def _at_login(error: Any) -> bool:
    return "/auth/" in str(error.url)


def _is_valid(client: hvac.Client) -> bool:
    """Whether the server knows the token; it says no more of a denial than that it is one."""
    from hvac import exceptions

    try:
        client.auth.token.lookup_self()
    except exceptions.VaultError:
        return False
    return True


def _said(error: Any) -> str:
    return ", ".join(error.errors or []) or str(error.args[0] or "no reason given")


def _cause(error: BaseException) -> str:
    """The innermost reason; requests wraps several layers around it."""
    reason: Any = error
    while True:
        layers = [getattr(reason, "reason", None), *getattr(reason, "args", ())]
        inner = next((one for one in layers if isinstance(one, BaseException)), None)
        if inner is None:
            return str(reason)
        reason = inner
