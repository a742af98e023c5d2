"""Images: their ids, known before the upload, and what differs from what Glance has."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from cc_cloud_plan.steps import Plan, Refused, differences, truth

NAMESPACE = uuid.UUID("6f5b8a54-5d0f-5f0e-9a3b-0c1d7a6f6d2e")
TAG = "cc-ansible"
SHA256 = "cc_sha256"
"""The property of an image with the digest of the file that was uploaded."""
PARTS = ("kernel", "ramdisk")
"""Images that an image of a single partition is started with."""
HEALTHY = ("active", "deactivated")
Said = Mapping[str, Any]


def image_id(said: Said) -> str:
    """The id of an image in Glance: it follows from its name, its content and its revision.

    Glance never gives the id of a removed image out again; ``revision`` makes another one then.
    """
    sha256 = str(said.get("sha256") or "").lower()
    return str(uuid.uuid5(NAMESPACE, f"{said['name']}\n{sha256}\n{said.get('revision') or 1}"))


def image_id_of(images: Any, name: Any) -> str:
    """The id of the image that a list calls ``name``; empty when there is none.

    What is an id or a URL already stays as it is.
    """
    text = str(name or "")
    if "://" in text or _is_uuid(text):
        return text
    return next((image_id(said) for said in images or [] if said["name"] == text), "")


def plan(
    images: Any,
    state: Said,
    digests: Mapping[str, str],
    protected: Any = (),
    *,
    prune: bool = False,
    keep: int = 0,
) -> Plan:
    """Compare images with those in Glance.

    Of images that newer ones replaced, pruning leaves the newest ``keep`` of each name.
    ``digests`` has the SHA-256 of files whose digest the site does not give, by image.
    ``protected`` are the names of images that other configuration refers to by their ids.
    """
    result = Plan(prune=prune)
    wanted: dict[str, Said] = {}
    for said in images or []:
        try:
            _check(said, wanted)
            sha256 = str(said.get("sha256") or digests.get(said["name"], "")).lower()
            full = {**said, "sha256": sha256}
            # Other configuration cannot look into files: there the id follows from what is said.
            id_ = image_id(said if said["name"] in protected else full)
            wanted[said["name"]] = {**full, "id": id_}
        except Refused as why:
            result.refuse("image", str(said.get("name")), str(why))
    referred = {said.get(part) for said in wanted.values() for part in PARTS}
    there = {one["id"]: one for one in state["images"]}
    found: dict[str, Said | None] = {}
    for name, said in wanted.items():
        found[name] = there.get(said["id"])
        if found[name] is None and name not in protected:
            found[name] = _like(name, said["sha256"], state["images"])
    ids = {name: (found[name] or said)["id"] for name, said in wanted.items()}
    for name, said in wanted.items():
        try:
            full = {**said, "properties": _properties(said, ids)}
            needed = name in protected or name in referred
            _image(result, full, found[name], name in protected, needed)
        except Refused as why:
            result.refuse("image", name, str(why))
    stay = {*ids.values(), *_newest_retired(state["images"], wanted, keep)}
    for one in state["images"]:
        if one["id"] not in stay:
            users = (state.get("image_users") or {}).get(one["id"], 0)
            _other(result, one, ids.get(one["name"]), users)
    return result


def _newest_retired(images: list[Said], named: Mapping[str, Said], keep: int) -> list[str]:
    """Ids of the images that a site may go back to: of each name the newest that lost it."""
    found: list[str] = []
    for name in named:
        retired = [
            one
            for one in images
            if one.get("is_hidden")
            and TAG in (one.get("tags") or [])
            and str(one["name"]).rpartition("-")[0] == name
        ]
        retired.sort(key=lambda one: str(one.get("created_at")), reverse=True)
        found += [one["id"] for one in retired[:keep]]
    return found


def _properties(said: Said, ids: Mapping[str, str]) -> dict[str, str]:
    """Its own properties, and the ids of the kernel and ramdisk that it names."""
    found = {str(key): str(value) for key, value in (said.get("properties") or {}).items()}
    for part in PARTS:
        if name := said.get(part):
            if name not in ids:
                raise Refused(f"its {part} {name} is no image of the site")
            found[f"{part}_id"] = ids[name]
    return found


def _like(name: str, sha256: str, images: list[Said]) -> Said | None:
    """An image of ours with the same name and content, whose id was not ours to choose."""
    ours = [one for one in images if sha256 and TAG in (one.get("tags") or [])]
    for called in (name, _retired(name, sha256)):
        for one in ours:
            if one["name"] == called and (one.get("properties") or {}).get(SHA256) == sha256:
                return one
    return None


def _check(said: Said, wanted: Mapping[str, Said]) -> None:
    if said["name"] in wanted:
        raise Refused("the site names it twice")
    if bool(said.get("url")) == bool(said.get("file")):
        raise Refused("it needs either `file` or `url`")
    if said.get("url") and not said.get("sha256"):
        raise Refused("a `url` needs the `sha256` of what it leads to")


def attributes(said: Said, protected: bool) -> dict[str, Any]:
    """What an image shall be, in attributes that can be changed."""
    return {
        "name": said["name"],
        "visibility": said.get("visibility") or "public",
        "is_protected": truth(said.get("protected"), protected),
        "min_disk": int(said.get("min_disk") or 0),
        "min_ram": int(said.get("min_ram") or 0),
        # A newer image hid it; it is hidden no longer once the site goes back to it.
        "is_hidden": False,
    }


def _image(result: Plan, said: Said, found: Said | None, protected: bool, needed: bool) -> None:
    wanted, own, sha256 = attributes(said, protected), said["properties"], said["sha256"]
    formats = {
        "disk_format": said.get("disk_format") or "qcow2",
        "container_format": said.get("container_format") or "bare",
    }
    properties = {**own, SHA256: sha256}
    args = {
        "id": found["id"] if found else said["id"], "id_needed": needed,
        **wanted, **formats, "properties": properties, "tags": [TAG],
        "file": said.get("file"), "url": said.get("url"), "sha256": sha256,
    }  # fmt: skip
    if found is None or found["status"] == "queued":
        # Of an upload that was cut off, Glance keeps the record and takes the data again.
        about = (
            f"{formats['disk_format']}, sha256 {sha256[:12]}…" if sha256 else formats["disk_format"]
        )
        result.make("image", said["name"], args, about)
        return
    if found["status"] not in HEALTHY:
        why = f"it is {found['status']} in Glance; remove it there and raise its `revision`"
        raise Refused(why)
    current = {key: str(value) for key, value in (found.get("properties") or {}).items()}
    if sha256 and current.get(SHA256) not in (None, sha256):
        raise Refused("its file is another one now; give its `sha256`, or raise its `revision`")
    if changed := differences(formats, found):
        raise Refused(f"{', '.join(changed)} of an image never change; raise its `revision`")
    changes = differences(wanted, found)
    changes |= differences(properties if sha256 else own, current)
    if TAG not in (found.get("tags") or []):
        changes["tags"] = (found.get("tags"), [*(found.get("tags") or []), TAG])
    args["was_hidden"] = "is_hidden" in changes
    args["tags"] = sorted({*(found.get("tags") or []), TAG})
    result.change("image", said["name"], changes, args)


def _other(result: Plan, found: Said, replaced_by: str | None, users: int) -> None:
    """An image that the site does not ask for: ours, or one with the name of ours."""
    name, ours = found["name"], TAG in (found.get("tags") or [])
    if replaced_by is None:
        if ours and users:
            result.notes.append(f"image {name}: {users} servers run it, so it stays")
        elif ours:
            why = "a newer one took its place" if found.get("is_hidden") else ""
            args = {"id": found["id"], "protected": bool(found.get("is_protected"))}
            result.remove("image", name, args, why)
    elif ours:
        content = (found.get("properties") or {}).get(SHA256)
        retired = _retired(name, str(content or found["id"]))
        changes = {"name": (name, retired), "is_hidden": (False, True)}
        result.change("old image", name, changes, {"id": found["id"], "name": retired})
    else:
        result.notes.append(
            f"image {name}: {found['id']} has the same name and is not ours; rename or remove it"
        )


def _retired(name: str, content: str) -> str:
    """How an image is called once a newer one took its name."""
    return f"{name}-{content[:8]}"


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
