"""The project in which Blazar's own user works: Doni's blackouts are leases of it."""

from __future__ import annotations

import functools

from blazar.utils.openstack import keystone


@functools.cache
def own() -> str:
    """The id of that project, as Keystone says it the first time."""
    project_id: str = keystone.BlazarKeystoneClient().session.get_project_id()
    return project_id
