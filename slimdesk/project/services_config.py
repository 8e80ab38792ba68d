"""Services that configuration files and manifests speak of: connection strings, Django's DATABASES, drivers among packages.

A connection string names what is reached; a driver only says what a program can talk to, and is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimdesk.basics.escaping import without_controls
from slimdesk.project.manifests import read_json
from slimdesk.project.model import Component, Evidence
from slimdesk.project.walk import Tree

MAX_FILES = 60
MAX_SIZE = 262_144
MAX_FOUND = 60
_CONFIGS = (
    "application*.properties", "application*.yml", "application*.yaml", "bootstrap*.yml", "settings.py", "base.py", "production.py", "local.py",
    "config.py", "appsettings*.json", "web.config", "database.yml", "cable.yml", "config.json", "default.json", "production.json", "config.y*ml",
    "config.toml", "settings.toml", "settings.y*ml", "knexfile.*", "ormconfig.*", "data-source.ts", "schema.prisma", "alembic.ini",
    "docker-compose*.env", "database.php", "application.conf", "config.go", "drizzle.config.*", "mikro-orm.config.*",
)  # fmt: skip
_ASIDE = frozenset(
    {
        "test",
        "tests",
        "testdata",
        "fixtures",
        "docs",
        "examples",
        "example",
        "__tests__",
        "e2e",
        "vendor",
        "migrations",
    }
)
_URL = re.compile(
    r"(?<![\w.])(?:jdbc:)?([a-z][a-z0-9]{1,20})(?:\+[a-z0-9]+)?:(?://|thin:)[^\s\"'<>]", re.IGNORECASE
)
_DJANGO = re.compile(
    r"['\"]ENGINE['\"]\s*:\s*['\"](?:django\.db\.backends|django_prometheus\.db\.backends|[\w.]*?)\.?(postgresql|mysql|oracle|postgis|psycopg2)\b"
)
_DOTNET = (
    (
        "sqlserver",
        re.compile(
            r"\b(?:UseSqlServer|SqlConnection)\b|Server\s*=[^\"';]+;[^\"']*(?:Trusted_Connection|User Id|Initial Catalog)\s*=",
            re.IGNORECASE,
        ),
    ),
    ("postgresql", re.compile(r"\bHost\s*=[^\"';]+;[^\"']*(?:Username|Port\s*=\s*5432)", re.IGNORECASE)),
    ("mysql", re.compile(r"\bServer\s*=[^\"';]+;[^\"']*\b(?:Uid|Port\s*=\s*3306)", re.IGNORECASE)),
)
_SPRING = (
    ("mongodb", re.compile(r"(?m)^[ \t]*spring\.(?:data\.)?mongodb\.(?:host|uri)\s*=")),
    ("redis", re.compile(r"(?m)^[ \t]*spring\.(?:data\.)?redis\.(?:host|url)\s*=")),
    ("kafka", re.compile(r"(?m)^[ \t]*spring\.kafka\.bootstrap-servers\s*=")),
    ("rabbitmq", re.compile(r"(?m)^[ \t]*spring\.rabbitmq\.(?:host|addresses)\s*=")),
    ("elasticsearch", re.compile(r"(?m)^[ \t]*spring\.elasticsearch\.(?:uris|rest\.uris)\s*=")),
)
_YAML_KEYS = (
    ("redis", re.compile(r"(?m)^[ ]{2,}redis:[ \t]*\n[ \t]+(?:host|url|port):")),
    ("rabbitmq", re.compile(r"(?m)^[ ]{2,}rabbitmq:[ \t]*\n[ \t]+(?:host|addresses|port):")),
    ("kafka", re.compile(r"(?m)^[ ]{2,}kafka:[ \t]*\n[ \t]+bootstrap-servers:")),
    ("mongodb", re.compile(r"(?m)^[ ]{2,}mongodb:[ \t]*\n[ \t]+(?:host|uri|port|database):")),
)
_ADAPTER = re.compile(
    r"(?m)^[ \t]*(?:adapter|client|dialect|type|provider|driver)['\"]?\s*[:=]\s*['\"]?(postgresql|postgres|pg|mysql2?|mariadb|mongodb|mssql|sqlserver|redis|cockroachdb)\b"
)
_ADAPTER_FILES = (
    "database.",
    "schema.prisma",
    "knexfile",
    "ormconfig",
    "data-source",
    "drizzle",
    "mikro-orm",
    "cable.",
)
_ALIASES = {"pg": "postgresql", "postgis": "postgresql", "psycopg2": "postgresql", "oracle": "oracle"}

# Package -> the service that it talks to, for each kind of manifest.
_NODE = {
    "pg": "postgresql", "pg-promise": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mysql2": "mysql", "mariadb": "mariadb",
    "mongodb": "mongodb", "mongoose": "mongodb", "redis": "redis", "ioredis": "redis", "bullmq": "redis", "bull": "redis", "connect-redis": "redis",
    "amqplib": "rabbitmq", "kafkajs": "kafka", "mssql": "mssql", "tedious": "mssql", "@elastic/elasticsearch": "elasticsearch",
    "memcached": "memcached", "nats": "nats", "mqtt": "mqtt", "neo4j-driver": "neo4j", "cassandra-driver": "cassandra",
    "@clickhouse/client": "clickhouse", "minio": "minio",
}  # fmt: skip
_PYTHON = {
    "psycopg": "postgresql", "psycopg2": "postgresql", "psycopg2-binary": "postgresql", "asyncpg": "postgresql", "pg8000": "postgresql",
    "mysqlclient": "mysql", "pymysql": "mysql", "aiomysql": "mysql", "mysql-connector-python": "mysql", "mariadb": "mariadb",
    "pymongo": "mongodb", "motor": "mongodb", "mongoengine": "mongodb", "beanie": "mongodb", "redis": "redis", "aioredis": "redis",
    "django-redis": "redis", "pika": "rabbitmq", "aio-pika": "rabbitmq", "kafka-python": "kafka", "confluent-kafka": "kafka",
    "aiokafka": "kafka", "pyodbc": "mssql", "pymssql": "mssql", "elasticsearch": "elasticsearch", "opensearch-py": "opensearch",
    "pymemcache": "memcached", "nats-py": "nats", "paho-mqtt": "mqtt", "neo4j": "neo4j", "cassandra-driver": "cassandra",
    "clickhouse-driver": "clickhouse", "clickhouse-connect": "clickhouse", "minio": "minio", "influxdb-client": "influxdb",
}  # fmt: skip
_GO = {
    "github.com/lib/pq": "postgresql", "github.com/jackc/pgx": "postgresql", "gorm.io/driver/postgres": "postgresql",
    "github.com/go-sql-driver/mysql": "mysql", "gorm.io/driver/mysql": "mysql", "go.mongodb.org/mongo-driver": "mongodb",
    "github.com/redis/go-redis": "redis", "github.com/go-redis/redis": "redis", "github.com/gomodule/redigo": "redis",
    "github.com/rabbitmq/amqp091-go": "rabbitmq", "github.com/streadway/amqp": "rabbitmq", "github.com/segmentio/kafka-go": "kafka",
    "github.com/IBM/sarama": "kafka", "github.com/twmb/franz-go": "kafka", "github.com/confluentinc/confluent-kafka-go": "kafka",
    "github.com/microsoft/go-mssqldb": "mssql", "github.com/nats-io/nats.go": "nats", "github.com/bradfitz/gomemcache": "memcached",
    "github.com/elastic/go-elasticsearch": "elasticsearch", "github.com/ClickHouse/clickhouse-go": "clickhouse",
    "github.com/minio/minio-go": "minio", "github.com/eclipse/paho.mqtt.golang": "mqtt", "github.com/gocql/gocql": "cassandra",
}  # fmt: skip
_JAVA = {
    "postgresql": "postgresql", "mysql-connector-j": "mysql", "mysql-connector-java": "mysql", "mariadb-java-client": "mariadb",
    "spring-boot-starter-data-mongodb": "mongodb", "spring-boot-starter-data-mongodb-reactive": "mongodb", "mongodb-driver-sync": "mongodb",
    "spring-boot-starter-data-redis": "redis", "jedis": "redis", "lettuce-core": "redis", "redisson": "redis",
    "spring-boot-starter-amqp": "rabbitmq", "amqp-client": "rabbitmq", "spring-kafka": "kafka", "kafka-clients": "kafka",
    "mssql-jdbc": "mssql", "spring-boot-starter-data-elasticsearch": "elasticsearch", "spring-boot-starter-data-cassandra": "cassandra",
    "spring-boot-starter-data-neo4j": "neo4j", "quarkus-jdbc-postgresql": "postgresql", "quarkus-jdbc-mysql": "mysql",
    "quarkus-mongodb-client": "mongodb", "quarkus-redis-client": "redis", "r2dbc-postgresql": "postgresql",
}  # fmt: skip
_RUBY = {"pg": "postgresql", "mysql2": "mysql", "mongoid": "mongodb", "redis": "redis", "sidekiq": "redis", "bunny": "rabbitmq", "dalli": "memcached", "ruby-kafka": "kafka"}  # fmt: skip
_PHP = {"predis/predis": "redis", "mongodb/mongodb": "mongodb", "php-amqplib/php-amqplib": "rabbitmq"}
_RUST = {"tokio-postgres": "postgresql", "mongodb": "mongodb", "redis": "redis", "lapin": "rabbitmq", "rdkafka": "kafka", "mysql_async": "mysql", "async-nats": "nats"}  # fmt: skip
_DOTNET_PACKAGES = {
    "npgsql": "postgresql", "npgsql.entityframeworkcore.postgresql": "postgresql", "mysqlconnector": "mysql", "pomelo.entityframeworkcore.mysql": "mysql",
    "mongodb.driver": "mongodb", "stackexchange.redis": "redis", "microsoft.data.sqlclient": "mssql",
    "microsoft.entityframeworkcore.sqlserver": "mssql", "rabbitmq.client": "rabbitmq", "confluent.kafka": "kafka",
}  # fmt: skip
_PATTERNS: tuple[tuple[tuple[str, ...], dict[str, str], re.Pattern[str]], ...] = (
    (("requirements*.txt", "pyproject.toml", "Pipfile", "environment.y*ml"), _PYTHON, re.compile(r"(?m)(?:^[ \t]*(?:-[ \t]*)?|[\"'])([A-Za-z][A-Za-z0-9._-]*)(?=[\s\[<>=!~;,\"']|$)")),
    (("go.mod",), _GO, re.compile(r"(?m)^[ \t]*(?:require\s+)?([a-z][\w.-]*\.[a-z]+/[\w./-]+)\s+v")),
    (("pom.xml",), _JAVA, re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")),
    (("build.gradle", "build.gradle.kts", "libs.versions.toml"), _JAVA, re.compile(r"[:\"']([a-z][\w-]*)(?=[:\"'])")),
    (("Gemfile",), _RUBY, re.compile(r"(?m)^[ \t]*gem\s+['\"]([\w-]+)['\"]")),
    (("composer.json",), _PHP, re.compile(r"\"([\w-]+/[\w-]+)\"\s*:")),
    (("Cargo.toml",), _RUST, re.compile(r"(?m)^([\w-]+)\s*=")),
    (("*.csproj", "*.fsproj", "Directory.Packages.props"), _DOTNET_PACKAGES, re.compile(r"(?i)Include=\"([\w.]+)\"")),
)  # fmt: skip


def configured(tree: Tree) -> Iterator[tuple[str, str | None, Evidence]]:
    """Yield what configuration files reach: (the word of a service, the setting's name or None, its place)."""
    found = 0
    paths = (path for path in tree.named(*_CONFIGS) if not _ASIDE.intersection(path.lower().split("/")[:-1]))
    for number, path in enumerate(paths):
        if number >= MAX_FILES:
            return
        if tree.files[path].size > MAX_SIZE:
            continue
        text = tree.text(path) or ""
        for word, at in _in_config(path, text):
            yield word, None, Evidence(path, text.count("\n", 0, at) + 1)
            found += 1
            if found >= MAX_FOUND:
                return


def _in_config(path: str, text: str) -> Iterator[tuple[str, int]]:
    name = path.rsplit("/", 1)[-1]
    for match in _URL.finditer(text):
        word = match.group(1).lower()
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if word not in ("http", "https", "file", "ftp", "ws", "wss") and not line.lstrip().startswith(
            ("#", "//", ";")
        ):
            yield word, match.start()
    for match in _DJANGO.finditer(text) if name.endswith(".py") else ():
        yield _ALIASES.get(match.group(1), match.group(1)), match.start()
    if name.endswith((".json", ".config")):
        for word, pattern in _DOTNET:
            if (found := pattern.search(text)) is not None:
                yield word, found.start()
                break
    for word, pattern in _keys_of(name):
        if (found := pattern.search(text)) is not None:
            yield word, found.start()
    if name.startswith(_ADAPTER_FILES):
        for match in _ADAPTER.finditer(text):
            yield _ALIASES.get(match.group(1), match.group(1)), match.start()


def _keys_of(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    if name.endswith(".properties"):
        return _SPRING
    return _YAML_KEYS if name.startswith(("application", "bootstrap")) else ()


def drivers(tree: Tree, components: Iterable[Component]) -> Iterator[tuple[str, str, Evidence]]:
    """Yield what the components' packages can talk to: (the word of a service, the package, its place)."""
    folders = {folder for component in components for folder in (component.path, component.context)}
    for path in tree.named("package.json"):
        if _folder(path) in folders:
            yield from _node_drivers(tree, path)
    for patterns, table, pattern in _PATTERNS:
        for path in tree.named(*patterns):
            if _folder(path) not in folders or tree.files[path].size > MAX_SIZE:
                continue
            text = tree.text(path) or ""
            for match in pattern.finditer(text):
                word = _looked_up(table, match.group(1))
                if word is not None:
                    yield (
                        word,
                        without_controls(match.group(1)),
                        Evidence(path, text.count("\n", 0, match.start(1)) + 1),
                    )


def _node_drivers(tree: Tree, path: str) -> Iterator[tuple[str, str, Evidence]]:
    dependencies = (read_json(tree, path) or {}).get("dependencies")
    text = tree.text(path) or ""
    for name in dependencies if isinstance(dependencies, dict) else ():
        word = _NODE.get(name)
        if word is not None:
            at = text.find(f'"{name}"', max(text.find('"dependencies"'), 0))
            yield word, name, Evidence(path, text.count("\n", 0, at) + 1 if at >= 0 else None)


def _looked_up(table: dict[str, str], name: str) -> str | None:
    if table is _PYTHON or table is _DOTNET_PACKAGES:
        name = name.lower().replace("_", "-")
    if table is _GO:
        # github.com/jackc/pgx/v5, go.mongodb.org/mongo-driver/v2
        return table.get(re.sub(r"/v\d+$", "", name))
    return table.get(name)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."
