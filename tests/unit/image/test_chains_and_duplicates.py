"""The chain that brought a package, what goes with a line of a manifest, and the same library twice."""

import json

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.image.findings.chains import Chains
from slimdesk.image.package import Package
from slimdesk.image.read import Wanted, read_path
from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence


def pypi(name, *requires, extras=()):
    return Package(name, "1", "pypi", f"pkg:pypi/{name}@1", 10, f"/v/{name}.dist-info/METADATA", requires=requires, may_require=extras)  # fmt: skip


def npm(place, *requires, peers=()):
    name = place.rpartition("node_modules/")[2]
    return Package(name, "1", "npm", f"pkg:npm/{name}@1", 10, f"{place}/package.json", requires=requires, may_require=peers)  # fmt: skip


def line(name, number, kind="pypi", *, development=False):
    return Declared(
        name, kind, Evidence("requirements.txt" if kind == "pypi" else "package.json", number), development
    )


def test_the_chain_is_the_shortest_from_a_line_to_the_package():
    packages = [
        pypi("sentence_transformers", "torch", "numpy"),
        pypi("torch", "nvidia-cudnn-cu12"),
        pypi("nvidia-cudnn-cu12"),
        pypi("numpy"),
        pypi("pip"),
    ]
    chains = Chains(packages, [line("numpy", 1), line("sentence-transformers", 4)])
    assert chains.words(2) == "requirements.txt:4 → sentence_transformers → torch → nvidia-cudnn-cu12"
    assert chains.words(3) == "requirements.txt:1 → numpy"
    assert chains.words(4) == ""
    assert chains.alone([line("sentence-transformers", 4)]) == (0, 1, 2)
    assert chains.alone([line("numpy", 1)]) == ()
    assert chains.alone([line("numpy", 1), line("sentence-transformers", 4)]) == (0, 1, 2, 3)


def test_what_nothing_known_asks_for_keeps_what_it_needs():
    packages = [
        pypi("pytest", "pygments", "numpy"),
        pypi("pygments"),
        pypi("numpy"),
        pypi("pandas", "numpy", extras=("pygments",)),
    ]
    chains = Chains(packages, [line("pytest", 1)])
    # A command installed pandas by name: numpy does not go with pytest.
    assert chains.alone([line("pytest", 1)]) == (0, 1)


def test_an_extra_brings_only_what_nothing_needs_for_certain():
    packages = [
        pypi("pandas", "tzdata"),
        pypi("tzdata"),
        pypi("pydantic", extras=("tzdata", "email")),
        pypi("email"),
    ]
    chains = Chains(packages, [line("pandas", 1), line("pydantic", 2)])
    assert chains.alone([line("pandas", 1)]) == (0, 1)
    assert chains.words(3) == "requirements.txt:2 → pydantic → email"


def test_node_finds_the_nearest_copy():
    packages = [
        npm("/app/node_modules/a", "ms"),
        npm("/app/node_modules/a/node_modules/ms"),
        npm("/app/node_modules/ms"),
        npm("/app/node_modules/@s/b", "ms", peers=("a",)),
        npm("/app/node_modules/.pnpm/c@1/node_modules/c"),
    ]
    chains = Chains(packages, [line("a", 1, "npm"), line("@s/b", 2, "npm"), line("c", 3, "npm")])
    assert chains.words(1) == "package.json:1 → a → ms"
    assert chains.words(2) == "package.json:2 → @s/b → ms"
    assert chains.words(4) == "package.json:3 → c"
    assert chains.alone([line("a", 1, "npm")]) == (0, 1)


def test_what_ships_is_told_before_what_builds():
    packages = [
        npm("/app/node_modules/jest", "ms"),
        npm("/app/node_modules/ms"),
        npm("/app/node_modules/app", "ms"),
    ]
    chains = Chains(packages, [line("jest", 1, "npm", development=True), line("app", 2, "npm")])
    assert chains.words(1) == "package.json:2 → app → ms"


def test_circles_and_long_chains_end():
    packages = [pypi(f"p{number}", f"p{(number + 1) % 3000}") for number in range(3000)]
    chains = Chains(packages, [line("p0", 1)])
    assert chains.words(2999) == "requirements.txt:1 → p0 → p1 → p2 → … → p2998 → p2999"


def node_package(place, version, size):
    name = place.rpartition("node_modules/")[2]
    return [
        (f"{place}/package.json", json.dumps({"name": name, "version": version}).encode()),
        (f"{place}/index.js", size),
    ]


@pytest.mark.parametrize(("second", "told"), [("2.0.0", True), ("1.0.0", False)])
def test_a_library_in_several_versions_is_told_once_with_what_the_smaller_copies_weigh(
    tmp_path, second, told
):
    members = [
        *node_package("app/node_modules/date", "1.0.0", 400_000),
        *node_package("app/node_modules/x/node_modules/date", second, 150_000),
        *node_package("app/node_modules/@s/date", "9.0.0", 500_000),
    ]
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(members)], config={"User": "1"})]))
    image = read_path(path, Wanted())
    found = [one for one in image.findings if one.rule == "duplicate-versions"]
    assert bool(found) is told
    if found:
        assert "date (1.0.0 and 2.0.0)" in found[0].message
        assert 150_000 <= (found[0].bytes or 0) < 151_000


@pytest.mark.parametrize(
    "folder",
    [
        "root/.cache/ms-playwright",
        "ms-playwright",
        "app/node_modules/puppeteer/.local-chromium",
        "root/.cache/puppeteer",
    ],
)
def test_browsers_are_found_where_their_tools_put_them(tmp_path, folder):
    path = tmp_path / "image.tar"
    members = [(f"{folder}/chrome", 300_000), ("app/node_modules/puppeteer/lib.js", 100)]
    path.write_bytes(old_save([Picture([layer(members)], config={"User": "1"})]))
    (found,) = [one for one in read_path(path, Wanted()).findings if one.rule == "bundled-browser"]
    assert found.bytes == 300_000
