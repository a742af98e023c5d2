"""Windows of an item become leases of Doni's own project, so that nobody else gets the item."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from doni.workers.base import Window
from doni.workers.blazar import listing, spans, times
from doni.workers.blazar.listing import Lease, Leases
from doni.workers.blazar.spans import Span
from doni.workers.blazar.users import Users
from doni.workers.client import Client, Reply, ServiceError

FULL = ("Not enough hosts available", "devices available", "Invalid lease status")
"""What Blazar says, as an error of its own, of things that only need time."""

LATE = "Start date must be later than current date"

SHOWN = 5
"""Refused windows that are told of one by one."""


@dataclass(frozen=True)
class Kind:
    """What Blazar calls things of one kind; ``path`` is that of their list.

    ``reservation`` is what reservations of it hold besides the usual.
    """

    name: str
    names: str
    path: str
    resource_type: str
    reservation: dict[str, Any]


class Calendar:
    """Leases for the windows of all items of a kind."""

    def __init__(self, client: Client, leases: Leases, kind: Kind) -> None:
        self._client = client
        self._leases = leases
        self._kind = kind

    def run(self, uuid: str, resource_id: str | None, written_at: str | None) -> Run:
        """What brings the leases of one item in line.

        ``written_at`` is when an earlier run last changed some of them.
        """
        users = Users(self._client, self._leases, self._kind.path, resource_id)
        after = datetime.datetime.fromisoformat(written_at) if written_at else None
        return Run(self._client, self._leases, self._kind, uuid, users, after)


class Run:
    """One go at the leases of one item. ``payload`` is what to remember, also after a failure."""

    def __init__(
        self,
        client: Client,
        leases: Leases,
        kind: Kind,
        uuid: str,
        users: Users,
        after: datetime.datetime | None,
    ) -> None:
        self._client = client
        self._leases = leases
        self._kind = kind
        self._uuid = uuid
        self._users = users
        self._after = after
        self._now = times.now()
        self._refused: list[str] = []
        self.payload: dict[str, Any] = {}

    def follow(self, windows: Iterable[Window]) -> list[str]:
        """Make, move and delete leases; what was refused, and why.

        First what makes room, then what needs it.

        Raises:
            WorkerError: Blazar fails or cannot be reached.
        """
        wanted = spans.of(windows)
        kept, surplus = self._match(wanted)
        moves: list[tuple[Lease, Span]] = []
        missing: list[Span] = []
        for span in wanted:
            lease = kept.get(span.name)
            if span.end <= self._now:
                # Over. A lease that has ended too does no harm, and goes with its window.
                if lease and lease.end > self._now:
                    surplus.append(lease)
            elif lease is None:
                missing.append(span)
            elif self._must_be_new(lease, span):
                surplus.append(lease)
                missing.append(span)
            elif not self._agrees(lease, span):
                moves.append((lease, span))
        for lease in surplus:
            self._delete(lease)
        self._move_all(moves)
        for span in missing:
            self._create(span)
        return self._told()

    def users(self) -> str:
        """Whose leases keep the item, for people; empty if nobody's are known."""
        return self._users.told(self._now, None)

    def _match(self, wanted: Sequence[Span]) -> tuple[dict[str, Lease], list[Lease]]:
        """Leases of Doni by name, and those that are not wanted."""
        names = {span.name for span in wanted}
        kept: dict[str, Lease] = {}
        surplus = []
        for lease in self._leases.asking_for(self._uuid, self._after):
            if not self._leases.is_ours(lease):
                continue
            if lease.name in names and lease.name not in kept:
                kept[lease.name] = lease
            else:
                surplus.append(lease)
        return kept, surplus

    def _must_be_new(self, lease: Lease, span: Span) -> bool:
        """Blazar does not revive what has ended or failed, nor lets begin later what has begun."""
        begun, ended = lease.start <= self._now, lease.end <= self._now
        return ended or (begun and span.start > self._now) or lease.status == "ERROR"

    def _agrees(self, lease: Lease, span: Span) -> bool:
        begun = lease.start <= self._now and span.start <= self._now
        return (begun or lease.start == span.start) and lease.end == span.end

    def _create(self, span: Span) -> None:
        reply = self._write("POST", "/leases", self._body(span))
        if isinstance(reply, str):
            self._refuse(span, reply)
        else:
            # What Blazar keeps, in case it is not what was asked for.
            self._leases.put(listing.lease(reply.body["lease"]))

    def _move_all(self, moves: list[tuple[Lease, Span]]) -> None:
        """Move leases, again as long as one makes room for another."""
        left = sorted(moves, key=_turn)
        while left:
            refused = [(move, reason) for move in left if (reason := self._move(*move))]
            if len(refused) == len(left):
                for (_, span), reason in refused:
                    self._refuse(span, reason)
                return
            left = [move for move, _ in refused]

    def _move(self, lease: Lease, span: Span) -> str | None:
        """Move a lease; why that cannot be done yet, if so."""
        body = {"name": span.name, "end_date": times.text(span.end)}
        start = lease.start
        if lease.start > self._now:
            body["start_date"] = self._start(span)
            start = max(span.start, self._now)
        reply = self._write("PUT", f"/leases/{lease.id}", body)
        if isinstance(reply, str):
            return reply
        self._leases.move(lease, start, span.end)
        return None

    def _write(self, method: str, path: str, body: dict[str, Any]) -> Reply | str:
        """The answer, or why Blazar refuses for now.

        Raises:
            WorkerError: Blazar fails in a way that is worth an error.
        """
        self._note()
        reply = self._client.request(method, path, json=body, allow=(400, 404, 409, 500))
        if reply.code == 400 and LATE in reply.text and body.get("start_date") != times.NOW:
            # It took longer than a minute to get there.
            body["start_date"] = times.NOW
            reply = self._client.request(method, path, json=body, allow=(400, 404, 409, 500))
        if reply.code < 400:
            return reply
        if reply.code == 404:
            return f"Resource not found ({reply.text})"
        if reply.code == 409:
            return f"Conflicts with existing lease ({reply.text})"
        if reply.code == 500 and any(text in reply.text for text in FULL):
            return reply.text
        raise ServiceError(self._client.name, reply.code, reply.text)

    def _delete(self, lease: Lease) -> None:
        self._note()
        reply = self._client.request("DELETE", f"/leases/{lease.id}", allow=(404, 409, 500))
        if reply.code == 409 or (reply.code == 500 and any(text in reply.text for text in FULL)):
            self._refused.append(f"lease {lease.id} cannot be deleted yet: {reply.text}")
        elif reply.code == 500:
            raise ServiceError(self._client.name, reply.code, reply.text)
        else:
            self._leases.drop(lease.id)

    def _body(self, span: Span) -> dict[str, Any]:
        reservation = {
            "resource_type": self._kind.resource_type,
            "min": 1,
            "max": 1,
            "resource_properties": json.dumps(["==", "$uid", self._uuid]),
            **self._kind.reservation,
        }
        return {
            "name": span.name,
            "start_date": self._start(span),
            "end_date": times.text(span.end),
            "reservations": [reservation],
        }

    def _start(self, span: Span) -> str:
        """Blazar refuses a start before the current minute."""
        return times.text(span.start) if span.start > self._now else times.NOW

    def _note(self) -> None:
        """Later runs, of any process, must not rely on older lists."""
        now = datetime.datetime.now(datetime.UTC)
        self.payload["leases_written_at"] = now.isoformat(timespec="seconds")

    def _refuse(self, span: Span, reason: str) -> None:
        told = self._users.told(span.start, span.end) if len(self._refused) < SHOWN else ""
        self._refused.append(f"window {span}: {reason}{told}")

    def _told(self) -> list[str]:
        more = len(self._refused) - SHOWN
        return self._refused[:SHOWN] + ([f"and {more} more"] if more > 0 else [])


def _turn(move: tuple[Lease, Span]) -> tuple[int, float]:
    """When it is the turn of a move, so that leases seldom are in each other's way.

    First those that shrink, then those that go to later times, the last of them first.
    """
    lease, span = move
    if lease.start <= span.start and span.end <= lease.end:
        return 0, 0.0
    if span.start > lease.start:
        return 1, -span.start.timestamp()
    return 2, span.start.timestamp()
