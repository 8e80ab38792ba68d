"""The proxies of Docker's client configuration, as the build arguments that every Dockerfile knows.

Source: docker/cli, cli/config/configfile/file.go, ParseProxyConfig: the engine's own entry, else `default`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "ftpProxy": "FTP_PROXY",
    "noProxy": "NO_PROXY",
    "allProxy": "ALL_PROXY",
}


def proxy_arguments(configuration: Mapping[str, Any], host: str) -> dict[str, str]:
    """Return HTTP_PROXY, http_proxy and so on for builds at the engine `host`; empty where nothing is configured."""
    proxies = configuration.get("proxies")
    if not isinstance(proxies, dict):
        return {}
    chosen = proxies.get(host) or proxies.get("default")
    if not isinstance(chosen, dict):
        return {}
    found = {}
    for key, name in _NAMES.items():
        value = chosen.get(key)
        if isinstance(value, str) and value:
            found[name] = found[name.lower()] = value
    return found
