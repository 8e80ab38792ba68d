"""Stand-ins for what runs beside an app: Redis from Debian's package, as the official image starts it.

Source: the official image's Dockerfile and docker-entrypoint.sh (redis/docker-library-redis, 2026-08): /data is a volume and
the working folder, port 6379, no protected mode.
"""

from engine.standins import builders, client
from engine.standins.store import Image

REDIS = "redis:8"
PACKAGES = {REDIS: ("redis-server", "redis-tools")}
BASES = {REDIS: ("debian:trixie-slim",)}
DOCKERFILES = {
    REDIS: (
        f"FROM debian:trixie-slim\n{builders.install(*PACKAGES[REDIS])}\n"
        "RUN mkdir -p /data && chown redis:redis /data && printf 'bind * -::*\\nprotected-mode no\\n' > /etc/redis/image.conf\n"
        "VOLUME /data\nWORKDIR /data\nUSER redis\nEXPOSE 6379\n"
        'ENTRYPOINT ["redis-server", "/etc/redis/image.conf"]\n'
    ),
}


def make(host: str, tag: str) -> list[Image]:
    """Make one of DOCKERFILES."""
    client.build(host, DOCKERFILES[tag], tag)
    return list(client.save(host, [tag]))
