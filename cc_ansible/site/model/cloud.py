"""What a site has in its cloud: flavors, images, projects, users; ``post-deploy`` makes it so."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cc_ansible.site.model.forms import Scalar, Strict, as_text
from cc_ansible.site.model.net_types import Flag
from cc_ansible.site.model.setting_types import Count, Names, OptionalText, Text, Url, Whole

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
Secret = Annotated[str | None, BeforeValidator(as_text), Field(default=None, repr=False)]
Visibility = Literal["public", "community", "shared", "private"]
Ram = Annotated[str, BeforeValidator(as_text), Field(pattern=r"^\d+(\.\d+)?( ?([MG]i?B?))?$")]
"""Memory: MiB, or a number with a unit."""


class Flavor(Strict):
    """A flavor of virtual machines."""

    name: Text
    """Its name."""

    vcpus: Count
    """Virtual processors."""

    ram: Ram
    """Memory: a number of MiB, or with a unit, ``4 GiB``."""

    disk: Whole
    """Disk in GB."""

    ephemeral: Whole | None = None
    """A second disk in GB."""

    swap: Whole | None = None
    """Swap space in MiB."""

    traits: Names | None = None
    """Traits that its host must have."""

    extra_specs: dict[str, Scalar] | None = None
    """Further extra specs."""

    public: Flag | None = None
    """Whether every project may use it; yes when not given."""

    description: OptionalText = None
    """What it is for."""


class BareMetalFlavor(Strict):
    """A flavor of whole machines."""

    name: Text
    """Its name."""

    resource_class: Text | None = None
    """Ironic's resource class of its machines; as its name when not given."""

    vcpus: Count | None = None
    """What Nova shows; machines are found by their resource class alone."""

    ram: Count | None = None
    """What Nova shows, in MiB."""

    disk: Whole | None = None
    """Least disk in GB; 20 when not given."""

    traits: Names | None = None
    """Traits that its machines must have."""

    extra_specs: dict[str, Scalar] | None = None
    """Further extra specs."""

    public: Flag | None = None
    """Whether every project may use it; yes when not given."""

    description: OptionalText = None
    """What it is for."""


class Aggregate(Strict):
    """A host aggregate of Nova."""

    name: Text
    """Its name."""

    availability_zone: Text | None = None
    """The availability zone it makes."""

    metadata: dict[str, Scalar] | None = None
    """Its properties."""


class Image(Strict):
    """An image that is uploaded to Glance."""

    name: Text
    """Its name."""

    file: Text | None = None
    """The file, from the site config on."""

    url: Url | None = None
    """Where to fetch it, in place of ``file``."""

    sha256: Sha256 | None = None
    """SHA-256 of the file; needed with ``url`` and for images with which Ironic deploys."""

    revision: Count | None = None
    """Another number makes another image of the same file, for one removed in Glance."""

    disk_format: Literal["qcow2", "raw", "iso", "vmdk", "vhd", "vhdx", "aki", "ari", "ami"] = (
        "qcow2"
    )
    """The format of the file."""

    container_format: Literal["bare", "aki", "ari", "ami", "ovf", "ova", "docker"] = "bare"
    """What is around it."""

    kernel: Text | None = None
    """The image of the kernel, by its name, for an image of a single partition."""

    ramdisk: Text | None = None
    """The image of its ramdisk, by its name."""

    properties: dict[str, Scalar] | None = None
    """Properties of the image."""

    visibility: Visibility = "public"
    """Who may use it."""

    protected: Flag | None = None
    """Whether it cannot be removed; images with which Ironic deploys are."""

    min_disk: Whole | None = None
    """Least disk of an instance in GB."""

    min_ram: Whole | None = None
    """Least memory of an instance in MiB."""


class Given(Strict):
    """A role on a project, on a domain, or on the whole system."""

    role: Text
    """The role."""

    project: Text | None = None
    """The project it is for."""

    project_domain: Text | None = None
    """That project's domain."""

    domain: Text | None = None
    """The domain it is for."""

    system: Literal["all", True] | None = None
    """``all`` for the whole system."""


class Project(Strict):
    """A project of Keystone."""

    name: Text
    """Its name."""

    domain: Text | None = None
    """Its domain; default when not given."""

    description: OptionalText = None
    """What it is for."""

    enabled: Flag | None = None
    """Whether it can be used; yes when not given."""

    quota: dict[str, int] | None = None
    """Limits of Nova and Neutron by their names, such as ``cores: 40``; -1 for none."""


