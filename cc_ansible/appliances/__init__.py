"""Disk images built from code: definitions, stages that are built once, disks, tests, Glance."""
