#!/usr/bin/python
"""An image in Glance with an id of our choice."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_image_upload
short_description: Upload an image under an id that is known before
description:
  - Checks the file before anything is sent, and what Glance says of it afterwards. Nobody else sees
    the image until its data is complete.
  - An upload that is cut off is continued by the next run. openstack.cloud.image would remove the
    image then, and Glance gives the id of a removed image never out again.
options:
  id: {type: str, required: true, description: The id.}
  id_needed:
    type: bool
    default: false
    description: Whether to fail, not to take another id, where one of that id was removed.
  name: {type: str, required: true, description: The name.}
  file: {type: path, required: true, description: The file.}
  sha256: {type: str, default: "", description: Digest that the file must have.}
  disk_format: {type: str, default: qcow2, description: Format of the disk.}
  container_format: {type: str, default: bare, description: Format around it.}
  visibility: {type: str, default: public, description: Who may use it.}
  is_protected: {type: bool, default: false, description: Whether it cannot be removed.}
  min_disk: {type: int, default: 0, description: Least disk of an instance in GB.}
  min_ram: {type: int, default: 0, description: Least memory of an instance in MiB.}
  properties: {type: dict, default: {}, description: Further properties.}
  tags: {type: list, elements: str, default: [], description: Tags.}
extends_documentation_fragment: [openstack.cloud.openstack]
author: [The CHI-in-a-Box developers]
"""

RETURN = r"""
id:
  description: The id of the image.
  returned: success
  type: str
"""

import hashlib
import pathlib
import re

from ansible_collections.openstack.cloud.plugins.module_utils.openstack import OpenStackModule

BLOCK = 1 << 20
AT_ONCE = ("id", "name", "disk_format", "container_format", "min_disk", "min_ram", "tags")
QCOW2 = b"QFI\xfb"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


def digests(path):
    """SHA-256 and SHA-512 of a file; Glance knows the second."""
    known, glances = hashlib.sha256(), hashlib.sha512()
    with pathlib.Path(path).open("rb") as data:
        while block := data.read(BLOCK):
            known.update(block)
            glances.update(block)
    return known.hexdigest(), glances.hexdigest()


class UploadModule(OpenStackModule):
    argument_spec = {
        "id": {"type": "str", "required": True},
        "id_needed": {"type": "bool", "default": False},
        "name": {"type": "str", "required": True},
        "file": {"type": "path", "required": True},
        "sha256": {"type": "str", "default": ""},
        "disk_format": {"type": "str", "default": "qcow2"},
        "container_format": {"type": "str", "default": "bare"},
        "visibility": {"type": "str", "default": "public"},
        "is_protected": {"type": "bool", "default": False},
        "min_disk": {"type": "int", "default": 0},
        "min_ram": {"type": "int", "default": 0},
        "properties": {"type": "dict", "default": {}},
        "tags": {"type": "list", "elements": "str", "default": []},
    }
    module_kwargs = {"supports_check_mode": True}

    def run(self):
        wanted, path = self.params, self.params["file"]
        sha256, sha512 = digests(path)
        if wanted["sha256"] and sha256 != wanted["sha256"].lower():
            self.fail_json(msg=f"{path} is not the file it should be: its SHA-256 is {sha256}.")
        with pathlib.Path(path).open("rb") as data:
            is_qcow2 = data.read(4) == QCOW2
        # Glance notices too late: the file store keeps such a file, and its id is lost.
        if is_qcow2 != (wanted["disk_format"] == "qcow2"):
            is_ = "is" if is_qcow2 else "is no"
            self.fail_json(msg=f"{path} {is_} qcow2, its disk_format is {wanted['disk_format']}.")
        self.url = f"/images/{wanted['id']}"
        found = self.conn.image.get(self.url, raise_exc=False)
        status = found.json()["status"] if found.ok else None
        if status not in (None, "queued"):
            self.exit_json(changed=False, id=wanted["id"])
        if self.check_mode:
            self.exit_json(changed=True, id=wanted["id"])
        if status is None:
            self.make()
        else:
            self.patch(
                disk_format=wanted["disk_format"], container_format=wanted["container_format"]
            )
        with pathlib.Path(path).open("rb") as data:
            headers = {"Content-Type": "application/octet-stream"}
            self.require(
                self.conn.image.put(f"{self.url}/file", data=data, headers=headers), "take the file"
            )
        self.verify(sha512)
        self.patch(visibility=wanted["visibility"], protected=wanted["is_protected"])
        self.exit_json(changed=True, id=self.url.rpartition("/")[2])

    def make(self):
        wanted = self.params
        properties = {key: str(value) for key, value in wanted["properties"].items()}
        body = {key: wanted[key] for key in AT_ONCE}
        body |= {**properties, "visibility": "private"}
        answer = self.conn.image.post("/images", json=body, raise_exc=False)
        if answer.status_code == 409 and not wanted["id_needed"]:
            del body["id"]
            answer = self.conn.image.post("/images", json=body, raise_exc=False)
        elif answer.status_code == 409:
            self.fail_json(
                msg=f"Glance had an image {wanted['id']} that was removed; such an id comes never "
                f"back. Raise `revision` of image {wanted['name']}."
            )
        self.require(answer, "make the image")
        self.url = f"/images/{answer.json()['id']}"

    def verify(self, sha512):
        body = self.conn.image.get(self.url).json()
        if body["status"] != "active":
            self.fail_json(msg=f"Image {self.params['name']} is {body['status']} after its upload.")
        if body.get("os_hash_algo") == "sha512" and body["os_hash_value"] != sha512:
            self.fail_json(msg=f"Glance got other bytes than were sent for {self.params['name']}.")

    def patch(self, **changes):
        steps = [
            {"op": "replace", "path": f"/{key}", "value": value} for key, value in changes.items()
        ]
        answer = self.conn.image.patch(self.url, json=steps, headers=PATCH, raise_exc=False)
        self.require(answer, "change the image")

    def require(self, answer, what):
        if answer.status_code == 415:
            self.fail_json(
                msg=f"{self.params['file']} is no {self.params['disk_format']}; Glance refuses it."
            )
        if not answer.ok:
            why = " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())
            self.fail_json(
                msg=f"Glance did not {what}: HTTP {answer.status_code}, {why[:400]}. Where that "
                f"comes again, raise `revision` of image {self.params['name']}."
            )


def main():
    UploadModule()()


if __name__ == "__main__":
    main()
