"""Kolla-Ansible's verbs, by its own names."""

from __future__ import annotations

# name -> what it does, in our words; a test holds the names against the installed release.
ACTIONS = {
    "bootstrap-servers": "Prepare freshly installed hosts (needs the openstack.kolla collection)",
    "certificates": "Make self-signed TLS certificates, for tests only",
    "check": "Check that the containers run",
    "deploy": "Deploy or change the site: configure, bootstrap and start everything",
    "deploy-bifrost": "Deploy a Bifrost container",
    "deploy-containers": "Start containers without touching configuration",
    "deploy-servers": "Enrol and deploy servers with Bifrost",
    "destroy": "Remove containers, volumes and configuration from the hosts",
    "gather-facts": "Gather facts of the hosts",
    "genconfig": "Write the services' configuration to the hosts, change no container",
    "install-deps": "Fetch Galaxy collections; only bootstrap-servers needs them",
    "mariadb-backup": "Back up the databases (--full or --incremental)",
    "mariadb-recovery": "Bring a stopped MariaDB cluster back",
    "migrate-container-engine": "Move hosts from one container engine to the other",
    "nova-libvirt-cleanup": "Clean up libvirt containers that are switched off",
    "octavia-certificates": "Make certificates for Octavia",
    "post-deploy": "Make what the site says in its cloud: networks, flavors, images, projects",
    "prechecks": "Check that hosts are fit for a deploy",
    "prune-images": "Remove unused images from the hosts",
    "pull": "Pull images to the hosts, change no container",
    "rabbitmq-reset-state": "Reset RabbitMQ's state",
    "reconfigure": "Apply changed configuration to running services",
    "stop": "Stop the containers",
    "upgrade": "Upgrade the services to the configured release",
    "upgrade-bifrost": "Upgrade the Bifrost container",
    "validate-config": "Let each service check its own configuration",
}

# What admins of older CHI-in-a-Box releases type.
ALIASES = {
    "mariadb_backup": "mariadb-backup",
    "mariadb_recovery": "mariadb-recovery",
    "install_deps": "install-deps",
}

# Actions that read or write nothing on the hosts of the site: no inventory, no lock.
OFFLINE = ("install-deps",)
