#!/bin/bash

if [[ ! -d "/var/log/kolla/doni" ]]; then
    mkdir -p /var/log/kolla/doni
fi
if [[ $(stat -c %a /var/log/kolla/doni) != "755" ]]; then
    chmod 755 /var/log/kolla/doni
fi

. /usr/local/bin/kolla_doni_extend_start
