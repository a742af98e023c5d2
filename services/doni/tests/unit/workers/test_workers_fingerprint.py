"""Fingerprints of secrets."""

from __future__ import annotations

from doni.workers import fingerprint

SECRETS = {"ipmi_password": "calvin"}


def test_the_same_fits_and_another_does_not() -> None:
    made = fingerprint.made(SECRETS, "")
    assert fingerprint.fits(SECRETS, "", made)
    assert not fingerprint.fits({"ipmi_password": "hobbes"}, "", made)
    assert not fingerprint.fits({"redfish_password": "calvin"}, "", made)
    assert not fingerprint.fits(SECRETS, "another key", made)
    assert "calvin" not in str(made)


def test_the_same_secret_looks_different_each_time() -> None:
    assert fingerprint.made(SECRETS, "key") != fingerprint.made(SECRETS, "key")


def test_no_secrets_have_no_fingerprint() -> None:
    assert fingerprint.made({}, "key") is None
    assert fingerprint.fits({}, "key", None)
    assert not fingerprint.fits({}, "key", fingerprint.made(SECRETS, "key"))
    assert not fingerprint.fits(SECRETS, "key", None)


def test_what_is_no_fingerprint_does_not_fit() -> None:
    for wrong in ("", "zz:1", "00", 7, ["x"]):
        assert not fingerprint.fits(SECRETS, "key", wrong)
