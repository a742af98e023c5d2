"""The experiment of a user, from a window in which hardware is lent to a node back in the pool."""

from cc_ansible.verify.experiment.options import Beside, FakeNode, Options, SwitchPort
from cc_ansible.verify.experiment.runner import leftovers, names_of, run

__all__ = ["Beside", "FakeNode", "Options", "SwitchPort", "leftovers", "names_of", "run"]
