"""Why an engine and this machine do not agree on TLS, in words, and what to do about it."""

from __future__ import annotations

import ssl

from slimdesk.basics.escaping import visible
from slimdesk.engine.endpoint import Endpoint

OWN = "cert.pem and key.pem, beside ca.pem in the context or in DOCKER_CERT_PATH"
_CA = "Put the engine's ca.pem into the context, or into DOCKER_CERT_PATH"
# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME = (62, 64)
# OpenSSL's names of the alerts by which an engine refuses a client's certificate (RFC 8446, 6.2).
_REFUSED = {
    "BAD_CERTIFICATE": "it is none that the engine takes",
    "UNKNOWN_CA": "another authority signed it",
    "CERTIFICATE_EXPIRED": "it has expired",
    "CERTIFICATE_REVOKED": "it was revoked",
    "CERTIFICATE_UNKNOWN": "the engine does not say why",
    "UNSUPPORTED_CERTIFICATE": "it is of a kind that the engine does not know",
}
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")


def tls_words(endpoint: Endpoint, error: ssl.SSLError) -> tuple[str, str]:
    """Return why, and what to do."""
    where = visible(endpoint.host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_the_engines(where, error)
    reason = str(getattr(error, "reason", None) or "")
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or reason.startswith("UNEXPECTED_EOF"):
        return hung_up(where)
    if reason.endswith(("CERTIFICATE_REQUIRED", "PEER_DID_NOT_RETURN_A_CERTIFICATE")):
        return f"{where} asks for a certificate, and this machine has none for it", f"Put {OWN}"
    for alert, why in _REFUSED.items():
        if reason.endswith(f"ALERT_{alert}"):
            return (
                f"{where} does not accept this machine's certificate: {why}",
                f"Get one that the engine's authority signed: {OWN}",
            )
    if reason.endswith(_NO_TLS):
        return f"{where} speaks no TLS", (
            "Correct the port (2376 with TLS, 2375 without), or leave the certificates out of the context"
        )
    return (
        f"{where} and this machine do not agree on TLS ({visible(reason or str(error), 120)})",
        "See whether the engine expects TLS: tcp://…:2376 with certificates, tcp://…:2375 without",
    )


def hung_up(where: str) -> tuple[str, str]:
    """Return what is said of an engine that ended the connection: its refusal may have got lost on the way."""
    return (
        f"the engine at {where} closed the connection",
        f"See whether it takes this machine's certificate: {OWN}",
    )


def _of_the_engines(where: str, error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    said = f"the certificate of {where} is not trusted: {visible(str(error.verify_message), 120)}"
    if error.verify_code == _EXPIRED:
        return said, "Give the engine a new certificate (its --tlscert), or set this machine's clock"
    if error.verify_code == _NOT_YET:
        return said, "Set this machine's clock, or the engine's"
    if error.verify_code in _OTHER_NAME:
        return said, "Name the engine as its certificate does, or give it one that names this address"
    return said, _CA
