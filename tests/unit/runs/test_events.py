from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.runs import events
from cc_ansible.runs.diff import unified
from cc_ansible.runs.events import HostResult, typed
from cc_ansible.runs.tally import Tally

from .test_diagnose import failure


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()), st.text())
def test_an_event_is_found_behind_any_text(data: dict, text: str) -> None:
    text = text.replace("\x1e", "")
    record = {**data, "event": "x"}
    assert events.decode(f"{text}\x1e{json.dumps(record)}") == (text, record)


@given(st.text())
def test_any_line_can_be_read(line: str) -> None:
    text, raw = events.decode(line)
    assert (raw is None and text == line.replace("\x1e", "")) or raw is not None


def test_broken_records_are_text() -> None:
    assert events.decode("\x1e{oops") == ("{oops", None)
    assert events.decode("\x1e[1]") == ("[1]", None)


def test_events_of_later_versions_do_not_hurt() -> None:
    assert typed({"event": "new_thing", "time": 1.5, "a": 1}).time == 1.5
    assert typed({"event": "host_ok", "host": "a", "extra": 1}) == HostResult(host="a")


def add(tally: Tally, *raws: dict) -> None:
    for raw in raws:
        tally.add(typed(raw))


def test_time_goes_to_the_role_on_whose_behalf_a_task_runs() -> None:
    now = 0.0
    tally = Tally(clock=lambda: now)
    add(tally, {"event": "play_start", "name": "p", "hosts": 2})
    for top, role, at in (("nova", "nova", 1), ("nova", "register", 3), ("glance", "glance", 9)):
        now = at
        add(tally, {"event": "task_start", "task": "t", "role": role, "top": top})
        add(tally, {"event": "host_start", "host": "a"}, {"event": "host_changed", "host": "a"})
    now = 10
    assert tally.end_section().changed == 1
    assert tally.slowest() == [("nova", 8), ("glance", 1)]
    assert tally.totals()["changed"] == tally.tasks == 3


def test_a_rescued_failure_is_none() -> None:
    tally = Tally()
    for host in ("a", "b"):
        tally.add(failure(host, msg="first"))
    tally.add(failure("b", msg="second"))
    add(tally, {"event": "stats", "hosts": {"a": {"failures": 0}, "b": {"failures": 1}}})
    assert [(item.host, item.msg) for item in tally.failures] == [("b", "second")]
    assert tally.counts["rescued"] == 2 and tally.counts["failed"] == 1


def test_differences_are_shown_as_such() -> None:
    lines = list(unified([{"before": "a\n", "after": "b\n", "after_header": "/etc/x"}]))
    assert lines == ["--- before", "+++ /etc/x", "@@ -1 +1 @@", "-a", "+b"]
    assert '+  "mode": "0600"' in list(unified([{"before": {}, "after": {"mode": "0600"}}]))
    assert list(unified([{"prepared": "x\ny"}])) == ["x", "y"]
