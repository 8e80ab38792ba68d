"""The databases, brokers and web servers that a project uses: from compose files and connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slimdesk.basics.escaping import visible
from slimdesk.project.compose import ComposeService
from slimdesk.project.ignored import EXAMPLE_ENV
from slimdesk.project.manifests import read_env_example
from slimdesk.project.model import Component, Evidence, Service
from slimdesk.project.services_config import configured, drivers
from slimdesk.project.walk import Tree

MAX_ENV_FILES = 50


@dataclass(frozen=True, slots=True)
class Known:
    """A service that people run as it is. `image` is its official one, `names` are image names and URL schemes."""

    title: str
    kind: str
    image: str
    names: frozenset[str]
    advice: str = ""


def _known(title: str, kind: str, image: str, names: str, advice: str = "") -> Known:
    return Known(title, kind, image, frozenset(names.split()), advice)


_ALPINE = "its -alpine form is smaller, and has another libc: sort orders of texts can differ"
KNOWN: tuple[Known, ...] = (
    _known("PostgreSQL", "database", "postgres", "postgres postgresql postgis timescaledb pgvector cloudnative-pg", _ALPINE),
    _known("MySQL", "database", "mysql", "mysql mysql-server mysql2"),
    _known("MariaDB", "database", "mariadb", "mariadb"),
    _known("MongoDB", "database", "mongo", "mongo mongodb mongodb+srv mongodb-community-server"),
    _known("Microsoft SQL Server", "database", "mcr.microsoft.com/mssql/server", "mssql server sqlserver azure-sql-edge"),
    _known("CockroachDB", "database", "cockroachdb/cockroach", "cockroach cockroachdb"),
    _known("Cassandra", "database", "cassandra", "cassandra scylla"),
    _known("ClickHouse", "database", "clickhouse/clickhouse-server", "clickhouse clickhouse-server"),
    _known("Neo4j", "database", "neo4j", "neo4j"),
    _known("InfluxDB", "database", "influxdb", "influxdb"),
    _known("Elasticsearch", "database", "elasticsearch", "elasticsearch"),
    _known("OpenSearch", "database", "opensearchproject/opensearch", "opensearch"),
    _known("Redis", "cache", "redis", "redis rediss redis-stack redis-stack-server redismod", "its -alpine form is smaller and serves as well"),
    _known("Valkey", "cache", "valkey/valkey", "valkey", "its -alpine form is smaller and serves as well"),
    _known("Memcached", "cache", "memcached", "memcached", "its -alpine form is smaller and serves as well"),
    _known("RabbitMQ", "broker", "rabbitmq", "rabbitmq amqp amqps"),
    _known("Kafka", "broker", "apache/kafka", "kafka cp-kafka kafka-native redpanda"),
    _known("NATS", "broker", "nats", "nats", "the image holds one static program already"),
    _known("Mosquitto", "broker", "eclipse-mosquitto", "mosquitto eclipse-mosquitto mqtt"),
    _known("ZooKeeper", "broker", "zookeeper", "zookeeper cp-zookeeper"),
    _known("nginx", "web-server", "nginx", "nginx nginx-unprivileged", "nginxinc/nginx-unprivileged runs without root"),
    _known("Traefik", "web-server", "traefik", "traefik", "the image holds one static program already"),
    _known("Caddy", "web-server", "caddy", "caddy"),
    _known("HAProxy", "web-server", "haproxy", "haproxy"),
    _known("Apache httpd", "web-server", "httpd", "httpd"),
    _known("MinIO", "other", "minio/minio", "minio s3mock"),
    _known("Keycloak", "other", "quay.io/keycloak/keycloak", "keycloak"),
    _known("Mailpit", "other", "axllent/mailpit", "mailpit mailhog"),
    _known("Grafana", "other", "grafana/grafana", "grafana"),
    _known("Prometheus", "other", "prom/prometheus", "prometheus"),
    _known("Jaeger", "other", "jaegertracing/jaeger", "jaeger all-in-one"),
)  # fmt: skip

# The release series to take where the project names none; docker-library/official-images, and each project's own.
_TAGS = {
    "postgres": "18", "mysql": "8.4", "mariadb": "11.8", "mongo": "8", "redis": "8", "valkey/valkey": "9", "memcached": "1.6",
    "rabbitmq": "4", "nats": "2", "traefik": "3", "caddy": "2", "httpd": "2.4", "eclipse-mosquitto": "2", "nginx": "1.30", "cassandra": "5",
    "zookeeper": "3.9", "neo4j": "5",
}  # fmt: skip
_PROXY_FILES = ("nginx*.conf", "*.nginx", "default.conf", "default.conf.template", "Caddyfile", "haproxy.cfg")
_PASSES_ON = re.compile(
    r"(?:proxy_pass[ \t]+(?:https?://)?|fastcgi_pass[ \t]+|^[ \t]*server[ \t]+(?:\S+[ \t]+)?|reverse_proxy[ \t]+(?:\S+[ \t]+)?(?:https?://)?)([A-Za-z][\w-]{0,62})(?=[:/; \t\n])",
    re.MULTILINE,
)
_SERVICE_WORDS = frozenset({"db", "database", "cache", "queue", "broker"})
_URL = re.compile(r"(?:jdbc:)?([a-z][a-z0-9+]{1,20})(?:\+[a-z0-9]+)?://", re.ASCII | re.IGNORECASE)


def find_services(
    tree: Tree, compose: Iterable[ComposeService], components: Iterable[Component] = ()
) -> tuple[Service, ...]:
    """Return the services, those of compose files first; a connection string adds only what they do not name.

    An image of a component's own name is the project's own, published.
    """
    compose, components = tuple(compose), tuple(components)
    own = {component.name for component in components}
    names = {one.name for one in compose} | own
    services: list[Service] = []
    seen: set[tuple[str, str | None]] = set()
    for one in compose:
        if one.context is not None or one.image is None:
            continue
        known = _by_image(one.image)
        if known is None and _repository(one.image).rsplit("/", 1)[-1].lower() in own:
            continue
        if (one.name, one.image) not in seen:
            seen.add((one.name, one.image))
            service = _service(one.name, known, one.image, Evidence(one.file, one.line))
            services.append(_in_front(tree, service, names))
    images = {_repository(service.image) for service in services if service.image}
    for word, evidence, driver in _spoken_of(tree, compose, components):
        known = _by_scheme(word)
        if known is not None and known.image not in images and not _same_family(known, images):
            images.add(known.image)
            services.append(_service(known.title.lower().replace(" ", "-"), known, "", evidence, driver))
    return tuple(services)


def _spoken_of(
    tree: Tree, compose: Iterable[ComposeService], components: Iterable[Component]
) -> Iterable[tuple[str, Evidence, str | None]]:
    """Yield the words of services, the surest first: connection strings, configuration, then the packages' drivers."""
    for _, value, evidence in _connections(tree, compose):
        match = _URL.match(value)
        if match:
            yield match.group(1).lower(), evidence, None
    for word, _, evidence in configured(tree):
        yield word, evidence, None
    for word, package, evidence in drivers(tree, components):
        yield word, evidence, package


