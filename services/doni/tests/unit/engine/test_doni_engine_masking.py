"""Secrets of items in messages and logs."""

from __future__ import annotations

import base64
import io
import json
import logging
import urllib.parse
from collections.abc import Iterator

import pytest
from doni.engine import masking
from doni.hardware.fields import MASK

SECRET = 'p"a ss/w\u00f6rd+\n1'
FORMS = [
    SECRET,
    json.dumps({"x": SECRET}),
    json.dumps({"x": SECRET}, ensure_ascii=False),
    repr({"x": SECRET}),
    urllib.parse.quote(SECRET),
    urllib.parse.urlencode({"x": SECRET}),
    base64.b64encode(SECRET.encode()).decode(),
]


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_are_masked(form: str) -> None:
    with masking.secrets_of({"ipmi_password": SECRET}):
        text = masking.mask(f"before {form} after")
    assert MASK in text
    assert "rd" not in text
    assert text.startswith("before ")
    assert text.endswith(" after")


def test_nothing_is_masked_outside_nor_what_is_not_sensitive() -> None:
    with masking.secrets_of({"ipmi_username": "admin", "ipmi_password": None}):
        assert masking.mask("admin None") == "admin None"
    assert masking.mask(SECRET) == SECRET


def test_short_secrets_leave_text_readable() -> None:
    with masking.secrets_of({"ipmi_password": "1"}):
        assert masking.mask("HTTP 401, password 1, x1") == f"HTTP 401, password {MASK}, x1"


def test_longer_secrets_come_first() -> None:
    with masking.secrets_of({"ipmi_password": "root", "application_credential_secret": "root12"}):
        assert masking.mask("root12") == MASK


def test_values_within_values() -> None:
    with masking.secrets_of({"ipmi_password": {"a": ["hidden", 123456, True, ""]}}):
        assert masking.mask("hidden 123456 True") == f"{MASK} {MASK} True"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    factory = logging.getLogRecordFactory()
    masking.install()
    masking.install()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)
    logging.setLogRecordFactory(factory)


def test_logs_of_all_libraries_are_masked(log: io.StringIO) -> None:
    other = logging.getLogger("some.library")
    with masking.secrets_of({"ipmi_password": "hunter2"}):
        other.warning("sent %s and %d", {"x": "hunter2"}, 3)
        other.warning("hunter2 100%")
        other.warning("%d", "hunter2")
        try:
            try:
                raise ValueError("hunter2")
            except ValueError as error:
                raise KeyError("not hunter2") from error
        except KeyError:
            other.exception("it failed: %s", "hunter2")
    other.warning("plain %s", "hunter3")
    text = log.getvalue()
    assert "hunter2" not in text
    assert "and 3" in text
    assert f"{MASK} 100%" in text
    assert text.count("Traceback") == 2
    assert f"KeyError: 'not {MASK}'" in text
    assert "plain hunter3" in text
