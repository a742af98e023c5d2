"""A site's own theme of the dashboard is offered, copied and shown first."""

from __future__ import annotations

import ast

import rendering

THEME = """\
horizon_custom_themes:
  - {name: example, label: Example}
horizon_default_theme: example
"""


def settings(text: str) -> dict[str, object]:
    """Plain values of a file of Horizon's settings."""
    found = {}
    for each in ast.parse(text).body:
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            try:
                found[each.targets[0].id] = ast.literal_eval(each.value)
            except ValueError:
                continue
    return found


def test_a_theme_of_the_site_is_there_and_comes_first(tmp_path):
    path = tmp_path / "site"
    rendering.make(path, THEME)
    theme = path / "node_custom_config" / "horizon" / "themes" / "example"
    theme.mkdir(parents=True)
    (theme / "_styles.scss").write_text("body { color: green; }\n")
    with rendering.of_site(path, "horizon") as rendered:
        kolla = settings(rendered.template("horizon/templates/_9998-kolla-settings.py.j2"))
        ours = settings(str(rendered.text(rendered.config("horizon/_9999-custom-settings.py"))))
        assert rendered.config("horizon/themes/example/_styles.scss") == "body { color: green; }\n"
        # Policies that Kolla-Ansible finds on the way.
        rendered.variables["custom_policy"] = []
        container = rendered.template("horizon/templates/horizon.json.j2")
        assert '"dest": "/etc/openstack-dashboard/themes"' in container
    themes = {name: place for name, _, place in kolla["AVAILABLE_THEMES"]}
    assert themes[str(ours["DEFAULT_THEME"])] == "/etc/openstack-dashboard/themes/example"


def test_without_one_the_dashboard_looks_as_horizon_does(tmp_path):
    with rendering.of_site(tmp_path / "site", "horizon") as rendered:
        kolla = settings(rendered.template("horizon/templates/_9998-kolla-settings.py.j2"))
        ours = settings(str(rendered.text(rendered.config("horizon/_9999-custom-settings.py"))))
    assert ours == {"DEFAULT_THEME": "default"}
    assert "AVAILABLE_THEMES" not in kolla
