"""Databases and brokers that configuration files and packages speak of."""

import pytest

GO = {"go.mod": "module example.com/app\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"}
PYTHON = {"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"}
DJANGO = """DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
    }
}
"""


@pytest.mark.parametrize(
    ("files", "image", "place"),
    [
        ({"src/main/resources/application.properties": "# db\nspring.datasource.url=jdbc:postgresql://db:5432/shop\n"}, "postgres:18", "src/main/resources/application.properties:2"),
        ({"src/main/resources/application.yml": "spring:\n  datasource:\n    url: jdbc:mysql://db/shop\n"}, "mysql:8.4", "src/main/resources/application.yml:3"),
        ({"src/main/resources/application.properties": "spring.data.mongodb.host=db\n"}, "mongo:8", "src/main/resources/application.properties:1"),
        ({"src/main/resources/application.yml": "spring:\n  rabbitmq:\n    host: queue\n"}, "rabbitmq:4", "src/main/resources/application.yml:2"),
        ({"shop/settings.py": DJANGO}, "postgres:18", "shop/settings.py:3"),
        ({"appsettings.json": '{\n  "ConnectionStrings": {"Db": "Server=sql;Database=shop;User Id=sa;Password=x"}\n}'}, "mcr.microsoft.com/mssql/server", "appsettings.json:2"),
        ({"appsettings.json": '{\n  "ConnectionStrings": {"Db": "Host=db;Database=shop;Username=app"}\n}'}, "postgres:18", "appsettings.json:2"),
        ({"prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}\n'}, "mysql:8.4", "prisma/schema.prisma:2"),
        ({"config/database.yml": "production:\n  adapter: postgresql\n"}, "postgres:18", "config/database.yml:2"),
    ],
)  # fmt: skip
def test_configuration_names_a_service(detect_files, files, image, place):
    (service,) = detect_files({**GO, **files}).services
    assert (service.image, str(service.evidence)) == (image, place)
    assert "no distroless form" in service.advice


@pytest.mark.parametrize(
    ("files", "image", "package"),
    [
        ({**PYTHON, "requirements.txt": "flask\npsycopg2-binary==2.9.9\n"}, "postgres:18", "psycopg2-binary"),
        ({"package.json": '{"name": "a", "main": "i.js", "dependencies": {"mongoose": "^8"}}', "i.js": ""}, "mongo:8", "mongoose"),
        ({"package.json": '{"name": "a", "main": "i.js", "dependencies": {"mysql2": "^3"}}', "i.js": ""}, "mysql:8.4", "mysql2"),
        ({**GO, "go.mod": "module x\n\ngo 1.26\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n"}, "postgres:18", "github.com/jackc/pgx/v5"),
    ],
)  # fmt: skip
def test_a_driver_is_weak_evidence_and_told_as_such(detect_files, files, image, package):
    (service,) = detect_files(files).services
    assert service.image == image
    assert service.advice.startswith(f"The package {package} talks to ")
    assert service.evidence is not None


def test_what_compose_names_is_not_told_twice(detect_files):
    files = {
        **PYTHON,
        "requirements.txt": "flask\npsycopg2-binary\nredis\n",
        "compose.yaml": "services:\n  db:\n    image: postgres:16\n  cache:\n    image: valkey/valkey:9\n",
        "settings.py": DJANGO,
    }
    assert [one.image for one in detect_files(files).services] == ["postgres:16", "valkey/valkey:9"]


@pytest.mark.parametrize(
    "files",
    [
        {"settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n'},
        {"config.py": "URL = 'https://example.com/'\n# postgres://old/db\n"},
        {"tests/settings.py": DJANGO},
        {"requirements.txt": "flask\nredistribute\n# psycopg2\n"},
        {"application.yml": "a: [\n\x00\x1b[31m" + "x" * 10_000},
    ],
)
def test_no_service_where_none_is_spoken_of(detect_files, files):
    assert detect_files({**PYTHON, **files}).services == ()


def test_a_web_server_in_front_says_to_whom_it_passes_requests_on(detect_files):
    files = {
        **GO,
        "proxy/nginx.conf": "server {\n  listen 80;\n  location / {\n    proxy_pass http://app:8080;\n  }\n}\n",
        "compose.yaml": "services:\n  app:\n    build: .\n  web:\n    image: nginx:1.30\n",
    }
    (service,) = detect_files(files).services
    assert service.image == "nginx:1.30"
    assert service.advice.endswith("It passes requests on to app (proxy/nginx.conf:4).")
