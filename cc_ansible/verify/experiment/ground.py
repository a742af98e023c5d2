"""What users find on the site before they begin: a flavor, an image, a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable


class Ground(Step):
    name = "what users start from"

    def run(self, trial: Trial) -> str:
        options, admin = trial.options, trial.admin
        trial.flavor = _id(admin.compute.find_flavor, "flavor", options.flavor)
        trial.image = _id(admin.image.find_image, "image", options.image)
        seen = [f"flavor {options.flavor}", f"image {options.image}"]
        if options.external_network:
            trial.external = _id(admin.network.find_network, "network", options.external_network)
            seen.append(f"network {options.external_network}")
        return ", ".join(seen)


def _id(find: Callable[[str], object], noun: str, name: str) -> str:
    found = find(name)
    if found is None:
        raise Trouble(
            f"there is no {noun} {name}",
            cause=f"Nobody has made the {noun}, or it has another name.",
            fix="Make it: cc-ansible post-deploy",
        )
    return str(getattr(found, "id", ""))
