"""Configuration of the servers that hand out a front end's files: what is found, what is not, what browsers may keep.

Rules, the same for both servers: a path that no file has is answered by the page of a single-page application, or with
404; a missing file with an ending (a script, a picture) is always 404, so that no browser takes a page for a script.
Files with a hash in their name may be kept for long, all others are asked for anew (they carry Last-Modified).
Sources: nginx.org, "ngx_http_core_module" (try_files); static-web-server.net, "Advanced".
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from slimdesk.project.model import Component

NGINX_ROOT = "/usr/share/nginx/html"
SERVER_ROOT = "/public"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
# static-web-server puts its headers on answers of 404 as well: a file that a newer release has must not be missed for long.
AN_HOUR = "public, max-age=3600"

# Tool -> the folders, from the base path, in which it puts files with a hash in their name.
HASHED: dict[str, tuple[str, ...]] = {
    "vite": ("assets",),
    "svelte": ("assets",),
    "react-router": ("assets",),
    "docusaurus": ("assets",),
    "vitepress": ("assets",),
    "create-react-app": ("static",),
    "rsbuild": ("static",),
    "vue-cli": ("js", "css", "img", "fonts"),
    "next": ("_next/static",),
    "nuxt": ("_nuxt",),
    "astro": ("_astro",),
    "sveltekit": ("_app/immutable",),
    "gatsby": ("static",),
}
_COMPRESSED = (
    "text/css text/plain text/xml text/javascript application/javascript application/json application/manifest+json "
    "application/xml application/wasm image/svg+xml font/ttf"
)


@dataclass(frozen=True, slots=True)
class Site:
    """What a server has to know: `base` begins and ends with a slash, `hashed` are folders below it."""

    port: int
    base: str
    spa: bool
    hashed: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The base path as a folder below the server's root; empty for the root itself."""
        return self.base.strip("/")


def site_of(component: Component) -> Site:
    """Read the facts."""
    base = str(component.value("base_path", "/"))
    return Site(
        component.port or 8080,
        base if base.startswith("/") and base.endswith("/") else "/",
        component.value("spa", False) is True,
        HASHED.get(component.framework or "", ()),
    )


def nginx_conf(site: Site, *, include: bool = False) -> tuple[str, ...]:
    """Return the lines of a whole nginx.conf for a user that is not root; `include` takes the project's own servers."""
    head = (
        "worker_processes auto;",
        "error_log /dev/stderr warn;",
        "pid /tmp/nginx.pid;",
        "events {}",
        "http {",
        "  include /etc/nginx/mime.types;",
        "  default_type application/octet-stream;",
        "  access_log /dev/stdout;",
        "  server_tokens off;",
        "  sendfile on;",
        "  client_body_temp_path /tmp/client;",
        "  proxy_temp_path /tmp/proxy;",
        "  fastcgi_temp_path /tmp/fastcgi;",
        "  uwsgi_temp_path /tmp/uwsgi;",
        "  scgi_temp_path /tmp/scgi;",
        "  gzip on;",
        "  gzip_vary on;",
        "  gzip_min_length 1024;",
        f"  gzip_types {_COMPRESSED};",
    )
    if include:
        return (*head, "  include /etc/nginx/conf.d/*.conf;", "}")
    return (*head, *(f"  {line}" for line in _nginx_server(site)), "}")


def _nginx_server(site: Site) -> list[str]:
    last = f"{site.base}index.html" if site.spa else "=404"
    lines = [
        "server {",
        f"  listen {site.port};",
        f"  root {NGINX_ROOT};",
        # Docker publishes other ports than the one that nginx would write into a redirect.
        "  absolute_redirect off;",
    ]
    if not site.spa:
        lines.append(f"  error_page 404 {site.base}404.html;")
    lines += [
        f'  location ^~ {site.base}{folder}/ {{ add_header Cache-Control "{FOREVER}"; try_files $uri =404; }}'
        for folder in site.hashed
    ]
    if site.base != "/":
        lines.append(f"  location = / {{ return 302 {site.base}; }}")
    lines += [
        f'  location ~ "[.][A-Za-z0-9]{{1,12}}$" {{ add_header Cache-Control "{ASK_AGAIN}"; try_files $uri =404; }}',
        f'  location / {{ add_header Cache-Control "{ASK_AGAIN}"; try_files $uri $uri/index.html $uri.html {last}; }}',
        "}",
    ]
    return lines


def server_toml(site: Site) -> tuple[str, ...]:
    """Return the lines of static-web-server's configuration file."""
    lines = [
        "[general]",
        f"port = {site.port}",
        f'root = "{SERVER_ROOT}"',
        'log-level = "warn"',
        "cache-control-headers = false",
        "compression = true",
    ]
    if not site.spa:
        lines.append(f'page404 = "{SERVER_ROOT}{site.base}404.html"')
    lines += _header("/**", ASK_AGAIN)
    for folder in site.hashed:
        lines += _header(f"{site.base}{folder}/**", AN_HOUR)
    if site.base != "/":
        lines += ["[[advanced.redirects]]", 'source = "/"', f"destination = {_toml(site.base)}", "kind = 302"]
    if site.spa:
        # The first that fits counts: what has an ending stays what it is.
        lines += ["[[advanced.rewrites]]", 'source = "/**/*.*"', 'destination = "$0"']
        lines += [
            "[[advanced.rewrites]]",
            'source = "/**"',
            f"destination = {_toml(site.base + 'index.html')}",
        ]
    return tuple(lines)


def _header(source: str, value: str) -> list[str]:
    return [
        "[[advanced.headers]]",
        f"source = {_toml(source)}",
        f"headers = {{ Cache-Control = {_toml(value)} }}",
    ]


def _toml(text: str) -> str:
    # A JSON string is a basic string of TOML.
    return json.dumps(text)
