import json


def test_record_says_which_run_changed_the_site(host):
    record = host.file("/etc/kolla/cc-ansible.json")
    assert record.mode == 0o644
    assert record.user == "root"
    content = json.loads(record.content_string)
    assert content["id"] == "20260102T030405Z-deploy-ab12"
    assert content["commit"] == "0123abc"
