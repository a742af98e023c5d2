"""Quick questions to the cloud itself: a token, every endpoint, and the certificates of those."""

from __future__ import annotations

import datetime
import socket
import ssl
import time
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.verify import catalogue, cloud
from cc_ansible.verify.check import Check, Failed, Skipped, Trouble
from cc_ansible.verify.judge import certificates
from cc_ansible.verify.result import Result

if TYPE_CHECKING:
    from openstack.connection import Connection

TOKEN, ENDPOINT = "token", "endpoint"
PARALLEL = 8
PUBLIC = ("internal", "public")


@dataclass(frozen=True)
class Answer:
    """What an address answered: a status, or why there was none."""

    status: int | None = None
    text: str = ""
    trouble: Trouble | None = None
    seconds: float = 0.0


def token(clouds_yaml: Path) -> tuple[Result, Connection | None]:
    """Log in through the VIP as the site's admin; the connection where that worked."""
    made: list[Connection] = []

    def question() -> str:
        if not clouds_yaml.is_file():
            raise Failed(
                Trouble(
                    f"there is no {clouds_yaml}",
                    "This machine has no credentials of the site.",
                    "Make them: `cc-ansible post-deploy` (the site must be deployed).",
                )
            )
        connection = cloud.connect(clouds_yaml)
        connection.session.get_token()
        made.append(connection)
        return f"from {connection.config.get_auth_args()['auth_url']}"

    result = Check(TOKEN, "token").ask(question, cloud.explain)
    return result, made[0] if made else None


def endpoints(connection: Connection) -> list[Result]:
    """One result for each service and interface of the catalogue, asked side by side."""
    present = [e for e in catalogue.of_cloud(connection.service_catalog) if e.interface in PUBLIC]
    if not present:
        cause = "Keystone's catalogue names no address, so nobody can use any service."
        trouble = Trouble("the catalogue is empty", cause, "Register them: `cc-ansible deploy`.")
        return [Check(ENDPOINT + "s", "endpoints").judged([trouble], "")]
    verify, _ = connection.config.get_requests_verify_args()
    with ThreadPoolExecutor(PARALLEL) as pool:
        urls = list(dict.fromkeys(entry.url for entry in present))
        answers = dict(zip(urls, pool.map(lambda url: ask(url, verify), urls), strict=True))
    named: dict[str, list[str]] = {}
    for entry in sorted(present, key=lambda entry: (entry.service, entry.interface)):
        named.setdefault(f"{ENDPOINT} {entry.service} {entry.interface}", []).append(entry.url)
    return [judge(Check(name, "endpoints"), urls, answers) for name, urls in named.items()]


def judge(check: Check, urls: Sequence[str], answers: Mapping[str, Answer]) -> Result:
    """An API that refuses us politely is an API that runs."""
    troubles = []
    for url in urls:
        answer = answers[url]
        if answer.trouble:
            trouble = answer.trouble
            troubles.append(Trouble(f"{url}: {trouble.seen}", trouble.cause, trouble.fix))
        elif answer.status is not None and answer.status >= 500:
            text = f"{url} answers {answer.status} {answer.text}"
            troubles.append(cloud.answered(answer.status, text))
    well = ", ".join(f"{url} answers {answers[url].status}" for url in urls)
    return check.judged(troubles, well, max(answers[url].seconds for url in urls))


def ask(url: str, verify: bool | str | None = True) -> Answer:
    """Ask an address of the catalogue, without logging in."""
    import requests

    begun = time.monotonic()
    plain = url.split("%")[0].split("$")[0]
    try:
        found = requests.get(plain, timeout=cloud.TIMEOUT, allow_redirects=False, verify=verify)
    except requests.exceptions.RequestException as problem:
        why = cloud.silent(problem) or Trouble(str(problem), "", "")
        return Answer(trouble=why, seconds=time.monotonic() - begun)
    return Answer(found.status_code, found.reason, seconds=time.monotonic() - begun)


def tls(urls: Iterable[str], now: datetime.datetime) -> list[Result]:
    """One result for the certificate of each address that has TLS."""
    parts = [urllib.parse.urlsplit(url) for url in urls]
    places = {(part.hostname or "", part.port or 443) for part in parts if part.scheme == "https"}
    return [_certificate(host, port, now) for host, port in sorted(places)]


def _certificate(host: str, port: int, now: datetime.datetime) -> Result:
    where = f"{host}:{port}"

    def question() -> str:
        pem = peer(host, port)
        if trouble := certificates.judged(pem, f"of {where}", now):
            raise Failed(trouble)
        return f"valid for {certificates.days_left(pem, now):.0f} days"

    def explain(problem: Exception) -> Trouble:
        if isinstance(problem, ssl.SSLError):
            text = f"no TLS: {problem.reason or problem}"
            return Trouble(text, f"{where} does not speak TLS as it should.", "See check HAProxy.")
        return cloud.silent(problem) or cloud.explain(problem)

    return Check(f"{certificates.ENDPOINT} {where}", "certificates").ask(question, explain)


def peer(host: str, port: int) -> bytes:
    """The certificate that an address shows, in PEM form, valid or not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=cloud.TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    if not shown:
        raise Skipped("it shows no certificate")
    return ssl.DER_cert_to_PEM_cert(shown).encode()
