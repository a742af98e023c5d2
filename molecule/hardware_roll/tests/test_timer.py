TIMER = "cc-ansible-roll-my-site.timer"


def test_the_timer_waits_for_the_next_night(host):
    assert host.service(TIMER).is_running
    assert host.service(TIMER).is_enabled
    shown = host.check_output(f"systemctl show {TIMER} -p NextElapseUSecRealtime --value")
    assert "03:" in shown


def test_what_it_starts_is_the_command_for_the_site(host):
    host.check_output("systemctl start cc-ansible-roll-my-site.service")
    said = host.check_output("journalctl -u cc-ansible-roll-my-site.service -o cat --no-pager")
    assert (
        "--site /srv/my-site hardware roll "
        "--metrics /var/lib/cc-ansible/my-site/hardware_roll.prom" in said
    )


def test_the_metric_has_a_directory(host):
    assert host.file("/var/lib/cc-ansible/my-site").is_directory
