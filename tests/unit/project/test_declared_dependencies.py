"""What manifests ask for, with the line; where the sources use it; whether anything speaks of a graphics card."""

import pytest

from slimdesk.operations.detect import open_project
from slimdesk.project.dependencies import declared
from slimdesk.project.dependencies_use import gpu_evidence, uses

PYPROJECT = """[project]
name = "reports"
dependencies = [
    "Fast_API>=0.1",
    "pandas",
]
"""
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>a</groupId><artifactId>shop</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-api</artifactId>
    </dependency>
    <dependency>
      <groupId>junit</groupId>
      <artifactId>junit</artifactId>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""


def opened(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = open_project(folder)
    return project, project.components[0]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (
            {"requirements.txt": "# web\nFlask==3.0\n-r more.txt\n", "more.txt": "torch\n", "app.py": "import flask\n"},
            {("flask", "pypi", "requirements.txt:2", False), ("torch", "pypi", "more.txt:1", False)},
        ),
        (
            {"pyproject.toml": PYPROJECT, "main.py": "print(1)\n"},
            {("fast-api", "pypi", "pyproject.toml:4", False), ("pandas", "pypi", "pyproject.toml:5", False)},
        ),
        (
            {"package.json": '{"name": "a", "main": "a.js",\n"dependencies": {"ms": "1"},\n"devDependencies": {"jest": "1"}}', "a.js": ""},
            {("ms", "npm", "package.json:2", False), ("jest", "npm", "package.json:3", True)},
        ),
        (
            {"pom.xml": POM, "src/main/java/A.java": "class A { public static void main(String[] a) {} }"},
            {("slf4j-api", "maven", "pom.xml:5", False), ("junit", "maven", "pom.xml:9", True)},
        ),
        (
            {
                "go.mod": "module m\n\ngo 1.24\n\nrequire (\n\tgithub.com/a/b v1.0.0\n\tgithub.com/c/d v1.0.0 // indirect\n)\n",
                "main.go": "package main\nfunc main() {}\n",
            },
            {("github.com/a/b", "golang", "go.mod:6", False), ("github.com/c/d", "golang", "go.mod:7", False)},
        ),
        (
            {
                "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\nrand9 = { package = "rand", version = "0.9" }\n\n[dev-dependencies.insta]\nversion = "1"\n',
                "src/main.rs": "fn main() {}\n",
            },
            {
                ("serde", "cargo", "Cargo.toml:6", False),
                ("rand", "cargo", "Cargo.toml:7", False),
                ("insta", "cargo", "Cargo.toml:9", True),
            },
        ),
        (
            {
                "composer.json": '{\n"require": {\n"php": ">=8.2",\n"Monolog/monolog": "^3"},\n"require-dev": {"phpunit/phpunit": "^11"}}',
                "public/index.php": "<?php echo 1;\n",
            },
            {
                ("monolog/monolog", "composer", "composer.json:4", False),
                ("phpunit/phpunit", "composer", "composer.json:5", True),
            },
        ),
        (
            {"Gemfile": 'source "https://rubygems.org"\ngem "rack", "~> 3"\n# gem "old"\n', "config.ru": "run 1\n"},
            {("rack", "gem", "Gemfile:2", False)},
        ),
        (
            {
                "shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n<PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup>\n<ItemGroup>\n<PackageReference Include="Dapper" Version="2.1" />\n</ItemGroup></Project>\n',
                "Program.cs": "",
            },
            {("Dapper", "nuget", "shop.csproj:4", False)},
        ),
    ],
)  # fmt: skip
def test_each_manifest_names_what_it_asks_for_with_the_line(tmp_path, files, found):
    project, component = opened(tmp_path, files)
    told = {(one.name, one.type, str(one.evidence), one.development) for one in declared(project, component)}
    assert told == found


def test_hostile_manifests_ask_for_nothing(tmp_path):
    project, component = opened(
        tmp_path,
        {"package.json": '{"name": "a", "main": "a.js"}', "a.js": "", "requirements.txt": "\x00\n" * 50},
    )
    (tmp_path / "package.json").write_text('{"dependencies": [1, {"a": 1}], "devDependencies": {"x": 3}}')
    (tmp_path / "pom.xml").write_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    (tmp_path / "build.gradle").write_text("implementation(" * 2000 + "\n" * 20_000)
    assert declared(project, component) == ()


def test_where_the_sources_import_a_module(tmp_path):
    project, component = opened(
        tmp_path,
        {
            "requirements.txt": "torch\n",
            "app.py": "import os, torch.nn as nn\n# import pandas\n",
            "web/a.ts": "import x from '@scope/name/deep'\nconst y = require(\"ms\")\n",
        },
    )
    assert [str(one) for one in uses(project, component, ["torch"])] == ["app.py:1"]
    assert uses(project, component, ["pandas"]) == ()
    assert [str(one) for one in uses(project, component, ["@scope/name", "ms"])] == [
        "web/a.ts:1",
        "web/a.ts:2",
    ]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("app.py", "import torch\nmodel.to('cuda')\n", "app.py:2"),
        ("compose.yaml", "services:\n  app:\n    runtime: nvidia\n", "compose.yaml:3"),
        ("app.py", "import torch\nmodel.to('cpu')\n", None),
    ],
)
def test_what_speaks_of_a_graphics_card(tmp_path, name, text, place):
    project, component = opened(
        tmp_path, {"requirements.txt": "torch\n", "app.py": "import torch\n", name: text}
    )
    found = gpu_evidence(project, component)
    assert (str(found) if found else None) == place
