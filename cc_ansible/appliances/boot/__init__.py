"""A built image booted for a look at it, without touching it: QEMU, or systemd-nspawn."""
