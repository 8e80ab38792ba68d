""".NET projects: programs, what they need, and what a hostile project file cannot do."""

import json

import pytest

WEB = '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <PropertyGroup>\n    <TargetFramework>net10.0</TargetFramework>\n  </PropertyGroup>\n</Project>\n'
CONSOLE = '<Project Sdk="Microsoft.NET.Sdk">\n  <PropertyGroup>\n    <OutputType>Exe</OutputType>\n    <TargetFramework>net10.0</TargetFramework>\n    {more}\n  </PropertyGroup>\n  <ItemGroup>\n    {items}\n  </ItemGroup>\n</Project>\n'


def console(more="", items=""):
    return CONSOLE.format(more=more, items=items)


def only(project):
    assert [component.profile for component in project.components] == ["dotnet"], project
    return project.components[0]


def test_a_solution_gives_each_program_with_the_root_as_context(detect_files):
    project = detect_files(
        {
            "Shop.sln": "",
            "Directory.Build.props": "<Project><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>",
            "Directory.Packages.props": "<Project />",
            "nuget.config": "<configuration />",
            "src/Shop.Api/Shop.Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n<ItemGroup><ProjectReference Include="..\\Core\\Core.csproj" /></ItemGroup></Project>',
            "src/Shop.Api/Program.cs": 'var app = b.Build();\napp.MapHealthChecks("/healthz");\napp.Run();\n',
            "src/Worker/Worker.fsproj": '<Project Sdk="Microsoft.NET.Sdk.Worker" />',
            "src/Core/Core.csproj": '<Project Sdk="Microsoft.NET.Sdk" />',
            "tests/Api.Tests/Api.Tests.csproj": '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>',
            "src/Api.Specs/Api.Specs.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><PackageReference Include="xunit" Version="2" /></ItemGroup></Project>',
            "src/AppHost/AppHost.csproj": '<Project Sdk="Aspire.AppHost.Sdk/13.0.0"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>',
        }
    )
    api, worker = sorted(project.components, key=lambda one: one.name)
    assert (api.name, api.context, api.port, api.framework) == ("shop-api", ".", 8080, "ASP.NET Core")
    assert (worker.name, worker.context, worker.port, worker.framework) == ("worker", ".", None, "Worker")
    assert api.entrypoint == ("dotnet", "Shop.Api.dll")
    assert [fact.value for fact in api.all("restore_file")] == [
        "src/Shop.Api/Shop.Api.csproj", "src/Core/Core.csproj", "Directory.Build.props", "Directory.Packages.props", "nuget.config",
    ]  # fmt: skip
    assert str(api.fact("version").evidence) == "Directory.Build.props:1"
    assert (api.value("health_path"), str(api.fact("health_path").evidence)) == (
        "/healthz",
        "src/Shop.Api/Program.cs:2",
    )


@pytest.mark.parametrize(
    ("text", "facts", "entrypoint"),
    [
        (console("<PublishAot>true</PublishAot>"), {"aot"}, ("./tool",)),
        (
            console("<SelfContained>true</SelfContained><PublishSingleFile>true</PublishSingleFile>"),
            {"self_contained", "single_file"},
            ("./tool",),
        ),
        (console("<PublishTrimmed>true</PublishTrimmed>"), {"self_contained", "trimmed"}, ("./tool",)),
        (console("<AssemblyName>my.tool</AssemblyName>"), set(), ("dotnet", "my.tool.dll")),
        (
            console(items='<PackageReference Include="Microsoft.Data.SqlClient" Version="6" />'),
            {"cultures"},
            ("dotnet", "tool.dll"),
        ),
        (
            console(
                "<InvariantGlobalization>true</InvariantGlobalization>",
                '<FrameworkReference Include="Microsoft.AspNetCore.App" />',
            ),
            {"invariant"},
            ("dotnet", "tool.dll"),
        ),
    ],
    ids=["aot", "self-contained", "trimmed", "assembly", "sqlclient", "framework-reference"],
)
def test_how_it_is_published(detect_files, text, facts, entrypoint):
    found = only(detect_files({"tool.csproj": text, "Program.cs": ""}))
    assert found.entrypoint == entrypoint
    watched = {"aot", "self_contained", "single_file", "trimmed", "cultures", "invariant"}
    assert {fact.key for fact in found.facts} & watched == facts
    assert all(found.fact(key).evidence.line for key in facts)


