#!/usr/bin/python
"""A custom resource class of Placement."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cc_resource_class
short_description: Make a custom resource class in Placement
description:
  - openstack.cloud has a module for traits, but none that can find a resource class by its name.
options:
  name: {type: str, required: true, description: Its name, which starts with C(CUSTOM_).}
extends_documentation_fragment: [openstack.cloud.openstack]
author: [The CHI-in-a-Box developers]
"""

RETURN = r""" # """

from ansible_collections.openstack.cloud.plugins.module_utils.openstack import OpenStackModule

VERSION = "1.7"
"""From here on PUT makes a class, or leaves it alone."""


class ResourceClassModule(OpenStackModule):
    argument_spec = {"name": {"type": "str", "required": True}}
    module_kwargs = {"supports_check_mode": True}

    def run(self):
        path = f"/resource_classes/{self.params['name']}"
        if self.check_mode:
            answer = self.conn.placement.get(path, microversion=VERSION, raise_exc=False)
            self.exit_json(changed=answer.status_code == 404)
        answer = self.conn.placement.put(path, microversion=VERSION, raise_exc=False)
        if not answer.ok:
            self.fail_json(msg=f"Placement refused: HTTP {answer.status_code}, {answer.text[:400]}")
        self.exit_json(changed=answer.status_code == 201)


def main():
    ResourceClassModule()()


if __name__ == "__main__":
    main()
