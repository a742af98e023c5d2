#!/bin/bash
# Answers Kolla's health question "--defaults-file FILE --connect --galera_online".
set -eu
[ "$1" = --defaults-file ] || { echo "usage: $0 --defaults-file FILE --connect --galera_online" >&2; exit 2; }
state=$(mariadb --defaults-file="$2" --connect-timeout=10 -sNe "SHOW STATUS LIKE 'wsrep_local_state_comment'")
case "$state" in
    *Synced*) ;;
    *) echo "this node is not in sync: ${state:-no Galera state}" >&2; exit 1 ;;
esac
