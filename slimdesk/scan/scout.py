"""docker scout (docs.docker.com/scout): SARIF of `docker scout cves`. It asks Docker's service, and wants a login.

Its SARIF has the severity, the packages and the mending version in each rule's properties (cvssV3_severity, purls,
fixed_version), and one result for each package that a rule finds; the package stands in the result's message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from slimdesk.scan.model import Scan, Unreadable, Vulnerability, gathered
from slimdesk.scan.read_json import bounded, document, fault, last_words, object_of, objects, purl_key, text
from slimdesk.scan.scanner import Form, Scanner

_PREFIX: dict[Form, str] = {"docker-archive": "archive", "oci-archive": "archive", "oci-layout": "oci-dir"}
_TYPES = frozenset(
    {"deb", "apk", "rpm", "pypi", "npm", "maven", "golang", "cargo", "gem", "nuget", "composer"}
)
_LINE = re.compile(r"^\s*(Package|Fixed version)\s*:\s*(\S.*?)\s*$", re.MULTILINE)
_NOT_FIXED = "not fixed"


def _command(program: Path, image: Path, form: Form, answer: Path) -> list[str]:
    words = [
        "cves", f"{_PREFIX[form]}://{image}", "--format", "sarif", "--output", str(answer),
    ]  # fmt: skip
    # As the Docker CLI's plug-in it wants to be called by its own name first.
    return [str(program), "scout", *words]


def _parse(data: bytes) -> Scan:
    runs = objects(document(data).get("runs"))
    if not runs:
        raise Unreadable("its answer is no SARIF")
    driver = object_of(object_of(runs[0].get("tool")).get("driver"))
    if not str(driver.get("name", "")).lower().startswith("docker scout"):
        raise Unreadable("its answer is not docker scout's")
    rules = {str(one.get("id")): one for one in objects(driver.get("rules"))}
    return Scan(
        "docker scout",
        text(driver.get("version"), 40),
        gathered(_found(objects(runs[0].get("results")), rules)),
        types=_TYPES,
    )


def _found(results: list[dict[str, Any]], rules: Mapping[str, dict[str, Any]]) -> Iterator[Vulnerability]:
    for result in bounded(results):
        rule = rules.get(str(result.get("ruleId")), {})
        properties = object_of(rule.get("properties"))
        message = object_of(result.get("message")).get("text")
        said = dict(_LINE.findall(message)) if isinstance(message, str) else {}
        purl = said.get("Package") or next(iter(_purls(properties)), "")
        key = purl_key(purl)
        fixed = text(said.get("Fixed version") or properties.get("fixed_version"), 200)
        yield fault(
            result.get("ruleId"),
            properties.get("cvssV3_severity"),
            (key[1] if key else purl) or "unknown",
            _version_in(purl),
            purl=purl,
            fixed="" if fixed.lower() == _NOT_FIXED else fixed,
            title=object_of(rule.get("shortDescription")).get("text"),
            url=rule.get("helpUri"),
        )


def _purls(properties: dict[str, Any]) -> list[str]:
    many = properties.get("purls")
    one = properties.get("purl")
    found = many if isinstance(many, list) else [one]
    return [purl for purl in found if isinstance(purl, str)]


def _version_in(purl: str) -> str:
    head, at, version = purl.partition("?")[0].rpartition("@")
    return unquote(version) if at and head and "/" not in version else ""


def _refusal(status: int, said: str) -> tuple[str, str]:
    low = said.lower()
    if "log in" in low or "login" in low or "unauthorized" in low or "authenticat" in low:
        return "docker scout wants a login at Docker", "Run docker login, then scan again"
    if any(word in low for word in ("no such host", "connection refused", "dial tcp", "timeout", "proxy")):
        return "docker scout could not reach Docker's service", "It needs the network: docker.com"
    return f"docker scout ended with status {status}: {last_words(said)}", ""


def _places(environment: Mapping[str, str]) -> tuple[str, ...]:
    home = environment.get("HOME") or str(Path.home())
    programs = environment.get("ProgramFiles", r"C:\Program Files")
    return (
        f"{home}/.docker/cli-plugins",
        f"{home}/.docker/scout",
        "/usr/local/lib/docker/cli-plugins",
        "/usr/local/libexec/docker/cli-plugins",
        "/usr/lib/docker/cli-plugins",
        "/usr/libexec/docker/cli-plugins",
        "/Applications/Docker.app/Contents/Resources/cli-plugins",
        rf"{programs}\Docker\cli-plugins",
    )


SCANNER = Scanner(
    name="scout",
    called="docker scout",
    command=_command,
    parse=_parse,
    refusal=_refusal,
    forms=("docker-archive", "oci-layout"),
    programs=("docker-scout",),
    places=_places,
    needs_network=True,
    # 2 means that it found something (with --exit-code, which nobody gave; its own settings may).
    answers=(0, 2),
)
