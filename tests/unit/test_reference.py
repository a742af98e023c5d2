"""The reference page says what the models, rules and Kolla-Ansible's files say."""

import subprocess
import sys

from cc_ansible.paths import PROJECT


def test_the_reference_is_up_to_date() -> None:
    command = [sys.executable, str(PROJECT / "tools/make-reference"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
