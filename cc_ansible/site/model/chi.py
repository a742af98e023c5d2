"""Settings of a Chameleon site: how it takes part in Chameleon, and how users sign in."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cc_ansible.site.model.forms import Strict
from cc_ansible.site.model.setting_types import (
    Flag,
    Names,
    OptionalText,
    OptionalUrl,
    SiteName,
    Url,
    UrlPath,
)

Scenario = Literal["independent", "associate", "part-time", "edge", "lab"]


class Membership(Strict):
    """Which site it is, and what it takes from Chameleon."""

    chi_scenario: Scenario | None = None
    """Which built-in scenario the site is."""

    chameleon_site_name: SiteName | None = None
    """The site's uid in Chameleon's hardware catalogue."""

    chameleon_portal_url: Url | None = None
    """Chameleon's portal, where users and their budgets are."""

    chameleon_reference_api_url: OptionalUrl = None
    """Chameleon's hardware catalogue; the list of sites comes from it."""

    enable_chameleon_multisite: Flag | None = None
    """Whether the dashboard links to the other sites."""

    chameleon_site_tools_tag: OptionalText = None
    """Which version of Chameleon's site tools the site runs."""

    chameleon_site_tools_image_full: OptionalText = None
    """The image of Chameleon's site tools, with its registry and tag."""


class Federation(Strict):
    """Users that come from Chameleon's identity provider."""

    keystone_idp_client_id: OptionalText = None
    """The client id that Chameleon gave to the site; signing in there is on where it is set."""

    keystone_idp_client_secret: OptionalText = None
    """The secret of that client, ``public`` if it has none; it belongs into passwords.yml."""

    identity_provider_url: Url | None = None
    """The identity provider's realm: a realm of Keycloak, whose address its tokens name."""

    identity_provider_name: OptionalText = None
    """How Keystone calls the identity provider."""

    identity_provider_domain_name: OptionalText = None
    """Keystone's domain of users who come from there."""

    keystone_federation_oidc_allowed_redirects: Names | None = None
    """Regular expressions of the addresses to which users may be sent; Keystone's own is added."""


class Dashboard(Strict):
    """What Horizon shows."""

    horizon_url: Url | None = None
    """Where the dashboard is."""

    horizon_help_url: Url | None = None
    """Where its help leads."""

    horizon_documentation_url: Url | None = None
    """Where its documentation leads."""

    horizon_redirect_root: UrlPath | None = None
    """Where / of the dashboard leads."""

    horizon_default_theme: OptionalText = None
    """The theme that users see first, one of ``horizon_custom_themes``."""

    horizon_regions: list[dict[str, Any]] | None = Field(default=None)
    """The regions that the dashboard offers."""


class Tools(Strict):
    """What runs beside OpenStack."""

    enable_usage_reporting: Flag | None = None
    """Whether usage is reported to Chameleon."""

    usage_extract_command: OptionalText = None
    """How usage is read from the databases."""

    enable_image_deployer: Flag | None = None
    """Whether Chameleon's images are kept up to date."""

    enable_image_cleaner: Flag | None = None
    """Whether old images are removed."""

    image_container: OptionalText = None
    """The container of the object store with Chameleon's images."""

    image_prefix: OptionalText = None
    """What the names of these images start with."""

    image_type: OptionalText = None
    """Which kind of images is deployed."""

    image_scope: OptionalText = None
    """Which set of images is deployed."""

    image_object_store_url: Url | None = None
    """The object store with Chameleon's images."""

    enable_osg: Flag | None = None
    """Whether idle machines run jobs of the Open Science Grid."""

    enable_precis: Flag | None = None
    """Whether users get a record of their experiments."""

    enable_preemptible: Flag | None = None
    """Whether instances may be preempted by leases."""

    instance_metrics_writer_username: OptionalText = None
    """The user by which instances write measurements."""


MODELS = (Membership, Federation, Dashboard, Tools)
