"""What a check is about: the address it asks, the port, the pause; and the words that ask an address in an image."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from slimdesk.recipes.needs_commands import Inside

_URL = re.compile(r"https?://[^\s\"'|;&<>)]+", re.IGNORECASE)
_SECONDS = re.compile(r"(\d{1,5})(?:\.\d+)?(s|m)?")
_PORT = re.compile(r"(?<![\d.])(\d{2,5})(?![\d.])")


def address_of(text: str, inside: Inside) -> str:
    """Return the address that a check asks, variables for ports filled in; the component's own where it names none."""
    match = _URL.search(text)
    port = inside.component.port
    if match is None:
        bare = re.search(r"(?:localhost|127\.0\.0\.1)(?::(\d{2,5}))?(/[\w./-]*)?", text)
        if bare:
            return f"http://127.0.0.1:{bare.group(1) or port or 80}{bare.group(2) or '/'}"
        return f"http://127.0.0.1{f':{port}' if port else ''}/"
    url = re.sub(
        r"\$\{?[A-Za-z_]*PORT[A-Za-z_]*(?::?-(\d+))?\}?",
        lambda found: found.group(1) or str(port or 80),
        match.group(),
    )
    return url.replace("'", "").replace("\\", "")


def port_of_address(url: str) -> int | None:
    """Return the port of an address; None if it has no port that can be."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return port or (443 if parts.scheme == "https" else 80)


def port_of(text: str, inside: Inside) -> int | None:
    """Return the port that a check names: the component's own if that is among them."""
    ports = [int(found) for found in _PORT.findall(text) if 0 < int(found) < 65_536]
    mine = inside.component.port
    return mine if mine in ports else next(iter(ports), mine)


def seconds_of(text: str) -> int:
    """Return how long a pause lasts, in seconds; 5 where that cannot be read."""
    match = re.search(rf"sleep\s+{_SECONDS.pattern}", text)
    if match is None:
        return 5
    return int(match.group(1)) * (60 if match.group(2) == "m" else 1)


def asking_words(url: str, inside: Inside) -> tuple[str, ...] | None:
    """Return words of a program in the image that fail unless `url` answers with success."""
    own = inside.component.value("healthcheck")
    if isinstance(own, str) and inside.argv and own and " " not in own:
        return (inside.argv[0], own)
    interpreter = inside.interpreter()
    profile = inside.component.profile
    if interpreter is not None and profile == "python":
        return (interpreter, "-c", f"import urllib.request as r; r.urlopen('{url}', timeout=3)")
    if interpreter is not None and profile == "node":
        return (
            interpreter,
            "-e",
            f"fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))",
        )
    if interpreter is not None and profile == "ruby":
        return (
            interpreter,
            "-rnet/http",
            "-e",
            f"exit Net::HTTP.get_response(URI('{url}')).is_a?(Net::HTTPSuccess)",
        )
    if inside.programs.has("wget"):
        return ("wget", "-q", "-O", "/dev/null", url)
    if inside.programs.has("curl"):
        return ("curl", "-fsS", "-o", "/dev/null", url)
    return None
