"""Settings: defaults, changes, damage, wrong values."""

import json

import pytest

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.workspace import settings as module
from slimdesk.workspace.places import folder
from slimdesk.workspace.settings import DefaultOptions, Settings, SettingsFile, mirror_table


def written(**values):
    path = folder("config") / "settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))
    return path


def test_without_a_file_the_defaults_hold_and_nothing_is_written(slimdesk_home):
    file = SettingsFile()
    assert file.value == Settings()
    assert file.problem is None
    assert file.value.current_size == "files"
    assert not slimdesk_home.exists()


def test_a_change_is_found_again():
    SettingsFile().change(
        appearance="dark",
        mirrors={"docker.io": "mirror.example.com/hub"},
        splits={"image.left": (380, 900)},
        options=DefaultOptions(pin=True, prefer="debuggable"),
        current_size="live",
        context="rootless",
        zoom=1.5,
    )
    again = SettingsFile().value
    assert again.appearance == "dark"
    assert again.mirrors == {"docker.io": "mirror.example.com/hub"}
    assert again.splits == {"image.left": (380, 900)}
    assert again.options == DefaultOptions(pin=True, prefer="debuggable")
    assert (again.current_size, again.context, again.zoom) == ("live", "rootless", 1.5)


def test_a_wish_that_nobody_knows_is_the_first_one():
    SettingsFile().change(options=DefaultOptions(pin=True, prefer="largest"))
    assert SettingsFile().value.options == DefaultOptions(pin=True)


def test_no_change_writes_nothing(slimdesk_home):
    SettingsFile().change(appearance="system")
    assert not slimdesk_home.exists()


def test_an_unknown_setting_is_a_mistake_of_the_program():
    with pytest.raises(TypeError):
        SettingsFile().change(colour="red")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2]",
        '"text"',
        "null",
        "[" * 100_000,
        '{"appearance": "pink"}',
        '{"splits": {"a": ["x"]}}',
    ],
)
def test_a_damaged_file_is_kept_aside_and_defaults_hold(text):
    path = folder("config") / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    file = SettingsFile()
    assert file.value == Settings()
    assert "settings.json.unreadable" in file.problem
    assert path.with_name("settings.json.unreadable").read_text() == text


def test_a_file_that_is_not_text_is_a_sentence():
    path = folder("config") / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in SettingsFile().problem


def test_what_a_later_version_wrote_and_this_one_does_not_know_is_left_out():
    written(version=1, appearance="light", invented=True, options={"pin": True, "invented": 1})
    file = SettingsFile()
    assert file.problem is None
    assert file.value.appearance == "light"
    assert file.value.options.pin


def test_zoom_stays_readable():
    written(zoom=400)
    assert SettingsFile().value.zoom == 12


def test_an_old_file_is_migrated_step_by_step(monkeypatch):
    monkeypatch.setattr(module, "VERSION", 3)
    monkeypatch.setitem(module.MIGRATIONS, 1, lambda data: {**data, "appearance": data.pop("theme")})
    monkeypatch.setitem(module.MIGRATIONS, 2, lambda data: {**data, "zoom": data["zoom"] * 2})
    written(version=1, theme="dark", zoom=1)
    value = SettingsFile().value
    assert (value.appearance, value.zoom, value.version) == ("dark", 2.0, 3)


def test_what_cannot_be_written_is_said_and_holds_until_the_end(slimdesk_home):
    slimdesk_home.write_text("a file where the folder should be")
    file = SettingsFile()
    with pytest.raises(OutputError):
        file.change(appearance="dark")
    assert file.value.appearance == "dark"


def test_mirrors_are_cleaned():
    assert mirror_table({" docker.io/ ": "mirror.example.com/hub/", "": ""}) == {
        "docker.io": "mirror.example.com/hub"
    }


@pytest.mark.parametrize(
    "lines", [{"docker.io": ""}, {"": "x"}, {"docker.io": "https://x"}, {"docker.io": "a b"}]
)
def test_a_mirror_that_cannot_be_meant_is_refused(lines):
    with pytest.raises(BadInput):
        mirror_table(lines)
