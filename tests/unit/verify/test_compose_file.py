import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.verify.compose import Beside, find_compose_file, read_compose_file, with_variables
from slimdesk.verify.model import RunProfile

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


def write(folder, text):
    file = folder / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_env_files_and_the_dotenv_beside_it_are_read_as_compose_does(tmp_path):
    (tmp_path / ".env").write_text(
        "TAG=9\nPASSWORD='from file' \n# no\nexport MORE=1 # comment\n", encoding="utf-8"
    )
    (tmp_path / "db.env").write_text('USER="shop"\nOVER=1\nbad name=2\n', encoding="utf-8")
    found = read_compose_file(
        write(tmp_path, "services: {db: {image: 'postgres:${TAG}', env_file: [db.env, {path: none.env}], environment: {OVER: 2, P: '${PASSWORD}'}}}"),
        {},
    )  # fmt: skip
    assert found.services == (Beside("db", "postgres:9", {"USER": "shop", "OVER": "2", "P": "from file"}),)
    given = read_compose_file(tmp_path / "compose.yaml", {"TAG": "10"})
    assert given.services[0].image == "postgres:10"


def test_files_outside_of_the_folder_are_not_handed_to_a_container(tmp_path):
    inner = tmp_path / "project"
    inner.mkdir()
    (tmp_path / "outside.env").write_text("SECRET=1", encoding="utf-8")
    (inner / "link.env").symlink_to(tmp_path / "outside.env")
    text = f"services: {{db: {{image: x, env_file: [../outside.env, {tmp_path}/outside.env, link.env]}}}}"
    assert read_compose_file(write(inner, text), {}).services == (Beside("db", "x"),)


def test_only_what_the_app_needs_is_started(tmp_path):
    text = """
services:
  web: {build: ., depends_on: [queue], environment: {REDIS: "redis://cache:6379"}}
  queue: {image: rabbitmq, depends_on: {disk: {condition: service_started}}}
  disk: {image: minio}
  cache: {image: redis, container_name: shared-cache, hostname: "no good"}
  charts: {image: grafana}
"""
    found = read_compose_file(write(tmp_path, text), {})
    assert [one.name for one in found.services] == ["queue", "disk", "cache"]
    assert found.services[2].aliases == ("shared-cache",)


def test_of_several_apps_the_one_of_the_folder_is_meant(tmp_path):
    (tmp_path / "api").mkdir()
    text = "services: {web: {build: ./web, environment: {A: 1}}, api: {build: {context: api}, environment: {A: 2}}, db: {image: x}}"
    file = write(tmp_path, text)
    assert read_compose_file(file, {}, tmp_path / "api").environment == {"A": "2"}
    assert read_compose_file(file, {}, tmp_path / "other").environment == {}


def test_the_file_is_found_under_the_names_that_compose_knows(tmp_path):
    assert find_compose_file(tmp_path / "none", tmp_path) is None
    (tmp_path / "docker-compose.yml").write_text("services: {}", encoding="utf-8")
    assert find_compose_file(tmp_path) == tmp_path / "docker-compose.yml"
    assert find_compose_file(tmp_path, tmp_path) == tmp_path / "docker-compose.yml"
    assert find_compose_file(tmp_path) != write(tmp_path, "services: {}")
    assert find_compose_file(tmp_path) == tmp_path / "compose.yaml"


def test_what_the_person_gives_goes_over_the_files_variables(tmp_path):
    compose = read_compose_file(
        write(tmp_path, "services: {w: {build: ., environment: {A: 1, B: 2}}, d: {image: x}}"), {}
    )
    assert with_variables(RunProfile(environment={"A": "mine"}), compose).environment == {
        "A": "mine",
        "B": "2",
    }
    assert with_variables(RunProfile(), None) == RunProfile()
