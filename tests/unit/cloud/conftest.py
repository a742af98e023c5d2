"""Makes the package that filters of ours share importable, as the filter plugin itself does."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "plugins" / "lib"))
