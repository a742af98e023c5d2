import configparser
import json

import pytest

CONFIGURATION = "/etc/kolla/{}/doni.conf"


@pytest.fixture(params=["doni-api", "doni-worker"])
def service(request):
    return request.param


@pytest.fixture
def conf(host, service):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(host.file(CONFIGURATION.format(service)).content_string)
    return parser


def test_nobody_but_its_owner_reads_the_passwords(host, service):
    assert host.file(CONFIGURATION.format(service)).mode == 0o660
    assert host.file(f"/etc/kolla/{service}").mode == 0o770


def test_the_services_of_the_site_decide_what_is_enrolled_where(conf):
    assert conf["DEFAULT"]["enabled_hardware_types"] == "baremetal"
    assert conf["DEFAULT"]["enabled_worker_types"] == "ironic,blazar.physical_host"


def test_each_service_is_reached_inside_of_the_site(conf):
    for group in ("ironic", "blazar", "keystone"):
        assert conf[group]["auth_url"] == "http://192.0.2.10:5000"
        assert conf[group]["valid_interfaces"] == "internal"
        assert conf[group]["password"] == "secret-of-keystone"


def test_the_database_is_the_sites(conf):
    connection = conf["database"]["connection"]
    assert connection.startswith("mysql+pymysql://doni:secret-of-the-database@192.0.2.10:3306/doni")


def test_a_policy_of_the_sites_own_is_used(host, service, conf):
    assert conf["oslo_policy"]["policy_file"] == "policy.yaml"
    assert host.file(f"/etc/kolla/{service}/policy.yaml").contains("hardware:create")


def test_containers_are_told_what_to_run_and_where_files_go(host, service):
    config = json.loads(host.file(f"/etc/kolla/{service}/config.json").content_string)
    program = {"doni-api": "uwsgi", "doni-worker": "doni-worker"}[service]
    assert config["command"].split()[0] == program
    assert {entry["dest"] for entry in config["config_files"]} >= {
        "/etc/doni/doni.conf",
        "/etc/doni/policy.yaml",
    }
    assert all(entry["perm"] == "0600" for entry in config["config_files"])


def test_the_api_listens_behind_the_load_balancer(host):
    settings = host.file("/etc/kolla/doni-api/doni-api-uwsgi.ini").content_string
    assert "doni.wsgi:application" in settings
    assert "127.0.0.1:8100" in settings
