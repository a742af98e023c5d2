"""What each ready check says of an image that is well, and of one that is not."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from scripted_guest import SHADOW, Scripted

from cc_ansible.appliances.checks import catalogue
from cc_ansible.appliances.checks.subject import Look, Subject
from cc_ansible.login.ssh import Outcome
from cc_ansible.verify.check import Failed, Skipped

SUBJECT = Subject(
    "debian-13-x86_64", "debian-13", "x86_64", catalogue.NAMES, version="abc",
    distro="debian", release="trixie", packages={"bash": "5.2", "libc6": "2.41"},
)  # fmt: skip
QUESTIONS = {**catalogue.READY, **catalogue.LAST}


def ask(name: str, guest: Scripted) -> str:
    return QUESTIONS[name](Look(guest, SUBJECT))


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_an_image_that_is_well_passes(name: str) -> None:
    assert ask(name, Scripted())


@pytest.mark.parametrize(
    ("name", "changed", "seen"),
    [
        ("boot", {"cat /etc/os-release": "ID=debian\nVERSION_CODENAME=bookworm\n"},
         "it is debian bookworm, not debian trixie"),
        ("boot", {"uname -rm": "6.12 aarch64"}, "it is for aarch64, not x86_64"),
        ("console", {"cat /proc/cmdline": "root=LABEL=cc-root quiet"},
         "the kernel does not use ttyS0"),
        ("units", {"list-units --failed": "a.service loaded failed failed A\n",
                   "show -p Result": "exit-code\n", "journalctl": "it broke\n"},
         "unit a.service failed"),
        ("units", {"is-system-running": Outcome(1, "starting\n", ""),
                   "list-jobs": "3 a.service start running\n"},
         "it is still starting after 31 s"),
        ("timesync", {"is-active": Outcome(3, "inactive\n" * 7, "")}, "nothing keeps its clock"),
        ("growroot", {"lsblk": f"part {3 * 2**30} vda3\ndisk {5 * 2**30} vda\n"},
         "the root partition did not grow: 3.0 of 5.0 GiB"),
        ("growroot", {"findmnt -bno SIZE /": str(2 * 2**30)},
         "the root file system did not grow: 2.0 of 3.1 GiB"),
        ("users", {"sudo -n id -u": Outcome(1, "", "a password is required")},
         "cc cannot become root"),
        ("users", {"cat /etc/shadow": SHADOW + "me:$y$j9T$x$y:1::::::\nempty::1::::::\n"},
         "there is a password for me, empty"),
        ("users", {"getent passwd": "cc:x:1000:1000::/home/cc:/usr/sbin/nologin\n"},
         "cc has no shell"),
        ("ssh", {"sshd -T": "permitrootlogin yes\n"}, "ssh lets root log in"),
        ("network", {"ip -j -4 addr show scope global": "[{}]"}, "no address by DHCP"),
        ("network", {"ip -j -4 addr show scope global":
                     '[{"ifname":"docker0","addr_info":[{"local":"172.17.0.1"}]}]'},
         "no address by DHCP"),
        ("network", {"test -e": Outcome(1, "", "")}, "it cannot look up names"),
        ("network", {"hostname": "localhost\n"}, "it is called localhost, not cc-booted"),
        ("cloud-init", {"cloud-init status": Outcome(1, "status: error\n", ""),
                        "result.json": '{"v1": {"errors": ["(\'users\', boom)"]}}'},
         "cloud-init failed: ('users', boom)"),
        ("cloud-init", {"cloud-init status": Outcome(127, "", "cloud-init: not found")},
         "cloud-init failed: cloud-init: not found"),
        ("cloud-init", {"cat /run/cc-booted/token": Outcome(1, "", "")},
         "cloud-init did not write a file that it was told to write"),
        ("cloud-init", {"/var/log/cloud-init.log": "x.py[WARNING]: hm\n"},
         "cloud-init warned 1 times"),
        ("manifest", {"cat /etc/cc-manifest.json": Outcome(1, "", "")},
         "there is no /etc/cc-manifest.json"),
        ("manifest", {"cat /etc/cc-manifest.json":
                      '{"name": "debian-13", "version": "old", "arch": "x86_64"}'},
         "/etc/cc-manifest.json is not true: version is 'old', not 'abc'"),
        ("manifest", {"dpkg-query": "bash 5.3\nnew 1\n"},
         "3 packages differ from what was built: "
         "bash 5.3 (built: 5.2), libc6 is missing, new 1 was not built in"),
        ("clean", {"stat -c": "1000 /etc/ssh/ssh_host_rsa_key\n"},
         "/etc/ssh/ssh_host_rsa_key was in the image"),
        ("clean", {"authorized_keys*": "/root/.ssh/authorized_keys:ssh-rsa THEIRS me@desk\n"
                   "/home/cc/.ssh/authorized_keys:ssh-ed25519 OURS test\n"},
         "somebody else's key is in /root/.ssh/authorized_keys"),
        ("clean", {"apt-config": 'Acquire::http::Proxy "http://proxy:3142";\n'},
         "apt uses a proxy"),
        ("docker", {"docker info": Outcome(1, "", "permission denied while trying")},
         "docker info: permission denied while trying"),
        ("docker", {"docker import": Outcome(125, "", "runc failed")},
         "a container does not run: runc failed"),
    ],
)  # fmt: skip
def test_an_image_that_is_not_well_fails(
    name: str, changed: Mapping[str, str | Outcome], seen: str
) -> None:
    with pytest.raises(Failed) as failed:
        ask(name, Scripted(changed))
    assert str(failed.value) == seen
    trouble = failed.value.troubles[0]
    assert trouble.cause or trouble.fix or name == "manifest"


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_a_server_that_asks_for_passwords_fails(method: str) -> None:
    guest = Scripted()
    guest.offers = ("publickey", method)
    with pytest.raises(Failed, match=f"ssh offers to log in by {method}"):
        ask("ssh", guest)


def test_a_port_that_can_be_reached_fails_and_its_service_is_stopped() -> None:
    guest = Scripted()
    guest.open_port = True
    with pytest.raises(Failed, match="port 8099 can be reached"):
        ask("firewall", guest)
    assert guest.asked[-1] == ("systemctl stop cc-probe", True)


def test_a_machine_that_ignores_its_button_fails() -> None:
    guest = Scripted()
    guest.off = None
    with pytest.raises(Failed, match="does not react"):
        ask("power", guest)


def test_a_serial_console_without_a_prompt_or_kernel_fails() -> None:
    guest = Scripted({"systemctl show": "ActiveState=inactive\nUnitFileState=disabled\n"})
    guest.said = "Linux version 6.12\n"
    with pytest.raises(Failed, match="no login prompt on ttyS0") as failed:
        ask("console", guest)
    assert "ActiveState=inactive" in failed.value.troubles[0].cause
    guest.said = "cc-booted login:\n"
    with pytest.raises(Failed, match="nothing of the kernel"):
        ask("console", guest)


def test_an_image_that_logs_in_by_itself_is_told() -> None:
    guest = Scripted()
    guest.said += "cc-booted login: cc (automatic login)\n"
    assert "prompt on ttyS0" in ask("console", guest)
    guest.said = "Linux version 6\ncc-booted login: cc (automatic login)\n"
    assert "logs in by itself" in ask("console", guest)


def test_a_root_file_system_on_no_disk_is_not_judged() -> None:
    with pytest.raises(Skipped):
        ask("growroot", Scripted({"lsblk": "crypt 5 x\n"}))


def test_another_machine_id_after_a_restart_fails() -> None:
    class Forgetful(Scripted):
        def reboot(self) -> float:
            self.changed["cat /etc/machine-id; cat"] = "other\n"
            return 1.0

    with pytest.raises(Failed, match="another machine"):
        ask("reboot", Forgetful())


def test_cloud_init_may_still_be_at_work() -> None:
    """It prints dots while it is waited for."""
    said = "......\n.....status: done\nextended_status: done\n"
    assert "all modules done" in ask("cloud-init", Scripted({"cloud-init status": said}))


def test_a_clock_that_is_hours_off_fails() -> None:
    with pytest.raises(Failed, match=r"its clock is 720\d s behind"):
        ask("timesync", Scripted({"date +%s": str(int(time.time()) - 7200)}))