@pytest.mark.parametrize(
    ("files", "port", "place"),
    [
        (
            {"appsettings.json": json.dumps({"Kestrel": {"Endpoints": {"Http": {"Url": "http://*:5005"}}}})},
            5005,
            "appsettings.json",
        ),
        (
            {"appsettings.json": '{\n // a comment\n "Urls": "http://+:6000;https://+:6001",\n}'},
            6000,
            "appsettings.json",
        ),
        ({"Program.cs": "\nbuilder.WebHost.ConfigureKestrel(o => o.ListenAnyIP(7000));"}, 7000, "Program.cs"),
        ({"Program.cs": 'app.Run("http://0.0.0.0:7100");'}, 7100, "Program.cs"),
        (
            {
                "Properties/launchSettings.json": '{"profiles": {"http": {"applicationUrl": "http://localhost:5123"}}}'
            },
            8080,
            "web.csproj",
        ),
    ],
    ids=["kestrel", "urls", "listen", "run", "launch-settings-count-for-nothing"],
)
def test_the_port(detect_files, files, port, place):
    found = only(detect_files({"web.csproj": WEB, "Program.cs": "", **files}))
    assert found.port == port
    assert found.fact("port").evidence.path == place


def test_localhost_is_told(detect_files):
    found = only(detect_files({"web.csproj": WEB, "Program.cs": 'app.Run("http://localhost:5000");'}))
    assert "nobody outside the container" in found.problems[0].message


def test_the_newest_linux_target_is_taken(detect_files):
    text = console().replace(
        "<TargetFramework>net10.0</TargetFramework>",
        "<TargetFrameworks>net48;net8.0;net9.0;net10.0-windows</TargetFrameworks>",
    )
    found = only(detect_files({"tool.csproj": text}))
    assert (found.version, found.value("target_framework"), found.value("several_targets")) == (
        "9.0",
        "net9.0",
        True,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '<Project ToolsVersion="15.0"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>',
            "old .NET Framework",
        ),
        (console("<UseWPF>true</UseWPF>"), "UseWPF"),
        (console().replace("net10.0", "net10.0-windows"), "net10.0-windows"),
        ('<Project Sdk="Microsoft.NET.Sdk.BlazorWebAssembly" />', "Blazor WebAssembly"),
    ],
    ids=["framework", "wpf", "windows", "blazor"],
)
def test_what_no_linux_image_can_run_is_told(detect_files, text, said):
    project = detect_files({"tool.csproj": text})
    assert project.components == ()
    assert any(said in problem.message for problem in project.problems)


def test_a_reference_outside_is_told(detect_files):
    found = only(
        detect_files({"tool.csproj": console(items='<ProjectReference Include="..\\..\\Far\\Far.csproj" />')})
    )
    assert "open a folder further up" in found.problems[0].message
    assert found.problems[0].evidence.line == 8


def test_projects_that_refer_to_each_other_end(detect_files):
    files = {
        f"{name}/{name}.csproj": console(items=f'<ProjectReference Include="..\\{other}\\{other}.csproj" />')
        for name, other in (("a", "b"), ("b", "a"))
    }
    assert {component.context for component in detect_files(files).components} == {"."}


def test_a_pinned_sdk_is_a_fact(detect_files):
    found = only(
        detect_files({"web.csproj": WEB, "global.json": '{\n "sdk": {\n  "version": "10.0.100"\n }\n}'})
    )
    assert str(found.fact("sdk_pin").evidence) == "global.json:3"


def test_a_lone_file_is_a_program(detect_files):
    found = only(detect_files({"hello.cs": '#:sdk Microsoft.NET.Sdk.Web\nConsole.WriteLine("hi");\n'}))
    assert (found.entrypoint, found.port) == (("dotnet", "hello.dll"), 8080)


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY z "&x;&x;&x;&x;">]><Project Sdk="Microsoft.NET.Sdk">&z;</Project>'


@pytest.mark.parametrize(
    "text",
    [BOMB, "", "<", "<Project", "[]", "\x00\x01", "<Project>" * 200, '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>$(TargetFramework)</TargetFramework></PropertyGroup></Project>',
     '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net' + "9" * 4000 + ".0</TargetFramework></PropertyGroup></Project>",
     "<Project Sdk='Microsoft.NET.Sdk.Web'>" + "<ItemGroup><PackageReference Include='a' /></ItemGroup>" * 40_000 + "</Project>"],
    ids=["bomb", "empty", "open", "cut", "json", "nul", "deep", "self", "digits", "huge"],
)  # fmt: skip
def test_hostile_projects_raise_nothing(detect_files, text):
    project = detect_files(
        {
            "a/evil.csproj": text,
            "a/Directory.Build.props": text,
            "a/global.json": text,
            "a/appsettings.json": text,
            "web.csproj": WEB,
        }
    )
    assert any(component.path == "." for component in project.components)
