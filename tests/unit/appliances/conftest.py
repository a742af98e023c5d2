from pathlib import Path

import pytest
from appliance_site import ApplianceSite


@pytest.fixture
def site(tmp_path: Path) -> ApplianceSite:
    return ApplianceSite(tmp_path)
