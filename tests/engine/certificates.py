"""Certificates of a test's own: an authority, and what it signs, in one folder."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path


def why_not() -> str | None:
    """Why this machine makes no certificates, in a sentence; None if it does."""
    return None if shutil.which("openssl") else "openssl is not installed"


def authority(folder: Path, name: str = "ca") -> Pair:
    """Make an authority that signs certificates."""
    pair = _pair(folder, name)
    _openssl("req", "-x509", "-days", "2", "-subj", f"/CN={name}", "-out", pair.certificate, *_key(pair))
    return pair


def signed(folder: Path, by: Pair, name: str, *, server: bool = False, days: int = 2) -> Pair:
    """Make a certificate that `by` signs, for a client or for a server at 127.0.0.1; with 0 days it has ended."""
    pair = _pair(folder, name)
    request, rules = folder / f"{name}.csr", folder / f"{name}.cnf"
    use = "serverAuth\nsubjectAltName=IP:127.0.0.1" if server else "clientAuth"
    rules.write_text(f"extendedKeyUsage={use}\n")
    _openssl("req", "-subj", f"/CN={name}", "-out", request, *_key(pair))
    _openssl("x509", "-req", "-in", request, "-days", str(days), "-CA", by.certificate, "-CAkey", by.key,
             "-CAcreateserial", "-extfile", rules, "-out", pair.certificate)  # fmt: skip
    return pair


def folder_of(folder: Path, ca: Pair, client: Pair | None = None) -> Path:
    """Make a folder as DOCKER_CERT_PATH wants it: ca.pem, and cert.pem with key.pem where there is a client's."""
    folder.mkdir(parents=True)
    shutil.copy(ca.certificate, folder / "ca.pem")
    if client is not None:
        shutil.copy(client.certificate, folder / "cert.pem")
        shutil.copy(client.key, folder / "key.pem")
    return folder


def _pair(folder: Path, name: str) -> Pair:
    return Pair(folder / f"{name}.pem", folder / f"{name}.key")


def _key(pair: Pair) -> tuple[object, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pair.key)


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
