import openstack


def test_what_a_newer_image_or_an_older_one_replaced_is_gone_and_others_stay():
    cloud = openstack.connect()
    found = sorted(
        (one["name"], one["os_hidden"])
        for hidden in ("false", "true")
        for one in cloud.image.get(f"/images?limit=500&os_hidden={hidden}").json()["images"]
        if one["name"].startswith("molecule-")
    )
    assert found == [("molecule-kernel", False), ("molecule-theirs", False)]
