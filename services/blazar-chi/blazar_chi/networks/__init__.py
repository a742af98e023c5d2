"""Network segments, such as VLANs, that leases turn into networks of their projects."""

RESOURCE_TYPE = "network"
