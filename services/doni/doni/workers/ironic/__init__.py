"""Makes Ironic have a node for each item, with its ports."""

from doni.workers.ironic.worker import IronicWorker

__all__ = ["IronicWorker"]
