"""What a Go build takes from outside of its sources, and the subcommand that serves."""

import pytest

MOD = "module example.com/shop\n\ngo 1.26\n\nrequire (\n\tgithub.com/acme/secret v1.0.0\n\tgithub.com/spf13/cobra v1.10.0\n)\n"
MAIN = "package main\n\nfunc main() {}\n"
SERVER = 'package cmd\n\nimport "net/http"\n\nfunc listen() { http.ListenAndServe(":8080", nil) }\n'


@pytest.fixture
def only(detect_files):
    def make(files):
        found = detect_files({"go.mod": MOD, "go.sum": "", **files}).components
        assert len(found) == 1
        return found[0]

    return make


@pytest.mark.parametrize(
    ("path", "more", "command"),
    [
        ("gen/orders/v1", {"orders.proto": "", "buf.gen.yaml": ""}, "buf generate"),
        ("internal/pb", {"orders.proto": ""}, "protoc"),
        ("internal/db", {"sqlc.yaml": ""}, "sqlc generate"),
        ("graph", {"gqlgen.yml": ""}, "gqlgen generate"),
        ("gen/mocks", {}, "go generate ./..."),
    ],
)
def test_code_that_was_not_generated_is_told_with_what_makes_it(only, path, more, command):
    found = only(
        {"main.go": f'package main\n\nimport "example.com/shop/{path}"\n\nfunc main() {{}}\n', **more}
    )
    told = found.problems[0]
    assert command in told.message
    assert str(told.evidence) == "main.go:3"


def test_swagger_pages_are_made_by_swag(detect_files):
    files = {
        "go.mod": MOD.replace("github.com/acme/secret", "github.com/swaggo/swag"),
        "main.go": 'package main\n\nimport _ "example.com/shop/docs"\n\nfunc main() {}\n',
    }
    assert any("swag init" in one.message for one in detect_files(files).components[0].problems)


def test_packages_that_are_there_or_fetched_are_not_missing(detect_files):
    files = {
        "go.mod": MOD.replace("github.com/acme/secret", "example.com/shop/sdk"),
        "go.sum": "",
        "main.go": 'package main\n\nimport (\n\t"example.com/shop/a"\n\t"example.com/shop/sdk/b"\n\t"example.com/shop/win"\n)\n\nfunc main() {}\n',
        "a/a.go": "package a\n",
        "win/win_windows.go": "package win\n",
    }
    assert detect_files(files).components[0].problems == ()


def test_templates_that_no_code_was_made_of(only):
    assert "templ generate" in only({"main.go": MAIN, "page.templ": ""}).problems[0].message
    assert only({"main.go": MAIN, "page.templ": "", "page_templ.go": "package main\n"}).problems == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "export GOPRIVATE=github.com/acme/*\n"),
        (".github/workflows/ci.yml", "env:\n  GOPRIVATE: github.com/acme\n"),
        ("Dockerfile", "ENV GOPRIVATE=example.org,github.com/acme\n"),
    ],
)
def test_private_modules_are_those_that_the_project_names_and_uses(only, path, text):
    found = only({"main.go": MAIN, path: text})
    assert found.fact("private_modules").evidence.path == path
    assert only({"main.go": MAIN, path: text.replace("acme", "other")}).fact("private_modules") is None


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('build:\n\tgo build -ldflags "-X main.version=$(git describe)" .\n', "main.version"),
        ("PKG := example.com/shop/internal\nbuild:\n\tgo build -ldflags \"-X '$(PKG)/build.Version=$(V)'\" .\n", "example.com/shop/internal/build.Version"),
        ('MOD = $(shell go list -m)\nbuild:\n\tgo build -ldflags "-X ${MOD}.Commit=1 -X ${MOD}.appVersion=2" .\n', "example.com/shop.appVersion"),
        ('build:\n\tgo build -ldflags "-X $(UNKNOWN)/a.Version=1" .\n', None),
        ("build:\n\tgo build -ldflags '-s -w' .\n", None),
    ],
)  # fmt: skip
def test_the_version_that_the_linker_sets(only, text, variable):
    assert only({"main.go": MAIN, "Makefile": text}).value("version_variable") == variable


ROOT = 'package cmd\n\nimport "github.com/spf13/cobra"\n\nvar root = &cobra.Command{\n\tUse: "shop",%s\n}\n\nfunc Execute() { root.Execute() }\n'
SERVE = 'package cmd\n\nimport "github.com/spf13/cobra"\n\nvar serve = &cobra.Command{\n\tUse: "serve",\n\tRunE: run,\n}\n'
CALLS = 'package main\n\nimport "example.com/shop/cmd"\n\nfunc main() { cmd.Execute() }\n'


def test_a_program_that_serves_only_when_told_is_told(only):
    found = only({"main.go": CALLS, "cmd/root.go": ROOT % "", "cmd/serve.go": SERVE, "cmd/listen.go": SERVER})
    assert found.entrypoint == ("/shop", "serve")
    assert str(found.fact("subcommand").evidence) == "cmd/serve.go:5"


def test_a_program_that_runs_by_itself_is_left_alone(only):
    root = ROOT % "\n\tRun: func(*cobra.Command, []string) {},"
    found = only({"main.go": CALLS, "cmd/root.go": root, "cmd/serve.go": SERVE, "cmd/listen.go": SERVER})
    assert found.entrypoint == ("/shop",)


def test_braces_without_end_are_read_in_no_time(only):
    found = only(
        {
            "main.go": CALLS,
            "cmd/root.go": ROOT % "",
            "cmd/odd.go": "package cmd\n" + "cobra.Command{" * 20_000,
        }
    )
    assert found.entrypoint == ("/shop",)
