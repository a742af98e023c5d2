"""A step of an experiment, and what undoes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from cc_ansible.verify.experiment.trial import Trial


@dataclass(frozen=True)
class Said:
    """What a step saw, when one line is not all: lines that show it, and a picture in PNG."""

    detail: str
    log: tuple[str, ...] = ()
    picture: bytes = b""


class Step(ABC):
    """What is done, and undone when it was begun.

    Attributes:
        name: what is asked.
        undone: what is asked at the end; empty when nothing is.
        carries: whether steps after it need it.
    """

    name: ClassVar[str]
    undone: ClassVar[str] = ""
    carries: ClassVar[bool] = True

    @abstractmethod
    def run(self, trial: Trial) -> str | Said:
        """Do it; returns what was seen, in one line or with what shows it.

        Raises:
            NotHere: it does not concern this site.
            Exception: it failed.
        """

    def clean_up(self, trial: Trial) -> str:
        """Undo it, however far it came, and see that it is undone; as :meth:`run`."""
        return ""
