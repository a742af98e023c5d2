"""The variables that this project defines itself, each with the model that checks it."""

from __future__ import annotations

from cc_ansible.site.model import chi, chi_services, cloud, kolla, network_settings

SETTINGS = (*chi.MODELS, *chi_services.MODELS, *network_settings.MODELS, *cloud.MODELS)
"""Models whose fields are variables of this project."""

CHECKED = frozenset(name for model in kolla.MODELS for name in model.model_fields)
"""Variables of Kolla-Ansible that have a model too."""

# name -> what it says, for the reference. Their models are in the modules beside this one.
DECLARED: dict[str, str] = {
    "site_variables": "Names, or patterns with *, of variables that the site itself defines",
    "secrets": "Where secrets are kept",
    **network_settings.LISTS,
    **{
        name: field.description or ""
        for model in SETTINGS
        for name, field in model.model_fields.items()
    },
}
