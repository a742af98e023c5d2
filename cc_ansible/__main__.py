"""python -m cc_ansible"""

import sys

from cc_ansible.cli.main import main

sys.exit(main())
