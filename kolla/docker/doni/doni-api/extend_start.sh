#!/bin/bash

# Bootstrap and exit when KOLLA_BOOTSTRAP is set, to whatever value.
if [[ "${!KOLLA_BOOTSTRAP[@]}" ]]; then
    doni-dbsync --config-file /etc/doni/doni.conf upgrade
    exit 0
fi