class User(Strict):
    """A user of Keystone."""

    name: Text
    """Its name."""

    domain: Text | None = None
    """Its domain; default when not given."""

    password: Secret = None
    """Its password: a template that names a variable of passwords.yml."""

    email: OptionalText = None
    """Its mail address."""

    description: OptionalText = None
    """Who or what it is."""

    enabled: Flag | None = None
    """Whether it can log in; yes when not given."""

    roles: list[Given] | None = None
    """Which roles it has, and where."""


class Group(Strict):
    """A group of Keystone."""

    name: Text
    """Its name."""

    domain: Text | None = None
    """Its domain; default when not given."""

    description: OptionalText = None
    """Who is in it."""

    roles: list[Given] | None = None
    """Which roles its users have, and where."""


class AccessRule(Strict):
    """A request that an application credential may make."""

    service: Text
    """The type of the service, such as compute."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    """The method."""

    path: Text
    """The path, such as ``/v2.1/servers/**``."""


class ApplicationCredential(Strict):
    """A credential of one of ``cloud_users`` for a program."""

    name: Text
    """Its name."""

    user: Text
    """Whose it is."""

    user_domain: Text | None = None
    """That user's domain."""

    project: Text
    """The project it is for."""

    project_domain: Text | None = None
    """That project's domain."""

    secret: Annotated[str, BeforeValidator(as_text), Field(repr=False)]
    """Its secret: a template that names a variable of passwords.yml."""

    password: Secret = None
    """The user's password, where the user is not one of ``cloud_users``."""

    roles: Names
    """Roles it has, no more."""

    access_rules: list[AccessRule] | None = None
    """Requests it may make; any when not given."""

    description: OptionalText = None
    """What it is for."""


class Machines(Strict):
    """What machines and instances are made of."""

    cloud_baremetal_flavors: list[BareMetalFlavor] | None = None
    """Flavors of whole machines; one called baremetal when not set."""

    cloud_kvm_flavors: list[Flavor] | None = None
    """Flavors where there are hypervisors; m1.tiny to m1.xlarge when not set."""

    cloud_flavors: list[Flavor] | None = None
    """Further flavors of virtual machines."""

    cloud_aggregates: list[Aggregate] | None = None
    """Host aggregates beside Blazar's."""

    cloud_resource_classes: Names | None = None
    """Custom resource classes of Placement."""

    cloud_traits: Names | None = None
    """Custom traits of Placement."""

    cloud_images: list[Image] | None = None
    """Images of Glance."""

    cloud_images_keep: Whole | None = None
    """How many older images of each name stay when replaced ones are removed; 1 when not given."""

    published_images: list[Image] | None = None
    """Images of Glance that ``appliance publish`` writes down; nobody writes them by hand."""

    ironic_deploy_kernel_by_arch: dict[str, Text] | None = None
    """The image of the kernel that deploys machines, by architecture."""

    ironic_deploy_ramdisk_by_arch: dict[str, Text] | None = None
    """The image of the ramdisk that deploys machines, by architecture."""


class Accounts(Strict):
    """Who may do what."""

    cloud_roles: Names | None = None
    """Roles of Keystone."""

    cloud_projects: list[Project] | None = None
    """Projects, and their quotas."""

    cloud_users: list[User] | None = None
    """Users, and their roles."""

    cloud_groups: list[Group] | None = None
    """Groups, and their roles."""

    cloud_application_credentials: list[ApplicationCredential] | None = None
    """Credentials for programs."""

    federated_group: OptionalText = None
    """The group into which the identity provider's mapping puts users, if it does."""

    federated_project: OptionalText = None
    """The project that this group may use."""

    federated_role: OptionalText = None
    """The role it has there; member when not set."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) and value and "{{" not in value else value


class Networks(Strict):
    """Networks beside ``neutron_networks``."""

    ironic_provisioning_network_type: Literal["flat", "vlan"] | None = None
    """How packets of the provisioning network are marked; vlan when not set."""

    blazar_floating_ips: Annotated[list[Text], BeforeValidator(_listed)] | None = None
    """Floating addresses that can be reserved, outside of the pools: single ones, FIRST-LAST."""


MODELS = (Machines, Accounts, Networks)
