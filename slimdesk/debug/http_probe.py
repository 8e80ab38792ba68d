"""Does the app answer HTTP, asked from inside its own network? With the helper's curl, nc or wget."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

# A proxy that the engine's client gives its containers is not for this.
_TEXT = r"""
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
echo "$1 answer"
if command -v curl >/dev/null 2>&1; then curl -sS -i -k --max-time "$3" "$2" 2>&1 | head -c 20000
elif [ -n "$4" ] && command -v nc >/dev/null 2>&1; then printf %s "$4" | nc -w "$3" "$5" "$6" 2>&1 | head -c 20000
elif command -v wget >/dev/null 2>&1; then wget -S -O - -T "$3" "$2" 2>&1 | head -c 20000
else echo; echo "$1 missing"; fi
"""
_PATH = re.compile(r"/[^\s\x00-\x20\x7f\"'<>\\^`{|}]{0,2000}", re.ASCII)
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})\b")
_TOO_SLOW = ("timed out", "timeout")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: `status` None = no HTTP. `head` are the first lines, made harmless. `reason` is a sentence."""

    url: str
    status: int | None
    head: tuple[str, ...]
    reason: str


def script(
    port: int, path: str = "/", seconds: int = 5, host: str = "127.0.0.1", *, secure: bool = False
) -> Script:
    """Return what asks for the path. Raises BadInput for a port or path that cannot be one."""
    if not 0 < port < 65536:
        raise BadInput(f"{port} is no port", "", "Give one from 1 to 65535")
    if not _PATH.fullmatch(path):
        raise BadInput(
            f"{visible(path, 60)} is no path", "", "Write it as in /health, with what is special as %20"
        )
    scheme = "https" if secure else "http"
    # What nc sends; it knows no TLS.
    request = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nUser-Agent: SlimDesk\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    limit = str(max(1, min(seconds, 60)))
    return Script(
        _TEXT, (f"{scheme}://{host}:{port}{path}", limit, "" if secure else request, host, str(port))
    )


def parse(asked: Script, out: bytes) -> HttpAnswer:
    """Read the answer of either tool."""
    url = asked.arguments[0]
    told = {name: read_text(body) for name, body in asked.parts(out)}
    answer = told.get("answer", "")
    if "missing" in told:
        return HttpAnswer(url, None, (), "The toolbox has neither curl nor nc nor wget: take another.")
    match = _STATUS.search(answer)
    head = tuple(visible(line.rstrip(), 300) for line in answer.splitlines() if line.strip())[:40]
    if match:
        status = int(match[1])
        said = "It answers" if status < 500 else "It answers, but with an error of its own"
        return HttpAnswer(url, status, head, f"{said}: HTTP {status}.")
    return HttpAnswer(url, None, head, _why_not(answer))


def _why_not(answer: str) -> str:
    low = answer.lower()
    if "refused" in low or "couldn't connect" in low or "failed to connect" in low:
        return "Nothing listens there: the connection is refused."
    if any(sign in low for sign in _TOO_SLOW):
        return "It accepts the connection and does not answer in time."
    if "error getting response" in low or "empty reply" in low or "reset" in low:
        return "It accepts the connection and hangs up: perhaps it does not speak HTTP, or wants HTTPS."
    if not low.strip():
        return "It accepts the connection and says nothing in HTTP: it is slow, wants HTTPS, or speaks something else."
    return "It does not answer in HTTP."
