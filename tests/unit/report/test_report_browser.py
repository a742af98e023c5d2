"""The page in a real browser: it fits, is quiet, and asks nobody for anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import reported
from selenium import webdriver
from selenium.webdriver.common.by import By

from cc_ansible.paths import PROJECT
from cc_ansible.report import page
from cc_ansible.report.facts import Answer, Facts, Verification
from cc_ansible.report.health import Container
from cc_ansible.site.load import Site

Make = Callable[..., Site]
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-proxy-server", "--window-size=1280,900",
)  # fmt: skip
ARTIFACTS = PROJECT / "tests" / "artifacts"
SECTIONS = ("needs", "topology", "services", "calendar", "runs", "verification")
TALLEST = 5000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    for program in (CHROMIUM, DRIVER):
        assert shutil.which(program), f"there is no {program}; tests/packages installs it"
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("chromium")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def size(browser: webdriver.Chrome, width: int, height: int = 900) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def visit(browser: webdriver.Chrome, file: Path, width: int) -> None:
    """Open a page; what was logged before is forgotten."""
    size(browser, width)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(file.as_uri())


def requests(browser: webdriver.Chrome) -> list[str]:
    """Addresses that the browser asked since the visit began, the page's own included."""
    entries = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [
        entry["params"]["request"]["url"]
        for entry in entries
        if entry["method"] == "Network.requestWillBeSent"
    ]


def picture(browser: webdriver.Chrome, width: int, name: str) -> None:
    """The whole page as a picture."""
    height = browser.execute_script("return document.documentElement.scrollHeight")
    size(browser, width, min(int(height), TALLEST))
    ARTIFACTS.mkdir(exist_ok=True)
    browser.save_screenshot(str(ARTIFACTS / name))
    assert (ARTIFACTS / name).stat().st_size > 20_000


def mixed() -> Facts:
    """A site in which most is well."""
    hosts = [reported.host(f"node{number:02}") for number in range(1, 4)]
    stopped = Container("nova_compute", "exited", trouble="is stopped")
    hosts[1] = reported.host("node02", containers=[*hosts[1].containers, stopped])
    results = [reported.checked(name) for name in ("containers", "disks", "galera", "queues")]
    return reported.facts(
        items=12, hosts=Answer(hosts),
        verification=Answer(Verification(reported.NOW, [*results, reported.FAILED])),
    )  # fmt: skip


CASES = {
    "mixed": (3, 12, mixed),
    "large": (40, 300, lambda: reported.facts(40, 300)),
    "hostile": (3, 12, reported.hostile),
    "silent": (3, 12, reported.silent),
    "empty": (1, 0, lambda: reported.facts(1)),
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("case", CASES)
def test_the_page_fits_is_quiet_and_asks_nobody(
    browser: webdriver.Chrome, make_site: Make, tmp_path: Path, case: str, width: int
) -> None:
    hosts, items, known_facts = CASES[case]
    file = tmp_path / "report.html"
    page.write(reported.html(make_site(hosts=hosts, items=items), known_facts()), file)
    visit(browser, file, width)
    assert browser.get_log("browser") == []
    assert {url for url in requests(browser) if not url.startswith("data:")} == {file.as_uri()}
    inner, outer = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert inner <= outer <= width
    for name in SECTIONS:
        assert browser.find_element(By.ID, name).is_displayed()
    assert browser.execute_script("return document.scripts.length") == 0
    assert browser.title.endswith("site report of 2027-03-10 12:00Z")
    picture(browser, width, f"report-{case}-{width}.png")


def test_it_is_dark_where_the_reader_wants_that(
    browser: webdriver.Chrome, make_site: Make, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    page.write(reported.html(make_site(items=12), mixed()), file)
    colours = {}
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        visit(browser, file, 1280)
        colours[scheme] = browser.execute_script(
            "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
        )
        picture(browser, 1280, f"report-{scheme}.png")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert colours["light"] == ["rgb(255, 255, 255)", "rgb(27, 31, 36)"]
    assert colours["dark"] == ["rgb(20, 24, 29)", "rgb(230, 233, 237)"]


CONTRAST = """
const parse = c => c.match(/[\\d.]+/g).map(Number);
const light = c => parse(c).slice(0, 3).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = e => { for (; e; e = e.parentElement) {
  const c = getComputedStyle(e).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; }
  return 'rgb(255,255,255)'; };
const poor = new Set();
for (const e of document.querySelectorAll('main *, header *, footer *')) {
  if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(e.tagName + '.' + e.className);
}
return [...poor];
"""
"""Elements whose text stands out less than WCAG 2 asks for (1.4.3, level AA)."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(
    browser: webdriver.Chrome, make_site: Make, tmp_path: Path, scheme: str
) -> None:
    file = tmp_path / "report.html"
    page.write(reported.html(make_site(items=12), mixed()), file)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    visit(browser, file, 1280)
    assert browser.execute_script(CONTRAST) == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_it_prints_on_a4(browser: webdriver.Chrome, make_site: Make, tmp_path: Path) -> None:
    """Nothing is wider than the paper: a page of 300 items is some pages, not one that shrank."""
    import base64

    file = tmp_path / "report.html"
    page.write(reported.html(make_site(items=12), mixed()), file)
    visit(browser, file, 1280)
    options = {"preferCSSPageSize": True, "printBackground": True}
    printed = browser.execute_cdp_cmd("Page.printToPDF", options)
    pdf = base64.b64decode(printed["data"])
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "report.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF") and b"/MediaBox [0 0 594" in pdf
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    # A4 without its margins, at 96 dots per inch.
    size(browser, 711)
    inner = browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert inner <= 711
