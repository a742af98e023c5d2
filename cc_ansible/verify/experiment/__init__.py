"""The experiment of a user, from a window in which hardware is lent to a node back in the pool."""

from cc_ansible.verify.experiment.options import FakeNode, Options, SwitchPort
from cc_ansible.verify.experiment.runner import leftovers, names_of, run

__all__ = ["FakeNode", "Options", "SwitchPort", "leftovers", "names_of", "run"]
