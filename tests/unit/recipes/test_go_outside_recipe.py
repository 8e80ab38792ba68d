"""Private modules and the linker's version in a Go project's Dockerfile."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options

FACTS = (Fact("module", "example.com/shop"), Fact("package", "."), Fact("binary", "shop"), Fact("cgo", False))


def shop(*facts):
    return Component("shop", ".", "go", version="1.26", entrypoint=("/shop",), facts=(*FACTS, *facts))


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return json.loads(done.stdout)


def test_a_version_is_given_from_outside(catalog):
    fact = Fact("version_variable", "main.version", Evidence("Makefile", 3))
    made = generate(shop(fact), "distroless", catalog, Options())
    assert 'ARG VERSION="dev"' in made.text
    assert '-ldflags="-s -w -X main.version=$VERSION"' in made.text
    told = next(one for one in made.findings if one.rule == "version-from-outside")
    assert (told.path, told.line, "--build-arg VERSION" in told.fix) == ("Makefile", 3, True)
    assert not hadolint(made.text)


@pytest.mark.parametrize("value", ["main.x; rm -rf /", "$(evil).version", 'a".b', "-x.y"])
def test_a_hostile_variable_is_not_written(catalog, value):
    made = generate(shop(Fact("version_variable", value)), "scratch", catalog, Options())
    assert "VERSION" not in made.text.partition("AS final")[0]


def test_private_modules_are_fetched_with_a_sign_in(catalog):
    component = shop(Fact("private_modules", "github.com/acme/*", Evidence("Makefile", 1)))
    made = generate(component, "distroless", catalog, Options()).text
    assert "GOPRIVATE='github.com/acme/*' CGO_ENABLED=0 go build" in made
    assert "--mount=type=secret,id=netrc,target=/root/.netrc" in made
    assert "netrc" not in generate(component, "distroless", catalog, Options(cache_mounts=False)).text
    needs = next(fit for fit in fits(component, catalog) if fit.family == "distroless").needs
    assert "github.com/acme/*" in needs[0]
    assert "GOPRIVATE='github.com/acme/*' go build" in generate(component, None, catalog, Options()).text
    assert not hadolint(made)
