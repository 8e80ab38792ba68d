"""`slimdesk debug`, as far as no engine is needed."""

from dataclasses import replace

import pytest
from unit.cli.contract import ask
from unit.debug.containers_made import details

from slimdesk.basics.errors import EngineError
from slimdesk.debug.plan import plan
from slimdesk.operations import connect, debug_shell


@pytest.fixture(autouse=True)
def no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)


@pytest.mark.parametrize(
    "words", [["shop", "--print"], ["shop", "--json"], ["shop"], ["--print"], ["shop", "--way", "roof"]]
)
def test_without_an_engine_or_a_terminal_it_is_one_sentence(capfd, words):
    assert ask(capfd, "debug", *words).status == 2


@pytest.fixture
def planned(monkeypatch):
    """An engine that has one container; what is asked of it is kept."""
    asked = []

    class Nowhere:
        async def __aenter__(self):
            return None

        async def __aexit__(self, *failure):
            return None

    async def plan_it(engine, container, toolbox, way):
        asked.append((container, toolbox, way))
        return plan(details(name="sh op\x1b[2J", read_only=container == "read-only"), toolbox, way)

    monkeypatch.setattr(connect, "connected", Nowhere)
    monkeypatch.setattr(debug_shell, "plan_shell", plan_it)
    return asked


def test_the_plan_as_json_keeps_the_contract(capfd, planned):
    found = ask(capfd, "debug", "shop", "--json")
    assert found.status == 0
    assert found.json["way"] == "files"
    assert planned == [("shop", "busybox:1-musl", None)]
    other = ask(
        capfd, "debug", "read-only", "--json", "--print", "--toolbox", "debian:trixie", "--way", "tools"
    )
    assert (other.json["way"], other.json["commands"]["cdebug"]) == ("tools", None)
    assert other.json["notes"]
    assert planned[1] == ("read-only", "debian:trixie", "tools")


def test_the_plan_in_words_has_a_line_for_each_tool(capfd, planned):
    found = ask(capfd, "debug", "shop", "--print")
    assert found.status == 0
    for start in ("  docker run ", "  docker debug ", "  cdebug exec "):
        assert start in found.out
    assert "kubectl debug" in found.out


async def test_no_commands_are_shown_for_a_container_that_has_ended():
    class Engine:
        async def container_details(self, _target):
            shop = details()
            return replace(shop, record=replace(shop.record, state="exited"))

    with pytest.raises(EngineError, match=r"does not run \(exited\).*slimdesk hold"):
        await debug_shell.plan_shell(Engine(), "shop")
