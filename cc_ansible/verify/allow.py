"""Lines in logs that look like trouble and are none: ``kolla/verify-allow.yml`` and the site's."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import yamlfile

FILE = "verify-allow.yml"


class Allowed(BaseModel):
    """``pattern`` is looked for in a line without its time and level, in logs of ``service``.

    ``service`` is a glob over the name of the log or of the directory it is in, such as
    ``nova-compute`` or ``nova``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = "*"
    pattern: str
    reason: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as problem:
            raise ValueError(f"no regular expression: {problem}") from None
        return value

    def covers(self, file: str, text: str) -> bool:
        """Whether a line of a log is one of these."""
        path = PurePosixPath(file)
        names = (path.stem, *path.parts[:-1])
        ours = any(fnmatch.fnmatchcase(name, self.service) for name in names)
        return ours and re.search(self.pattern, text) is not None


def read(files: Iterable[Path]) -> list[Allowed]:
    """What these files allow; those that are not there allow nothing.

    Raises:
        SiteInvalid: one of them is not what it should be.
    """
    return [entry for file in files if file.is_file() for entry in _entries(file)]


def _entries(file: Path) -> Iterator[Allowed]:
    document = yamlfile.load_mapping(file)
    for number, each in enumerate(document.value.get("allow") or ()):
        try:
            yield Allowed.model_validate(each)
        except ValidationError as problem:
            first = problem.errors()[0]
            where = "".join(f"{part}: " for part in first["loc"])
            raise SiteInvalid(
                f"{file.name} has an entry that is not valid.",
                detail=f"{where}{first['msg']}",
                fix="An entry has `pattern`, `reason` and, if you like, `service`.",
                origin=document.origin("allow", number),
            ) from None
