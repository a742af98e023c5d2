DEFAULT_THEME = "{{ horizon_default_theme | default('default', true) }}"
