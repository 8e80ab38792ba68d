"""Over every recipe, family and version that a project may ask for: no name that gets no updates comes out."""

import re

import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import images_needed
from slimdesk.recipes.registry import PROFILES

DEAD = re.compile(
    r"debian1[012]|bookworm|bullseye|buster|stretch|openjdk|nodejs(\d|1\d|20|21|23|25)-|node:(\d|1\d|20|21|23|25)\b"
    r"|alpine:?3\.(\d|1\d|20|21)\b|python:(2|3\.(\d|10))\b|dotnet/\w+:[1-9]\.|php:?([57]|8\.[012])\b|ruby:([12]|3\.[012])\b|golang:1\.(\d|1\d|2[0-5])\b|ubuntu:(18|20)|nginx[\w-]*:1\.(\d|1\d|2\d)\b"
)

PROJECTS = {
    "go": {
        "go.mod": "module example.com/shop\n\ngo {version}\n",
        "main.go": 'package main\n\nimport "net/http"\n\nfunc main() {{ http.ListenAndServe(":8080", nil) }}\n',
    },
    "node": {
        "package.json": '{{"name": "shop", "main": "index.js", "engines": {{"node": "{version}"}}}}',
        "package-lock.json": '{{"name": "shop", "lockfileVersion": 3, "packages": {{}}}}',
        "index.js": "require('http').createServer(() => {{}}).listen(3000)\n",
    },
    "python": {
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nrequires-python = "{version}"\n',
        "main.py": "print('hello')\n",
    },
    "rust": {
        "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nrust-version = "{version}"\n[[bin]]\nname = "shop"\npath = "main.rs"\n',
        "main.rs": "fn main() {{}}\n",
    },
    "cpp": {
        "CMakeLists.txt": "project(shop C)\nset(CMAKE_C_STANDARD {version})\nadd_executable(shop main.c)\n",
        "main.c": "int main(void) {{ return 0; }}\n",
    },
    "java": {
        "pom.xml": "<project><artifactId>shop</artifactId><version>1</version><properties><maven.compiler.release>{version}"
        "</maven.compiler.release></properties></project>",
        "src/main/java/Main.java": "public class Main {{ public static void main(String[] args) throws Exception {{ new java.net.ServerSocket(8080); }} }}\n",
    },
    "dotnet": {
        "shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>{version}</TargetFramework></PropertyGroup></Project>'
    },
    "php": {
        "composer.json": '{{"type": "project", "require": {{"php": "{version}"}}}}',
        "public/index.php": "<?php echo 1;\n",
    },
    "ruby": {
        "Gemfile": 'ruby "{version}"\ngem "puma"\n',
        "Gemfile.lock": "GEM\n  specs:\n    puma (6.6.0)\n\nPLATFORMS\n  ruby\n",
        "config.ru": "run App\n",
    },
    "web": {
        "package.json": '{{"name": "shop", "scripts": {{"build": "vite build"}}, "devDependencies": {{"vite": "^7"}}, "engines": {{"node": "{version}"}}}}',
        "package-lock.json": '{{"name": "shop", "lockfileVersion": 3, "packages": {{}}}}',
        "index.html": "<title>Shop</title>\n",
    },
}
VERSIONS = {
    "go": ("1.4", "1.19", "1.20", "1.21", "1.24", "1.25", "1.25.0", "1.26", "1.26.3", "1.27", "1.28", "1.99", "9.9"),
    "node": ("8", "14.x", "16", "18", "^18.0.0", ">=18", "20", "20.x", "21", "22", "23", "24", "25", "26", "27", ">=18 <21"),
    "python": ("==3.6.*", ">=3.7", "==3.9.*", "~=3.10.0", "==3.10.*", ">=3.8,<3.11", ">=3.11", "==3.12.*", "==3.13.*",
               "==3.14.*", ">=3.99", "<3"),
    "rust": ("1.56", "1.70.0", "1.85", "1.98", "1.99", "2.0"),
    "cpp": ("99", "11", "17", "23"),
    "java": ("1.5", "1.8", "8", "11", "16", "17", "19", "21", "24", "25", "26", "27"),
    "dotnet": ("netcoreapp3.1", "net6.0", "net8.0", "net9.0", "net10.0", "net11.0"),
    "php": ("5.6.*", "^7.4", "~8.1.0", "^8.0", ">=8.1", "~8.2.0", "~8.3.0", "^8.4", "8.5.*", "^9.0", "^7.4 || ^8.0", ">=8.2 <8.4"),
    "ruby": ("2.7.8", "~> 3.1.0", "3.2.2", "~> 3.3", "~> 3.3.0", "3.4.7", ">= 3.2", "4.0.1", "~> 5.0"),
    "web": ("16", "18", ">=18", "20.x", "22", "^24.0.0", "25", "26", "27", ">=18 <21"),
}  # fmt: skip


def test_every_profile_with_a_recipe_is_covered():
    assert set(PROJECTS) == set(VERSIONS) == set(PROFILES)


@pytest.mark.parametrize(
    ("profile", "version"), [(profile, one) for profile in PROJECTS for one in VERSIONS[profile]]
)
def test_no_ended_name_comes_out(tmp_path, catalog, profile, version):
    for name, text in PROJECTS[profile].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.format(version=version))
    (component,) = detect(tmp_path).components
    assert component.profile == profile
    found = fits(component, catalog)
    assert tuple(fit.family for fit in found) == FAMILIES
    assert all(fit.reason.strip() for fit in found)
    available = [fit.family for fit in found if fit.available]
    if not available:
        # The project insists on an ended version, or on one that is not there yet: each family says so.
        with pytest.raises(UnavailableFamily):
            recommended(found)
        assert profile != "go"
        return
    assert recommended(found).family in available
    ranks = sorted(fit.rank for fit in found if fit.available)
    assert ranks[:1] != ranks[1:2], "exactly one is recommended"
    for family in (*available, None):
        for debug in (False, True):
            generated = generate(component, family, catalog, Options(debug=debug, healthcheck=True))
            for image in images_needed(generated.dockerfile, generated.target):
                assert not DEAD.search(image), image
            assert all(one.reason for one in generated.dockerfile.instructions()), family
            assert "ENTRYPOINT" in generated.text
            final = generated.dockerfile.stage("final")
            users = [one.arguments[0] for one in final.instructions if one.keyword == "USER"]
            if family is None:
                assert users == []
            else:
                assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]), family
