"""A program that speaks TLS finds the certificates of authorities."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.doctor.scripts import scripts
from slimdesk.image.starting import variable

# Go's crypto/x509 (root_linux.go), OpenSSL's own folder, and Debian's, Alpine's and Red Hat's places.
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/share/ca-certificates/ca-certificates.crt",
)
_LIBRARIES = ("libssl.", "libgnutls.", "libcurl.", "libnss3.")
# Names that linkers leave in programs that speak TLS, and those that bring the certificates themselves.
_SPEAKS = (b"crypto/tls.(*Conn)", b"rustls")
_BRINGS = (b"webpki-roots", b"webpki_roots", b"golang.org/x/crypto/x509roots")
# These have their own in the program.
_OWN = ("node", "nodejs", "deno", "bun", "java")


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a warning where TLS is likely and no certificates are there."""
    named = variable(patient.config, "SSL_CERT_FILE")
    if named and patient.is_file(named):
        return
    if any(patient.is_file(path) for path in _FILES) or variable(patient.config, "SSL_CERT_DIR"):
        return
    programs = [path for words in patient.chain if (path := patient.command(words[0]))]
    programs += [path for one in scripts(patient) if (path := patient.command(one.program))]
    for path in dict.fromkeys(programs):
        if posixpath.basename(path) in _OWN or not _speaks(patient, path):
            continue
        name = visible(path, 120)
        message = f"{name} speaks TLS, and no certificates of authorities are in the image: calls to https addresses fail"
        fix = "COPY /etc/ssl/certs/ca-certificates.crt from the build stage, or choose a family that has it"
        yield Symptom(Finding("no-certificates", "warning", message, path=_FILES[0], fix=fix))
        return


def _speaks(patient: Patient, path: str) -> bool:
    elf = patient.elf(path)
    if elf is None:
        return False
    if any(library.startswith(_LIBRARIES) for library in elf.needed):
        return True
    body = patient.body(path) or b""
    return any(word in body for word in _SPEAKS) and not any(word in body for word in _BRINGS)
