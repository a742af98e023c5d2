"""A bootable disk out of a root file system, without loop devices, device-mapper or mounts.

The same archive gives the same bits: identifiers follow from the stage's key, times are fixed, and
files are written in the order of their names.
"""
