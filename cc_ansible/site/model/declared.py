"""The variables that this project defines itself, each with the model that checks it."""

from __future__ import annotations

# name -> what it says, for the reference. Their models are in the modules beside this one.
DECLARED: dict[str, str] = {
    "chi_scenario": "Which built-in scenario the site is",
    "site_variables": "Names, or patterns with *, of variables that the site itself defines",
    "secrets": "Where secrets are kept",
}
