"""An appliance in the lab's Glance, from its definition."""

from __future__ import annotations

from cc_ansible.appliances.store import TESTS, Store
from cc_ansible.errors import Exit

BASE = "debian-13"
X86 = ("--arch", "x86_64")


def test_nobody_publishes_what_was_not_tested(on_site):
    # Mostly it is there; else this takes minutes.
    on_site("appliance", "build", BASE, *X86)
    built = Store().latest(f"{BASE}-x86_64")
    assert built
    (built.directory / TESTS).unlink(missing_ok=True)
    refused = on_site("appliance", "publish", BASE, *X86, code=Exit.USAGE)
    assert f"cc-ansible appliance test {BASE}" in refused.stdout + refused.stderr


def test_the_base_is_published_once(on_site, cloud, lab):
    on_site("appliance", "test", BASE, *X86, "--container")
    on_site("appliance", "publish", BASE, *X86)
    image = cloud.image.find_image(BASE, ignore_missing=False)
    assert (image.status, image.visibility, image.architecture) == ("active", "public", "x86_64")
    published = lab.site / "globals.d" / "published.yml"
    assert image.properties["cc_version"] in published.read_text()
    before = published.stat()
    again = on_site("appliance", "publish", BASE, *X86)
    assert "as it is" in again.stdout
    assert published.stat().st_mtime_ns == before.st_mtime_ns
    assert cloud.image.find_image(BASE, ignore_missing=False).id == image.id
