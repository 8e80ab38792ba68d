"""Stand-ins for servers of static files: nginx as Debian packages it, and static-web-server compiled from crates.io.

nginx: Debian 13's package on the stand-in for its base, with the configuration and the user of the official image and of
nginxinc/nginx-unprivileged (their Dockerfiles, 2026-08): user 101, /docker-entrypoint.sh; the latter listens on 8080 and keeps
process ID and temporary files under /tmp. Its version is Debian's, older than the real one's. On the stand-in for Alpine it
is the same program with the glibc libraries that it needs beside it: its size is therefore not compared with the real one's.

static-web-server: a release of the 2.x series, linked to a static glibc (the real one to musl) and placed on scratch.
"""

from engine.standins import builders, client, musl, packages
from engine.standins.store import Image

SERIES = "1.30"
NGINX = ("nginx-light", "ca-certificates", "curl")
SERVER = "joseluisq/static-web-server:2"
SERVER_VERSION = "2.44.1"
COMPILERS = ("cargo", "rustc", "gcc", "libc6-dev")
FEATURES = "compression,fallback-page,directory-listing,basic-auth"
NGINX_TAGS = {
    f"nginx:{SERIES}-trixie": "debian:trixie-slim",
    f"nginxinc/nginx-unprivileged:{SERIES}-trixie": "debian:trixie-slim",
    f"nginxinc/nginx-unprivileged:{SERIES}-alpine-slim": f"alpine:{musl.RELEASE}",
}
_ENTRYPOINT = '#!/bin/sh\\nset -e\\nexec "$@"\\n'
_MAIN = (
    "worker_processes auto;\\nerror_log /dev/stderr notice;\\npid {pid};\\nevents {{ worker_connections 1024; }}\\n"
    "http {{ include /etc/nginx/mime.types; default_type application/octet-stream; {temporary}"
    "access_log /dev/stdout; sendfile on; include /etc/nginx/conf.d/*.conf; }}\\n"
)
_TEMPORARY = "".join(
    f"{name}_temp_path /tmp/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
_SERVER = "server {{ listen {port}; location / {{ root /usr/share/nginx/html; index index.html; }} }}\\n"


def nginx_dockerfile(tag: str) -> str:
    """The image of that name."""
    free = "unprivileged" in tag
    main = _MAIN.format(
        pid="/tmp/nginx.pid" if free else "/run/nginx.pid", temporary=_TEMPORARY if free else ""
    )
    server = _SERVER.format(port=8080 if free else 80)
    settings = (
        "RUN set -eux; rm -rf /etc/nginx/sites-* /etc/nginx/modules-enabled /etc/nginx/conf.d /var/www; mkdir -p /etc/nginx/conf.d"
        f" /usr/share/nginx/html; printf '{main}' > /etc/nginx/nginx.conf; printf '{server}' > /etc/nginx/conf.d/default.conf;"
        f" printf '{_ENTRYPOINT}' > /docker-entrypoint.sh; chmod 755 /docker-entrypoint.sh;"
        " echo welcome > /usr/share/nginx/html/index.html"
    )
    user = "RUN addgroup --system --gid 101 nginx || groupadd --system --gid 101 nginx; useradd --system --gid 101 --uid 101 --no-create-home nginx"
    end = (
        f"{'USER 101' if free else ''}\nEXPOSE {8080 if free else 80}\nSTOPSIGNAL SIGQUIT\n"
        'ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["nginx", "-g", "daemon off;"]\n'
    )
    debian = f"FROM debian:trixie-slim@NAME@\n{builders.install(*NGINX)}\n{settings}\n"
    if "alpine" not in tag:
        return f"{debian.replace('@NAME@', '')}{user}\n{end}"
    listing = (
        "RUN set -eux; mkdir /tree; for file in /usr/sbin/nginx $(ldd /usr/sbin/nginx | grep -o '/lib[^ ]*');"
        " do cp --parents -L $file /tree/; done; cp --parents -r /etc/nginx /usr/share/nginx/html /docker-entrypoint.sh"
        " /tree/; mkdir -p /tree/var/lib/nginx /tree/var/log/nginx; chown 101:101 /tree/var/lib/nginx /tree/var/log/nginx"
    )
    return (
        f"{debian.replace('@NAME@', ' AS debian')}{listing}\nFROM alpine:{musl.RELEASE}\nCOPY --from=debian /tree/ /\n"
        "RUN echo 'nginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin' >> /etc/passwd; echo 'nginx:x:101:' >> /etc/group\n"
        f"{end}"
    )


def make_nginx(host: str, tag: str) -> list[Image]:
    """Make one of NGINX_TAGS."""
    client.build(host, nginx_dockerfile(tag), tag)
    return list(client.save(host, [tag]))


def server_dockerfile() -> str:
    """The static web server, compiled by the Rust of Debian's backports (its own is older than the crate asks for)."""
    mirror = packages.sources()[packages.SUITE].split()[0]
    backports = f"{packages.SUITE}-backports"
    return (
        # Some mirrors are reached over HTTPS with an authority of this machine's.
        "FROM debian:trixie-slim AS build\nRUN apt-get update -qq && apt-get install -y -qq ca-certificates > /dev/null\n"
        f"RUN echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {backports} main'"
        " > /etc/apt/sources.list.d/backports.list; set -eux; apt-get update -qq; DEBIAN_FRONTEND=noninteractive"
        f" apt-get install -y -qq --no-install-recommends ca-certificates {' '.join(COMPILERS)} -t {backports} > /dev/null\n"
        'ENV RUSTFLAGS="-C target-feature=+crt-static -C strip=symbols"\n'
        "RUN target=$(rustc -vV | sed -n 's/^host: //p'); cargo install static-web-server"
        f" --version {SERVER_VERSION} --locked --no-default-features --features {FEATURES} --target $target --root /out\n"
        "FROM scratch\nCOPY --from=build /out/bin/static-web-server /static-web-server\n"
        'EXPOSE 8080\nENTRYPOINT ["/static-web-server"]\n'
    )


def make_server(host: str) -> list[Image]:
    """Make joseluisq/static-web-server:2."""
    client.build(host, server_dockerfile(), SERVER)
    return list(client.save(host, [SERVER]))
