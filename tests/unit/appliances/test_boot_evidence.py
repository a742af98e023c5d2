"""What is said when nobody can log in."""

from __future__ import annotations

from dataclasses import replace

from cc_ansible.appliances.boot import evidence
from cc_ansible.appliances.boot.evidence import Evidence
from cc_ansible.appliances.boot.wire import Wire

UP = """\
[  OK  ] Started getty@tty1.service - Getty on tty1.
[   31.1] cloud-init[401]: Cloud-init v. 25.1.4 running 'init' at Sat
cc-booted login:
"""
DONE = "Cloud-init v. 25.1.4 finished at Sat, 01 Nov. Datasource DataSourceNoCloud\n"
WELL = Wire(asked=True, address="10.0.2.15", calls=3, answered=True)


def test_without_cloud_init_it_is_named() -> None:
    said = "[  OK  ] Reached target multi-user.target\nlocalhost login:\n"
    check, trouble = evidence.explain(Evidence(said, 90, wire=WELL, refusal="Permission denied"))
    assert (check, trouble.seen) == ("cloud-init", "cloud-init did not run")


def test_a_guest_that_asked_for_no_address_is_told_apart_from_one_that_got_none() -> None:
    never = evidence.explain(Evidence(UP, 90, wire=Wire()))
    asked = evidence.explain(Evidence(UP, 90, wire=Wire(asked=True)))
    assert never[0] == asked[0] == "network"
    assert never[1].seen == asked[1].seen == "no address by DHCP"
    assert "sent no request" in never[1].cause
    assert "did not take" in asked[1].cause


def test_an_ssh_unit_that_failed_is_named_with_its_journal() -> None:
    report = """\
== address
== failed
ssh.service loaded failed failed OpenBSD Secure Shell server
== journal ssh
/etc/ssh/sshd_config line 3: Bad configuration option: Wrong
== end
"""
    seen = Evidence(UP, 90, report=report, wire=replace(WELL, answered=False, refused=True))
    check, trouble = evidence.explain(seen)
    assert (check, trouble.seen) == ("ssh", "unit ssh.service failed")
    assert trouble.log == ("/etc/ssh/sshd_config line 3: Bad configuration option: Wrong",)


def test_no_ssh_server_and_a_firewall_are_told_apart() -> None:
    refused = Evidence(UP, 90, wire=replace(WELL, answered=False, refused=True))
    dropped = Evidence(UP, 90, wire=replace(WELL, answered=False))
    assert evidence.explain(refused)[1].seen == "nothing listens on port 22"
    assert evidence.explain(dropped)[1].seen == "port 22 does not answer"


def test_a_login_that_is_refused_gives_cloud_inits_own_words() -> None:
    complaint = "2026-11-22 cc_users_groups.py[WARNING]: Failed to create user cc\n"
    seen = Evidence(UP + complaint + DONE, 90, wire=WELL, greeted=True, refusal="denied")
    check, trouble = evidence.explain(seen)
    assert (check, trouble.seen) == ("cloud-init", "cloud-init failed: Failed to create user cc")
    without = evidence.explain(replace(seen, said=UP + DONE))
    assert without[0] == "ssh"
    assert "denied" in without[1].seen


def test_a_silent_machine_is_asked_about_its_console() -> None:
    check, trouble = evidence.explain(Evidence("", 300, wire=WELL))
    assert check == "console"
    assert "console=ttyS0" in trouble.fix


def test_a_slow_machine_is_not_called_broken() -> None:
    said = "[    1.0] Linux version 6.12\n"
    check, trouble = evidence.explain(Evidence(said, 300.4, wire=WELL))
    assert (check, trouble.seen) == ("boot", "nobody could log in within 300 s")
    assert "slow" in trouble.cause


def test_what_needs_no_waiting_is_known_at_once() -> None:
    assert evidence.hopeless(Evidence(UP, 5)) is None
    assert evidence.hopeless(Evidence("Kernel panic - not syncing: oops\n", 5))
    off = evidence.hopeless(Evidence(UP, 5, ended=""))
    again = evidence.hopeless(Evidence(UP, 5, resets=evidence.MOST_RESETS + 1))
    assert off and off[1].seen == "the machine switched itself off"
    assert again and again[1].seen == "it restarted 4 times"


def test_a_boot_loader_that_says_nothing_is_given_a_moment() -> None:
    said = "SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\n"
    assert evidence.hopeless(Evidence(said, 5, silent=2)) is None
    found = evidence.hopeless(Evidence(said, 50, silent=10))
    assert found and found[1].seen == "the disk's boot loader does nothing"
    assert evidence.hopeless(Evidence(said + "GRUB loading.\n", 50, silent=10)) is None


def test_done_is_what_cloud_init_or_the_report_says_last() -> None:
    assert not Evidence(UP, 5).cloud_init_done
    assert Evidence(UP + DONE, 5).cloud_init_done
    assert Evidence(UP, 5, report="== address\n== end\n").cloud_init_done
