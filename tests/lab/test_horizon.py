"""The dashboard in a real browser: its login page renders, and admin gets in."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from cc_ansible.paths import PROJECT

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-proxy-server", "--window-size=1280,900",
)  # fmt: skip
WAIT = 60


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path}/profile"):
        options.add_argument(flag)
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService("/usr/bin/chromedriver")
    )
    yield driver
    driver.quit()


def test_login(browser, lab, artifacts, on_site):
    browser.get(f"http://{lab.vip}/")
    WebDriverWait(browser, WAIT).until(lambda page: page.find_elements(By.NAME, "username"))
    browser.save_screenshot(str(artifacts / "horizon-login.png"))
    browser.find_element(By.NAME, "username").send_keys("admin")
    browser.find_element(By.NAME, "password").send_keys(_admin_password(lab))
    browser.find_element(By.ID, "loginBtn").click()

    WebDriverWait(browser, WAIT).until(lambda page: "/auth/login" not in page.current_url)
    WebDriverWait(browser, WAIT).until(lambda page: "admin" in page.page_source)
    browser.save_screenshot(str(artifacts / "horizon-overview.png"))
    assert "Sign Out" in browser.page_source
    # The picture is a page, not a blank or an error: it has a fair number of colours.
    assert (artifacts / "horizon-overview.png").stat().st_size > 20_000


def _admin_password(lab) -> str:
    """Read the way an admin does: with view_passwords."""
    shown = subprocess.run(
        [str(PROJECT / "cc-ansible"), "-s", str(lab.site), "view_passwords"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return str(yaml.safe_load(shown.stdout)["keystone_admin_password"])
