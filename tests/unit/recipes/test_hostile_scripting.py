"""Ruby, PHP and .NET: whatever a project says of itself, it never becomes an instruction of its own."""

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options

HOSTILE = [
    "x\nRUN rm -rf /",
    '"; RUN rm -rf / #',
    "'; rm -rf / #",
    "$(touch /pwned)",
    "`touch /pwned`",
    "a\\\nUSER root",
    "\\",
    "\x1b[2J",
    "<<EOF\nRUN id\nEOF",
    "--from=evil",
    "-x",
    "../../etc",
    "[a] b",
    '\r\nENTRYPOINT ["/bin/sh"]',
    " ",
]  # fmt: skip
KEYS = {
    "ruby": ("gemfile", "lock", "version_file", "native", "compiled", "git_gem", "writes", "worker", "migrations", "asset_packages", "asset_lock", "health_path", "glibc_gem_x"),
    "php": ("package_manager", "lock", "extension", "web_root", "writes", "worker", "migrations", "asset_build", "asset_lock", "local_packages", "health_path"),
    "dotnet": ("project", "assembly", "restore_file", "solution", "sdk_pin", "sdk_version", "sdk_roll_forward", "target_framework", "node_build", "cultures", "health_path"),
}  # fmt: skip
ENTRY = {"ruby": ("bundle", "exec"), "php": ("php",), "dotnet": ("dotnet",)}
FLAGS = {
    "ruby": ("rails_assets", "bootsnap", "vendored", "path_gem", "lock_without_linux"),
    "php": ("front_controller",),
    "dotnet": ("several_targets", "aot"),
}


def component(profile: str, text: str, *, flags: bool) -> Component:
    facts = [Fact(key, text, Evidence(text, 1)) for key in KEYS[profile]]
    facts += [Fact(key, True, Evidence(text, 1)) for key in FLAGS[profile] if flags]
    version = "10.0" if profile == "dotnet" else None
    framework = {"ruby": "Rails", "php": "Laravel", "dotnet": "ASP.NET Core"}[profile] if flags else None
    return Component(
        text, ".", profile, ".", version, text, framework, (*ENTRY[profile], text), 8080, tuple(facts)
    )


@pytest.mark.parametrize("profile", list(KEYS))
@pytest.mark.parametrize("flags", [False, True])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:16]))
def test_hostile_values_stay_values(catalog, profile, text, flags):
    shop = component(profile, text, flags=flags)
    available = [fit.family for fit in fits(shop, catalog) if fit.available]
    assert available or profile == "ruby"
    for family in (*available, None):
        made = generate(shop, family, catalog, Options(healthcheck=True))
        wanted = [one.keyword for one in made.dockerfile.instructions()]
        assert [command.cmd.upper() for command in buildkit.parse_string(made.text)] == wanted
        assert wanted.count("ENTRYPOINT") == 1
        for line in (made.text + made.dockerignore).split("\n"):
            assert without_controls(line) == line
        for command in made.text.splitlines():
            if command.startswith(("RUN", "    ")) and "pwned" in command and "LABEL" not in command:
                assert (
                    "'" in command
                    or "\\$" in command
                    or '"org.' in command
                    or "io.slimdesk" in command
                    or command.lstrip().startswith(("#", '"'))
                )


@pytest.mark.parametrize("profile", list(KEYS))
def test_endless_values_are_refused_in_a_sentence(catalog, profile):
    with pytest.raises(BadInput, match="more than 4096 are not written"):
        generate(component(profile, "x" * 100_000, flags=False), None, catalog, Options())
