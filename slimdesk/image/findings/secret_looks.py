"""Bodies that may hold a secret: which files are looked at, and by what a secret is known. The secret itself is never kept."""

from __future__ import annotations

import re

from slimdesk.image.bodies import Interest
from slimdesk.image.interests import Rule
from slimdesk.image.json_objects import json_object

WORD = "secret"
Sign = tuple[str, int]
"""What it is, in words, and the line it stands in."""

_MOST = 256 << 10
_SIGNS_KEPT = 5
_KEY = ("a private key", re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"))
# Shapes that their issuers document; a name alone proves nothing.
_TOKENS = (
    _KEY,
    ("a GitHub token", re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})")),
    ("a GitLab token", re.compile(rb"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("an npm token", re.compile(rb"\bnpm_[A-Za-z0-9]{36}\b|:_(?:authToken|auth|password)\s*=\s*[^\s$]")),
    ("a PyPI token", re.compile(rb"\bpypi-[A-Za-z0-9_-]{50,}")),
    (
        "an AWS access key",
        re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|aws_secret_access_key\s*=\s*[^\s$]{16}"),
    ),
    ("a Slack token", re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a Google key", re.compile(rb"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Stripe key", re.compile(rb"\b[sr]k_live_[0-9A-Za-z]{20,}")),
    (
        "a password in an address",
        re.compile(rb"\b[a-z][a-z0-9+]{1,20}://[^\s/:@$]{1,100}:[^\s/@$]{3,200}@[A-Za-z0-9]"),
    ),
)
_SETTING = re.compile(
    rb"^\s*(?:export\s+)?[A-Z0-9_]{0,60}(?:SECRET|PASSWORD|PASSWD|TOKEN|API_KEY|PRIVATE_KEY|ACCESS_KEY)"
    rb"[A-Z0-9_]{0,40}[ \t]{0,10}=[ \t]{0,10}[\"']?([^\s\"'#$][^\r\n]{2,})",
    re.MULTILINE,
)
_EXAMPLE = re.compile(rb"(?i)^(?:change|your|example|xxx|<|todo|secret$|password$|none$|null$|true$|false$)")
_MACHINE = re.compile(rb"^\s*machine\s+\S+[\s\S]{0,200}?\bpassword\s+\S+", re.MULTILINE)
_PASSWORD = re.compile(rb"(?im)^\s*password\s*[=:]\s*[^\s$]|<(?:password|privateKey|passphrase)>[^<${]")


def _look(key: bytes, body: bytes, _: int) -> tuple[Sign, ...] | None:
    name = key.rpartition(b"\0")[2]
    signs = [(what, _line(body, match.start())) for what, form in _TOKENS if (match := form.search(body))]
    if name.startswith(b".env"):
        for match in _SETTING.finditer(body):
            if not _EXAMPLE.match(match[1]):
                signs.append(("a password or key", _line(body, match.start(1))))
                break
    elif name in (b".netrc", b"_netrc") and (match := _MACHINE.search(body)):
        signs.append(("a password", _line(body, match.start())))
    elif name in (b".pypirc", b"settings.xml", b"gradle.properties", b"credentials.toml", b"auth.json"):
        if match := _PASSWORD.search(body):
            signs.append(("a password", _line(body, match.start())))
    elif name == b"config.json" and _has_registry_login(body):
        signs.append(("a registry login", 1))
    return tuple(signs[:_SIGNS_KEPT]) or None


def _line(body: bytes, at: int) -> int:
    return body.count(b"\n", 0, at) + 1


def _has_registry_login(body: bytes) -> bool:
    logins = (json_object(body) or {}).get("auths")
    return isinstance(logins, dict) and any(
        isinstance(login, dict) and (login.get("auth") or login.get("password")) for login in logins.values()
    )


def _look_binary(_: bytes, __: bytes, ___: int) -> tuple[Sign, ...]:
    return (("a key store", 0),)


def _is_env(key: bytes) -> bool:
    name = key.rpartition(b"\0")[2]
    return name == b".env" or (
        name.startswith(b".env.") and not name.endswith((b".example", b".sample", b".template", b".dist"))
    )


def _in_docker(key: bytes) -> bool:
    return key.endswith((b".docker\0config.json", b"containers\0auth.json"))


def _in_cloud(key: bytes) -> bool:
    return key.endswith((b".aws\0credentials", b".kube\0config", b".cargo\0credentials", b".git\0config"))


# Of a large file the beginning is enough: keys and tokens stand in small files.
_ANY = Interest(WORD, _look, wanted=lambda _, size: min(size, _MOST), weighs=256)
_NAMES = frozenset(
    (
        b"id_rsa",
        b"id_dsa",
        b"id_ecdsa",
        b"id_ed25519",
        b".npmrc",
        b".yarnrc.yml",
        b".pypirc",
        b"pip.conf",
        b".netrc",
        b"_netrc",
        b".git-credentials",
        b"terraform.tfstate",
        b"gradle.properties",
        b"settings.xml",
        b"credentials.toml",
        b"service-account.json",
        b"secrets.yml",
        b"secrets.yaml",
        b"secrets.json",
        b"master.key",
    )
)
_ENV_NAMES = frozenset(
    (
        b".env",
        *(
            b".env." + word
            for word in (b"local", b"production", b"prod", b"staging", b"development", b"test")
        ),
    )
)

LOOKS: tuple[Rule, ...] = (
    Rule(_ANY, names=_NAMES),
    Rule(_ANY, names=_ENV_NAMES, fits=_is_env),
    Rule(_ANY, names=frozenset((b"config.json", b"auth.json")), fits=_in_docker),
    Rule(_ANY, names=frozenset((b"credentials", b"config")), fits=_in_cloud),
    Rule(_ANY, endings=frozenset((b"pem", b"key", b"ppk", b"asc"))),
    Rule(
        Interest(WORD, _look_binary, wanted=lambda _, size: min(4, size), weighs=64),
        endings=frozenset((b"p12", b"pfx", b"jks", b"keystore")),
    ),
)
