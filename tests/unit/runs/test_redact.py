from __future__ import annotations

import base64
import json
import time
import urllib.parse

from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.runs.redact import MASK, Redactor

secret = st.text(min_size=6, max_size=40).filter(
    lambda value: len(value.strip()) >= 6 and "*" not in value
)
utf8 = secret.filter(lambda value: all(not 0xD800 <= ord(char) <= 0xDFFF for char in value))


@given(st.lists(secret, min_size=1, max_size=5), st.data())
def test_no_secret_is_left_in_text(values: list[str], data: st.DataObject) -> None:
    filler = st.text(max_size=10)
    text = "".join(data.draw(filler) + value for value in values) + data.draw(filler)
    shown = Redactor(values).text(text)
    assert not [value for value in values if value in shown]


@given(utf8, st.binary(max_size=5), st.binary(max_size=5))
def test_no_encoding_betrays_a_secret(value: str, before: bytes, after: bytes) -> None:
    redact = Redactor([value]).text
    assert json.dumps(value)[1:-1] not in redact(json.dumps({"k": value}))
    assert urllib.parse.quote(value, safe="") not in redact(urllib.parse.quote(value, safe=""))
    assert urllib.parse.quote_plus(value) not in redact(urllib.parse.quote_plus(value))
    assert MASK in redact(base64.b64encode(before + value.encode() + after).decode())
    assert MASK in redact(base64.urlsafe_b64encode(before + value.encode() + after).decode())


@given(st.recursive(secret, lambda inner: st.lists(inner) | st.dictionaries(secret, inner)))
def test_nested_structures_keep_their_shape(value: object) -> None:
    canary = "canary-5up3r"
    redact = Redactor([canary])
    shown = redact({"a": [value, canary, 1, None], canary: {"b": f"x{canary}y"}})
    assert canary not in json.dumps(shown)
    assert shown["a"][1:] == [MASK, 1, None]
    assert shown[MASK] == {"b": f"x{MASK}y"}


def test_the_longest_secret_wins() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("<secret-and-more>") == f"<{MASK}>"


def test_short_values_and_plain_text_are_left_alone() -> None:
    assert Redactor(["abc", "", "******"]).text("abc ****** text") == "abc ****** text"


def test_each_line_of_a_private_key_is_secret() -> None:
    lines = [
        "-----BEGIN KEY-----",
        "MIIEpAIBAAKCAQEA7",
        "bm9ib2R5IHJlYWRzIHRoaXM",
        "-----END KEY-----",
    ]
    redact = Redactor(["\n".join(lines) + "\n"])
    assert redact("\n".join(lines)) == MASK
    assert redact(lines[1:3]) == [MASK, MASK]


def test_values_learned_later_count() -> None:
    redact = Redactor()
    assert redact("later-on") == "later-on"
    redact.add(["later-on"])
    assert redact("later-on") == MASK


def test_two_hundred_values_are_fast() -> None:
    redact = Redactor(f"{number:x}-pass-{number * 7919:x}!/&" for number in range(200))
    event = {"msg": "TASK nova : Copying over nova.conf " * 30}
    began = time.perf_counter()
    for _ in range(200):
        redact(event)
    assert time.perf_counter() - began < 1.0
