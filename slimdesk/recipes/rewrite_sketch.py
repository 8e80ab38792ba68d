"""From a Dockerfile alone, what its project must look like: the few files that a detector needs to recognise it.

A pasted Dockerfile comes without its folder. Its COPY and RUN lines name manifests, tools and the program; a folder with
just these is enough for the same detection, and so the same recipe, as for a real project.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable

from slimdesk.dockerfile.commands import command_text, commands, first_program
from slimdesk.dockerfile.images import program, short_name
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.view import View, look
from slimdesk.recipes.rewrite_read import read_wishes

Files = dict[str, str]

_TOOLS = {
    "go": "go", "cargo": "rust", "rustc": "rust", "mvn": "java", "mvnw": "java", "gradle": "java", "gradlew": "java", "javac": "java",
    "npm": "node", "yarn": "node", "pnpm": "node", "npx": "node", "corepack": "node", "pip": "python", "pip3": "python", "poetry": "python",
    "uv": "python", "pipenv": "python", "cmake": "cpp", "gcc": "cpp", "g++": "cpp", "make": "cpp", "bundle": "ruby", "composer": "php",
    "dotnet": "dotnet", "tsc": "node", "ng": "node",
}  # fmt: skip
_BASES = {
    "golang": "go", "rust": "rust", "maven": "java", "gradle": "java", "openjdk": "java", "eclipse-temurin": "java", "amazoncorretto": "java",
    "java": "java", "adoptopenjdk": "java", "node": "node", "python": "python", "gcc": "cpp", "ruby": "ruby", "php": "php",
}  # fmt: skip
_WORDS = {
    "python": "python",
    "python3": "python",
    "node": "node",
    "java": "java",
    "ruby": "ruby",
    "gunicorn": "python",
    "uvicorn": "python",
    "flask": "python",
}


def sketch(dockerfile: Dockerfile) -> tuple[str, Files] | None:
    """Return the profile and the files; None where the Dockerfile does not say what is built."""
    view = look(dockerfile)
    votes: Counter[str] = Counter()
    for stage in view.stages:
        if stage.image is not None:
            name = short_name(stage.image)
            base = _BASES.get(name) or ("dotnet" if name.startswith("mcr.microsoft.com/dotnet/") else "")
            found = base or (stage.facts.language or "" if stage.facts.language != "c" else "cpp")
            votes[found] += 3
        for run in stage.own("RUN"):
            votes.update({_TOOLS.get(first_program(one), "") for one in commands(run)})
    start = read_wishes(dockerfile).start
    if start:
        votes[_WORDS.get(program(start), "")] += 2
    del votes[""]
    # A C compiler beside another language only serves that one.
    if len(votes) > 1:
        del votes["cpp"]
    for profile, _ in votes.most_common():
        make = _MAKERS.get(profile)
        if make is not None:
            served = profile == "node" and view.final.facts.serves_files
            return ("web" if served else profile), make(view)
    return None


def _go(view: View) -> Files:
    version = _version(view, "golang") or "1.26"
    package = next(
        (
            found[1]
            for text in _runs(view)
            if (found := re.search(r"\bgo (?:build|install)\b[^&;|]*?\s(\./[\w./-]+)", text))
        ),
        ".",
    )
    module = f"module example.com/app\n\ngo {version}\n"
    copied = {word for stage in view.stages for one in stage.own("COPY") for word in one.arguments[:-1]}
    if any("mod download" in text for text in _runs(view)) or "go.sum" in copied:
        # Some dependency: which one makes no difference to the Dockerfile.
        module += "\nrequire github.com/google/uuid v1.6.0\n"
    files = {"go.mod": module, "go.sum": ""}
    folder = posixpath.normpath(package)
    port = _port(view)
    main = (
        "package main\n\nfunc main() {\n}\n"
        if port is None
        else (
            f'package main\n\nimport "net/http"\n\nfunc main() {{\n\thttp.ListenAndServe(":{port}", nil)\n}}\n'
        )
    )
    files["main.go" if folder in (".", "..") or folder.endswith(".go") else f"{folder}/main.go"] = main
    return files


def _node(view: View) -> Files:
    texts = " ; ".join(_runs(view))
    start = read_wishes(view.dockerfile).start or ()
    script = next((word for word in start if re.search(r"\.[cm]?js$", word)), None)
    scripts: dict[str, str] = {}
    for name in re.findall(r"\b(?:npm|yarn|pnpm) (?:run )?(build(?::\w+)?)\b", texts):
        scripts[name] = "tsc" if not view.final.facts.serves_files else "vite build"
    package: dict[str, object] = {"name": "app", "version": "1.0.0", "private": True, "scripts": scripts}
    files: Files = {}
    if view.final.facts.serves_files:
        package["devDependencies"] = {"vite": "^7.0.0"}
        files["index.html"] = '<!doctype html>\n<div id="root"></div>\n'
    else:
        built = bool(scripts)
        main = script or ("dist/index.js" if built else "index.js")
        scripts["start"] = f"node {main}"
        # Some dependency: without one nothing would be installed.
        package["dependencies"] = {"express": "^5.1.0"}
        package["main"] = main
        if built:
            package["devDependencies"] = {"typescript": "^5.9.0"}
            files["tsconfig.json"] = json.dumps(
                {"compilerOptions": {"outDir": posixpath.dirname(main) or "dist"}}
            )
            files["src/index.ts"] = ""
        else:
            port = _port(view)
            files[posixpath.normpath(main.lstrip("/"))] = (
                f"require('http').createServer().listen({port or 3000})\n"
            )
    manager = next((one for one in ("pnpm", "yarn") if re.search(rf"\b{one}\b", texts)), "npm")
    files[{"pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "npm": "package-lock.json"}[manager]] = {
        "pnpm": "lockfileVersion: '9.0'\n", "yarn": "# yarn lockfile v1\n",
        "npm": json.dumps({"name": "app", "lockfileVersion": 3, "packages": {"": {"name": "app"}}}),
    }[manager]  # fmt: skip
    files["package.json"] = json.dumps(package, indent=2)
    return files


def _python(view: View) -> Files:
    texts = " ; ".join(_runs(view))
    start = read_wishes(view.dockerfile).start or ()
    copied = {
        posixpath.basename(word)
        for stage in view.stages
        for one in stage.own("COPY", "ADD")
        for word in one.arguments[:-1]
    }
    names = [
        word
        for word in ("flask", "django", "fastapi", "uvicorn", "gunicorn", "streamlit", "celery")
        if word in " ".join(start).lower() or re.search(rf"\b{word}\b", texts)
    ]
    files: Files = {}
    if "poetry.lock" in copied or re.search(r"\bpoetry install\b", texts):
        files["pyproject.toml"] = (
            '[tool.poetry]\nname = "app"\nversion = "0.1.0"\n\n[tool.poetry.dependencies]\npython = "^3.13"\n'
        )
        files["poetry.lock"] = ""
    elif "uv.lock" in copied or re.search(r"\buv sync\b", texts):
        files["pyproject.toml"] = (
            '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.13"\ndependencies = []\n'
        )
        files["uv.lock"] = "version = 1\n"
    else:
        files["requirements.txt"] = "".join(f"{name}\n" for name in names)
    if any(posixpath.basename(word) == "manage.py" for word in start) or any(
        ".wsgi:" in word for word in start
    ):
        project = next(
            (word.partition(".wsgi:")[0] for word in start if re.fullmatch(r"\w+\.wsgi:\w+", word)), "project"
        )
        settings = f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', '{project}.settings')\n"
        files["requirements.txt"] = "django\ngunicorn\n"
        files["manage.py"] = (
            f"import os\nfrom django.core.management import execute_from_command_line\n{settings}"
        )
        files[f"{project}/__init__.py"] = ""
        files[f"{project}/settings.py"] = (
            f"ROOT_URLCONF = '{project}.urls'\nWSGI_APPLICATION = '{project}.wsgi.application'\n"
        )
        files[f"{project}/wsgi.py"] = (
            f"import os\nfrom django.core.wsgi import get_wsgi_application\n{settings}application = get_wsgi_application()\n"
        )
        return files
    if "flask" in start and "run" in start:
        files["requirements.txt"] = "flask\ngunicorn\n"
        files["app.py"] = "from flask import Flask\n\napp = Flask(__name__)\n"
        return files
    script = next((word for word in start if word.endswith(".py")), None)
    module = next(
        (
            word.partition(":")[0].replace(".", "/") + ".py"
            for word in start
            if re.fullmatch(r"[\w.]+:\w+(?:\(\))?", word)
        ),
        None,
    )
    name = posixpath.normpath((script or module or "main.py").lstrip("/"))
    files[name] = 'print("hello")\n' if module is None else "app = None\n"
    return files


def _java(view: View) -> Files:
    texts = " ; ".join(_runs(view))
    version = _version(view, *(name for name, profile in _BASES.items() if profile == "java")) or "21"
    if re.search(r"\bgradlew?\b", texts):
        build = f"plugins {{\n    id 'java'\n    id 'application'\n}}\n\njava {{ toolchain {{ languageVersion = JavaLanguageVersion.of({version}) }} }}\napplication {{ mainClass = 'com.example.Main' }}\n"
        return {
            "build.gradle": build,
            "settings.gradle": "rootProject.name = 'app'\n",
            "src/main/java/com/example/Main.java": _MAIN,
        }
    if re.search(r"\bjavac\b", texts) and not re.search(r"\bmvnw?\b", texts):
        found = re.search(r"javac\b[^&;|]*?(\w+)\.java", texts)
        name = found[1] if found else "Main"
        return {
            f"{name}.java": f"public class {name} {{\n    public static void main(String[] args) {{\n    }}\n}}\n"
        }
    jar = next(
        (
            posixpath.basename(word)
            for word in " ".join(read_wishes(view.dockerfile).start or ()).split()
            if word.endswith(".jar")
        ),
        "app.jar",
    )
    pom = _POM.format(version=version, name=re.sub(r"[^\w.-]", "", jar.removesuffix(".jar")) or "app")
    return {"pom.xml": pom, "src/main/java/com/example/Main.java": _MAIN}


def _rust(view: View) -> Files:
    names = [
        found[1]
        for stage in view.stages
        for one in stage.own("COPY")
        for word in one.arguments[:-1]
        if (found := re.search(r"/release/([\w-]+)$", word))
    ]
    start = read_wishes(view.dockerfile).start or ("app",)
    name = re.sub(r"[^\w-]", "", names[0] if names else program(start)) or "app"
    manifest = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
    return {"Cargo.toml": manifest, "Cargo.lock": "version = 4\n", "src/main.rs": "fn main() {}\n"}


def _cpp(view: View) -> Files:
    texts = " ; ".join(_runs(view))
    if re.search(r"\bcmake\b", texts):
        return {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(app CXX)\nadd_executable(app main.cpp)\n",
            "main.cpp": _CPP,
        }
    found = re.search(r"\b(gcc|g\+\+|cc|c\+\+)\b[^&;|]*?([\w./-]+\.(?:cpp|cc|cxx|c))\b", texts)
    if found and not re.search(r"\bmake\b", texts):
        return {
            posixpath.normpath(found[2].lstrip("/")): _CPP
            if found[2] != "c"
            else "int main(void) { return 0; }\n"
        }
    return {"Makefile": "app: main.cpp\n\t$(CXX) -o app main.cpp\n", "main.cpp": _CPP}


_MAIN = (
    "package com.example;\n\npublic class Main {\n    public static void main(String[] args) {\n    }\n}\n"
)
_CPP = "int main() { return 0; }\n"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>app</artifactId>
  <version>1.0</version>
  <properties><maven.compiler.release>{version}</maven.compiler.release></properties>
  <build>
    <finalName>{name}</finalName>
    <plugins><plugin>
      <groupId>org.apache.maven.plugins</groupId><artifactId>maven-jar-plugin</artifactId>
      <configuration><archive><manifest><mainClass>com.example.Main</mainClass></manifest></archive></configuration>
    </plugin></plugins>
  </build>
</project>
"""
_MAKERS: dict[str, Callable[[View], Files]] = {
    "go": _go, "node": _node, "python": _python, "java": _java, "rust": _rust, "cpp": _cpp,
}  # fmt: skip


def _runs(view: View) -> list[str]:
    return [command_text(run).replace("\\\n", " ") for stage in view.stages for run in stage.own("RUN")]


def _version(view: View, *names: str) -> str | None:
    """The version in the tag of one of these bases."""
    for stage in view.stages:
        if stage.image is not None and short_name(stage.image) in names:
            found = re.search(r"(?:temurin-|openjdk-|jdk-?)(\d+)", stage.image.tag or "") or re.match(
                r"(\d+(?:\.\d+)?)", stage.image.tag or ""
            )
            if found and not (short_name(stage.image) in ("maven", "gradle") and "." in found[1]):
                return found[1]
    return None


def _port(view: View) -> int | None:
    found = next(
        (re.match(r"\d+", word) for one in view.final.inherited("EXPOSE") for word in one.arguments), None
    )
    return int(found[0]) if found and 0 < int(found[0]) < 65_536 else None
