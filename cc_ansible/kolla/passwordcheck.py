"""Everything there is to say about the passwords of a site and how they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.kolla import identity_provider, known, needed
from cc_ansible.site import findings, inventory, passwords, yamlfile
from cc_ansible.site.findings import Finding
from cc_ansible.site.load import Site
from cc_ansible.site.model.declared import SETTINGS
from cc_ansible.site.rules import given_secrets, kept, named_secrets, secrets
from cc_ansible.site.secrets import content, store
from cc_ansible.site.survey import Survey

_WORD = re.compile(r"[A-Za-z_]\w*")
LARGEST = 1 << 20


def check(site: Site, survey: Survey | None = None, *, ask_server: bool = True) -> list[Finding]:
    """All rules about secrets, errors first. Values are in none of the findings.

    ``survey`` is what was read of the site already.
    Without ``ask_server`` passwords that are kept on a server are not looked at.

    Raises:
        CcError: the server that keeps them cannot be reached.
    """
    survey = survey or Survey(site.path, site.project)
    return findings.ordered(_found(site, survey, ask_server))


def _found(site: Site, survey: Survey, ask_server: bool) -> Iterator[Finding]:
    about_files = list(kept.kept(site))
    yield from about_files
    documents = [source.document for source in survey.sources if source.of_site]
    listed = passwords.known(site.project)
    yield from secrets.plain_variables(documents, listed)
    locked = any(one.rule == kept.VAULT_PASSWORD_MISSING.name for one in about_files)
    if locked or (site.secrets and site.secrets.on_server and not ask_server):
        return
    try:
        seen = store.read(store.open_store(site))
        present = seen.values
    except SiteInvalid as problem:
        yield findings.from_error(problem)
        return
    origin = _origin(site, seen.text)
    lacking = passwords.missing(present, listed)
    yield from secrets.complete(present, listed, needed.needed(site, lacking), origin)
    yield from secrets.unknown(present, listed, _mentioned(site, set(present) - {*listed}), origin)
    yield from secrets.strong(present, origin)
    yield from given_secrets.keys(documents, present, origin)
    federated = site.scenario in identity_provider.FEDERATED
    yield from given_secrets.client(documents, present, federated=federated)
    said = {name for document in documents for name in document.value}
    others = {*listed, *said, *known.variables(), *known.undefaulted()}
    yield from named_secrets.undefined(site.path, documents, set(present), others)


def _origin(site: Site, text: str) -> secrets.Where:
    """Places of passwords: lines where the file shows them, the file where it is encrypted."""
    file = site.passwords_file
    if not file.is_file() or (site.secrets and site.secrets.on_server):
        return lambda _: None
    if yamlfile.is_encrypted(file):
        return lambda _: Origin(file)
    document = content.document(text, file)
    return document.origin


def _mentioned(site: Site, names: set[str]) -> Callable[[str], bool]:
    """Tells whether Kolla-Ansible, our roles, a setting or the site's own files use a name."""
    words = known.mentioned(names) | set(known.variables()) if names else set()
    words |= {name for model in SETTINGS for name in model.model_fields}
    places = [site.custom_config_dir, site.path / "globals.d", site.inventory_dir]
    places += [inventory.vars_root(site) / name for name in ("group_vars", "host_vars")]
    files = [file for place in places for file in sorted(place.rglob("*"))]
    files += [*site.path.glob("*.y*ml"), site.inventory_dir, *named_secrets.files(site.path)]
    for file in files if names else ():
        if file.is_file() and file != site.passwords_file and file.stat().st_size < LARGEST:
            words |= set(_WORD.findall(file.read_text(encoding="utf-8", errors="ignore")))
    return words.__contains__
