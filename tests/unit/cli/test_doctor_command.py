"""`slimdesk doctor` from the outside: JSON with every key, words, exit codes, bad calls."""

import pytest
from unit.cli.contract import SAMPLE_ARCHIVE, ask
from unit.image.images import Picture, layer, member, old_save, program

from slimdesk.basics.errors import StreamBroken
from slimdesk.cli import main
from slimdesk.operations import doctor


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "image.tar"

    def write(*members, **config):
        content = layer([("tmp/", 0o1777), ("usr/share/zoneinfo/UTC", b""), *members])
        path.write_bytes(old_save([Picture([content], config={"User": "65532", **config})]))
        return path

    return write


def test_likely_is_0_and_unlikely_is_1(archive, capfd):
    path = archive(program("run"), Entrypoint=["/run"])
    found = ask(capfd, "doctor", path, "--json")
    assert (found.status, found.json["runs"], found.json["findings"]) == (0, "likely", [])
    path = archive(Entrypoint=["/run"])
    found = ask(capfd, "doctor", path, "--json")
    assert (found.status, found.json["runs"]) == (1, "unlikely")
    assert [one["rule"] for one in found.json["findings"]] == ["entrypoint-missing"]
    assert ask(capfd, "doctor", archive(), "--json").json["runs"] == "unknown"


def test_words_say_what_to_do_and_hostile_names_are_harmless(archive, capfd):
    path = archive(Entrypoint=["/\x1b[31mrun\u202e"], WorkingDir="/a\nb")
    found = ask(capfd, "doctor", path)
    assert found.status == 1
    assert "It is unlikely to run." in found.out
    assert "\\x1b[31mrun" in found.out
    assert "Correct the path, or COPY the file" in found.out


def test_the_line_of_the_dockerfile_is_named(archive, capfd, tmp_path):
    path = archive(program("run"), Entrypoint=["/run"], User="root")
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM scratch\nCOPY run /\nUSER root\n")
    found = ask(capfd, "doctor", path, "--dockerfile", dockerfile, "--json")
    assert found.status == 0
    assert {(one["rule"], one["path"], one["line"]) for one in found.json["findings"]} == {
        ("runs-as-root", str(dockerfile), 3)
    }
    assert f"{dockerfile}:3: It runs as root" in ask(capfd, "doctor", path, "--dockerfile", dockerfile).out


def test_the_sample_archive(capfd):
    found = ask(capfd, "doctor", SAMPLE_ARCHIVE, "--json")
    assert found.status in (0, 1)
    assert found.json["findings"]


def test_a_bad_call_is_2(archive, capfd, tmp_path, monkeypatch):
    path = archive(program("run"), Entrypoint=["/run"])
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    (tmp_path / "Broken").write_text("FROM\n")
    for words in (
        ["doctor", tmp_path / "nothing.tar"],
        ["doctor", empty],
        ["doctor", tmp_path],
        ["doctor", ""],
        ["doctor", "no/such/image:1"],
        ["doctor", path, "--dockerfile", tmp_path / "Nofile"],
        ["doctor", path, "--dockerfile", tmp_path],
        ["doctor", path, "--dockerfile", tmp_path / "Broken"],
        ["doctor", path, "--platform", "x"],
        ["doctor"],
    ):
        assert ask(capfd, *words, "--json").status == 2, words


def test_an_engine_that_goes_away_is_2(monkeypatch, capsys):
    async def broken(*_arguments, **_options):
        raise StreamBroken("img could not be read", "the engine went away", "Try again")

    monkeypatch.setattr(doctor, "examine_image", broken)
    assert main(["doctor", "docker://img"]) == 2
    assert "the engine went away" in capsys.readouterr().err


def test_a_file_that_is_its_owners_alone_is_told(archive, capfd):
    found = ask(capfd, "doctor", archive(member("run", b"x", mode=0o700), Entrypoint=["/run"]), "--json")
    assert [one["rule"] for one in found.json["findings"]] == ["entrypoint-not-permitted"]
