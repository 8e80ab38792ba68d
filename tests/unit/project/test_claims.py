"""What belongs to another component is none of its own, and stays visible there."""

import json

import pytest

GEMFILE = 'gem "rails"\ngem "puma"\ngem "propshaft"\n'
VITE = {"scripts": {"build": "vite build", "dev": "vite"}, "devDependencies": {"vite": "^6"}}
GO = {
    "go.mod": "module example.com/a\n\ngo 1.27\n",
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}
LINTERS = {
    "devDependencies": {"husky": "^9", "prettier": "^3", "@commitlint/cli": "^19"},
    "scripts": {"prepare": "husky"},
}


def profiles(project):
    return sorted(component.profile for component in project.components)


def with_json(files):
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in files.items()}


@pytest.mark.parametrize(
    ("profile", "files"),
    [
        ("ruby", {"Gemfile": GEMFILE, "config.ru": "run App", "app/assets/a.css": "a", "package.json": VITE}),
        (
            "php",
            {
                "composer.json": {"require": {"laravel/framework": "^12"}},
                "public/index.php": "<?php",
                "artisan": "x",
                "package.json": VITE,
            },
        ),
        (
            "python",
            {
                "requirements.txt": "flask\ngunicorn\n",
                "app.py": "from flask import Flask\napp = Flask(__name__)\n",
                "package.json": VITE,
            },
        ),
    ],
    ids=["rails", "laravel", "flask"],
)
def test_a_package_that_only_builds_pages_is_part_of_the_application(detect_files, profile, files):
    project = detect_files(with_json(files))
    assert profiles(project) == [profile]


def test_the_claim_is_a_fact_with_its_place_and_an_unbuilt_front_end_is_told(detect_files):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        "package.json": {**VITE, "main": "index.js"},
        "index.js": "console.log(1)\n",
    }
    (component,) = detect_files(with_json(files)).components
    assert str(component.fact("claimed").evidence) == "package.json:1"
    assert any("does not run that build" in problem.message for problem in component.problems)


def test_linters_at_the_root_are_no_component(detect_files):
    assert profiles(detect_files(with_json({**GO, "package.json": LINTERS}))) == ["go"]


def test_linters_above_the_program_are_no_component(detect_files):
    files = {f"services/api/{name}": text for name, text in GO.items()}
    assert profiles(detect_files(with_json({**files, "package.json": LINTERS}))) == ["go"]


def test_a_server_beside_another_program_stays(detect_files):
    server = {"scripts": {"start": "node server.js"}, "dependencies": {"express": "^5"}}
    files = {**GO, "package.json": server, "server.js": "require('express')().listen(3000)\n"}
    assert profiles(detect_files(with_json(files))) == ["go", "node"]


def test_linters_alone_in_a_folder_are_left_to_the_language(detect_files):
    files = {"package.json": {**LINTERS, "main": "index.js"}, "index.js": "console.log(1)\n"}
    assert profiles(detect_files(with_json(files))) == ["node"]


@pytest.mark.parametrize("text", ["[]", "{", '{"scripts": 3, "dependencies": []}', "null"])
def test_damaged_packages_raise_nothing(detect_files, text):
    project = detect_files({**GO, "package.json": text})
    assert "go" in profiles(project)
