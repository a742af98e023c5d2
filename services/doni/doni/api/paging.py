"""Lists: which items a query asks for, and where it goes on."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import request
from oslo_utils import uuidutils

from doni.api import service
from doni.db.listing import SORT_KEYS, Wanted
from doni.exceptions import Invalid
from doni.hardware.faults import LONGEST

DIRECTIONS = ("asc", "desc")


def wanted(project_id: str | None) -> Wanted:
    """What the query of the request asks for, among the items of a project or of all.

    Raises:
        Invalid: something is wrong with it.
    """
    sort_key = request.args.get("sort_key", "id")
    if sort_key not in SORT_KEYS:
        raise Invalid(
            f"Cannot sort by {sort_key[:LONGEST]}. sort_key must be one of "
            f"{', '.join(sorted(SORT_KEYS))}"
        )
    direction = request.args.get("sort_dir", "asc")
    if direction not in DIRECTIONS:
        raise Invalid(f"sort_dir must be one of {', '.join(DIRECTIONS)}")
    marker = request.args.get("marker")
    if marker is not None and not uuidutils.is_uuid_like(marker):
        raise Invalid("marker must be the uuid of the last item of the page before")
    return Wanted(
        project_id=project_id,
        limit=_limit(request.args.get("limit")),
        marker=marker,
        sort_key=sort_key,
        descending=direction == "desc",
    )


def _limit(text: str | None) -> int:
    """Items of the page; 0 is all of them."""
    if text is None:
        return 0
    most: int = service.current().conf.api.max_limit
    if not text.isdecimal() or not text.isascii() or not text.strip("0"):
        raise Invalid("limit must be a whole number, 1 or more")
    return most if len(text) > len(str(most)) else min(int(text), most)


def links(page: Wanted, last: str) -> list[dict[str, str]]:
    """The link to the next page, of which ``last`` is the uuid of the last item before it."""
    query = {name: value for name, value in request.args.items() if name != "marker"}
    query |= {"limit": str(page.limit), "marker": last}
    root = service.current().conf.api.public_endpoint or request.url_root
    return [{"rel": "next", "href": f"{root.rstrip('/')}/v1/hardware?{urlencode(query)}"}]