def _connections(tree: Tree, compose: Iterable[ComposeService]) -> Iterable[tuple[str, str, Evidence]]:
    for one in compose:
        for name, value, line in one.environment:
            yield name, value, Evidence(one.file, line)
    examples = [path for path in tree.named("*env*") if EXAMPLE_ENV.search(path.rsplit("/", 1)[-1])]
    for path in examples[:MAX_ENV_FILES]:
        for setting in read_env_example(tree, path):
            yield setting.name, setting.value, Evidence(path, setting.line)


def _service(
    name: str, known: Known | None, image: str, evidence: Evidence, driver: str | None = None
) -> Service:
    if known is None:
        word = visible(image, 120)
        return Service(
            name,
            "other",
            word,
            f"It runs as it is from {word}; SlimDesk builds no image for it.",
            evidence,
        )
    sentence = f"There is no distroless form of {known.title}: take the official image {known.image}"
    if driver is not None:
        sentence = (
            f"The package {visible(driver, 80)} talks to {known.title}, so one is likely needed. {sentence}"
        )
    if image:
        taken = image if _repository(image) == known.image else known.image
    else:
        # Nobody names an image: the release series to begin with.
        tag = _TAGS.get(known.image)
        taken = f"{known.image}:{tag}" if tag else known.image
    more = f"; {known.advice}." if known.advice else "."
    return Service(name, known.kind, taken, sentence + more, evidence)


def _in_front(tree: Tree, service: Service, names: set[str]) -> Service:
    """Say to whom a web server passes requests on, where its configuration tells."""
    if service.kind != "web-server":
        return service
    for path in list(tree.named(*_PROXY_FILES))[:MAX_ENV_FILES]:
        text = tree.text(path) or ""
        match = next((found for found in _PASSES_ON.finditer(text) if found.group(1) in names), None)
        if match is not None:
            place = Evidence(path, text.count("\n", 0, match.start()) + 1)
            advice = f"{service.advice} It passes requests on to {visible(match.group(1), 60)} ({place})."
            return replace(service, advice=advice)
    return service


def known_image(image: str) -> Known | None:
    """Return the service that an image of that name is; None for any other image."""
    return _by_image(image)


def known_name(name: str) -> bool:
    """Whether a container or Compose service of that name is a database, broker or the like by its name: db, my-redis-1."""
    words = {word for word in re.split(r"[^a-z0-9]+", name.lower()) if word}
    return bool(words & _SERVICE_WORDS) or any(words & known.names for known in KNOWN)


def _repository(image: str) -> str:
    """Return an image's name without registry of Docker Hub, tag and digest."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    plain = folder + slash + last.partition(":")[0]
    return plain.removeprefix("docker.io/").removeprefix("library/")


def _by_image(image: str) -> Known | None:
    repository = _repository(image).lower()
    last = repository.rsplit("/", 1)[-1]
    # bitnami/postgresql, docker.io/library/redis, mcr.microsoft.com/mssql/server
    if last == "server" and "mssql" not in repository:
        return None
    return next((known for known in KNOWN if last in known.names), None)


def _by_scheme(scheme: str) -> Known | None:
    base = scheme.partition("+")[0]
    return next((known for known in KNOWN if base in known.names and base != "server"), None)


def _same_family(known: Known, images: set[str]) -> bool:
    """Whether something that speaks the same protocol is there already: mysql:// reaches MariaDB, redis:// Valkey."""
    same = ({"mysql", "mariadb"}, {"redis", "valkey/valkey"}, {"postgres", "cockroachdb/cockroach"})
    return any(known.image in group and group & images for group in same)
