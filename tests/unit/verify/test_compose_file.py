import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.verify.compose import Beside, read_compose_file

COMPOSE = """
services:
  web:
    build: .
    environment:
      DATABASE_URL: postgres://app:${PASSWORD:-secret}@db/app
      DEBUG: false
      PASSED: ${PASSED}
  db:
    image: postgres:${TAG:-18}
    environment:
      - POSTGRES_PASSWORD=${PASSWORD:-secret}
      - FROM_HERE
      - PRICE=$$5
    command: postgres -c 'max_connections=5'
  cache:
    image: redis
    entrypoint: ["redis-server", "--save", ""]
  tools:
    image: adminer
    profiles: [tools]
"""


def test_services_beside_the_app_and_its_own_variables(tmp_path):
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE, encoding="utf-8")
    found = read_compose_file(file, {"FROM_HERE": "yes", "PASSED": "on"})
    assert found.environment == {
        "DATABASE_URL": "postgres://app:secret@db/app",
        "DEBUG": "false",
        "PASSED": "on",
    }
    assert found.services == (
        Beside(
            "db",
            "postgres:18",
            {"POSTGRES_PASSWORD": "secret", "FROM_HERE": "yes", "PRICE": "$5"},
            ("postgres", "-c", "max_connections=5"),
        ),
        Beside("cache", "redis", {}, (), ("redis-server", "--save", "")),
    )


@pytest.mark.parametrize("text", ["services: [", "a: 1", "services: {}", "- 1", ""])
def test_what_is_no_compose_file_is_refused(tmp_path, text):
    file = tmp_path / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput):
        read_compose_file(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput):
        read_compose_file(tmp_path / "none.yaml")


def test_of_several_apps_no_variables_are_taken(tmp_path):
    file = tmp_path / "compose.yaml"
    one = "{build: ., environment: {A: 1}}"
    file.write_text(f"services: {{a: {one}, b: {one}, c: 5, d: {{image: [1]}}}}", encoding="utf-8")
    found = read_compose_file(file)
    assert (found.environment, found.services) == ({}, ())
