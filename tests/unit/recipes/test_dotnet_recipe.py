"""The .NET recipe. The SDK cannot be had on machines without Microsoft's registry, so these are generated and checked, not built."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "dotnet_golden"


def project(sdk="Microsoft.NET.Sdk.Web", target="net10.0", more="", items=""):
    return f'<Project Sdk="{sdk}"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>{target}</TargetFramework>{more}</PropertyGroup><ItemGroup>{items}</ItemGroup></Project>'


PROJECTS = {
    "web": {"web.csproj": project()},
    "old": {"web.csproj": project(target="net8.0"), "global.json": '{"sdk": {"version": "8.0.100"}}'},
    "solution": {
        "Shop.sln": "",
        "Directory.Packages.props": "<Project />",
        "src/Api/Api.csproj": project(items='<ProjectReference Include="..\\Core\\Core.csproj" />'),
        "src/Core/Core.csproj": '<Project Sdk="Microsoft.NET.Sdk" />',
        "src/Api/Program.cs": 'TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");',
    },
    "worker": {"worker.csproj": project("Microsoft.NET.Sdk.Worker")},
    "console": {"tool.fsproj": project("Microsoft.NET.Sdk")},
    "aot": {"tool.csproj": project(more="<PublishAot>true</PublishAot>")},
    "contained": {"tool.csproj": project("Microsoft.NET.Sdk", more="<SelfContained>true</SelfContained>")},
    "file": {"hello.cs": 'Console.WriteLine("hi");\n'},
}


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return {found["code"] for found in json.loads(done.stdout)}


def words_of(text, keyword):
    return [list(command.value) for command in buildkit.parse_string(text) if command.cmd.upper() == keyword]


@pytest.mark.parametrize("name", PROJECTS)
def test_every_project_on_every_family_reads_as_it_was_written(component, catalog, name):
    shop = component(PROJECTS[name])
    families = [fit.family for fit in fits(shop, catalog) if fit.available]
    assert {"full", "alpine", "chiselled"} <= set(families)
    for family in [*families, None]:
        for options in (Options(), Options(cache_mounts=False, healthcheck=True)):
            made = generate(shop, family, catalog, options)
            read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
            assert read == [one.keyword for one in made.dockerfile.instructions()]
            assert hadolint(made.text) == set(), made.text
            if family is not None:
                assert words_of(made.text, "USER")[-1] in (["1654:1654"], ["65532:65532"])


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("web", "chiselled"),
        ("solution", "chiselled"),
        ("aot", "distroless"),
        ("contained", "alpine"),
        ("old", "full"),
        ("file", "chiselled"),
    ],
)
def test_golden(component, catalog, name, family):
    text = generate(component(PROJECTS[name]), family, catalog, Options()).text
    path = GOLDEN / f"{name}-{family}.Dockerfile"
    if os.environ.get("SLIMDESK_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def reasons(shop, catalog):
    return {fit.family: fit for fit in fits(shop, catalog)}


def test_chiselled_is_recommended_and_the_others_say_why_not(component, catalog):
    found = reasons(component(PROJECTS["web"]), catalog)
    assert recommended(tuple(found.values())).family == "chiselled"
    assert not found["distroless"].available
    assert "self-contained or with Native AOT it would fit" in found["distroless"].reason
    assert not found["scratch"].available
    assert "C library" in found["scratch"].reason


def test_a_program_without_a_web_gets_the_smaller_runtime(component, catalog):
    found = reasons(component(PROJECTS["worker"]), catalog)
    assert found["chiselled"].base.reference == "mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled"


def test_native_programs_need_no_dotnet(component, catalog):
    found = reasons(component(PROJECTS["aot"]), catalog)
    assert found["chiselled"].base.reference == "mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled"
    assert found["chiselled"].builder.reference == "mcr.microsoft.com/dotnet/sdk:10.0-noble-aot"
    assert found["distroless"].base.reference == "gcr.io/distroless/base-debian13:nonroot"
    assert not found["chainguard"].available
    contained = reasons(component(PROJECTS["contained"]), catalog)
    assert contained["alpine"].builder.reference == "mcr.microsoft.com/dotnet/sdk:10.0-alpine3.24"


def test_cultures_and_time_zones_take_the_extra_image(component, catalog):
    shop = component(PROJECTS["solution"])
    fit = reasons(shop, catalog)["chiselled"]
    assert fit.base.reference == "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra"
    assert "src/Api/Program.cs:1" in fit.reason
    assert "icu-libs" in generate(shop, "alpine", catalog, Options()).text


def test_an_ended_target_runs_on_the_supported_dotnet(component, catalog):
    shop = component(PROJECTS["old"])
    fit = reasons(shop, catalog)["chiselled"]
    assert "last update on 2026-11-10" in fit.reason
    assert "web.csproj:1" in fit.reason
    made = generate(shop, "chiselled", catalog, Options())
    assert 'DOTNET_ROLL_FORWARD="Major"' in made.text
    assert "**/global.json" in made.dockerignore
    assert [finding.rule for finding in made.findings] == ["sdk-pin"]


def test_a_front_end_in_the_project_file_gets_node_in_the_build(component, catalog):
    target = '<Target Name="Web" AfterTargets="ComputeFilesToPublish"><Exec WorkingDirectory="ClientApp" Command="npm run build" /></Target>'
    text = project().replace("</Project>", f"\n{target}</Project>")
    made = generate(component({"web.csproj": text}), "chiselled", catalog, Options()).text
    assert "COPY --from=node:24-trixie-slim /usr/local/bin/node /usr/local/bin/" in made
    assert "node" not in made[made.index("AS final") :]


def test_a_future_target_is_refused(component, catalog):
    found = fits(component({"web.csproj": project(target="net12.0")}), catalog)
    assert not any(fit.available for fit in found)


def test_a_change_of_the_code_does_not_restore_again(component, catalog):
    text = generate(component(PROJECTS["solution"]), "chiselled", catalog, Options()).text
    assert text.index("dotnet restore") < text.index("COPY . .") < text.index("--no-restore")
