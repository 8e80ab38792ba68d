""".NET: restored and published in the SDK's image; what ships is the published folder on the smallest image that runs it.

After the samples of dotnet/dotnet-docker (2025-09 to 2026-05): restore from project files alone, publish without restoring
again, user 1654 (APP_UID), port 8080. A self-contained or Native AOT program needs no .NET in the image.
"""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import (
    arg,
    copy,
    entrypoint,
    env,
    expose,
    healthcheck,
    run,
    stage,
    user,
    workdir,
)
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence
from slimdesk.project.walk import folder_of
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.health import health_address
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.scripting import NODE_IMAGE, inside, install_packages, why_exec_form

IGNORE = ("**/bin", "**/obj", "**/*.user", "**/.vs", "**/TestResults", "**/appsettings.Development.json")
RANKS: dict[Family, int] = {
    "chiselled": 0,
    "alpine": 2,
    "distroless": 3,
    "chainguard": 4,
    "hardened": 5,
    "full": 6,
}
NUGET = "type=cache,target=/root/.nuget/packages"
_TARGET = re.compile(r"net(?:coreapp)?\d{1,2}\.\d{1,2}")
_MAX_COPIES = 60


class Dotnet:
    """The recipe of the profile dotnet."""

    profile = "dotnet"
    manifests: tuple[str, ...] = (
        "Directory.Build.props",
        "Directory.Packages.props",
        "nuget.config",
        "appsettings.json",
    )
    left_by_tools: tuple[str, ...] = ("**/*.binlog",)

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether the family can run the program, and what speaks for or against it."""
        if component.entrypoint is None:
            return unavailable(
                family, "No TargetFramework was found that runs on Linux; state it in the project file first."
            )
        native = _native(component)
        if family == "slim":
            return unavailable(
                family,
                "Microsoft publishes no .NET on slim Debian: full is Ubuntu with .NET and no compilers, chiselled is the same without shell and package manager.",
            )
        if family == "scratch":
            return unavailable(
                family,
                "A .NET program, even with Native AOT, loads a C library; scratch has none. chiselled is the smallest that has one.",
            )
        if family == "distroless" and not native:
            return unavailable(
                family,
                "Google publishes no distroless .NET, and this program needs .NET in the image. Published self-contained or with Native AOT it would fit; chiselled is Microsoft's own equivalent.",
            )
        if family in ("chainguard", "hardened") and native:
            return unavailable(
                family,
                "This program brings its own .NET; the family's .NET images would only add a second one. chiselled has an image for just that.",
            )
        newest = catalog.versions("full", "dotnet")
        version, why = _version(component, newest, catalog)
        if version is None:
            return unavailable(
                family,
                f"The project asks for .NET {component.version} ({component.evidence('version')}), and the catalogue has {', '.join(newest)}.",
            )
        base = _base(component, family, version, catalog)
        builder = _builder(component, family, version, catalog)
        if base is None or builder is None:
            return unavailable(family, f"The catalogue has no {family} image for .NET {version}.")
        if family == "distroless" and (cultures := _cultures(component)):
            return unavailable(
                family,
                f"The program works with cultures ({cultures}), which need ICU's data; distroless has none. chiselled has a form with them.",
            )
        rank = RANKS[family]
        reason = f"{why} {_praise(component, family)}"
        if (shell := component.fact("shell")) and not base.shell:
            reason += f" The code starts other programs ({shell.evidence}): none are in this image."
            rank += 1
        if family == "alpine" and (tool := component.fact("native")):
            reason += f" {tool.value} is made for glibc, and Alpine has musl ({tool.evidence})."
            rank += 6
        return Fit(family, available=True, reason=reason.strip(), base=base, builder=builder, rank=rank)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write restore, publish and the final stage."""
        base, builder = chosen(component, fit)
        build = _build_stage(component, builder, options)
        findings = _findings(component, base, builder, options)
        ignore = IGNORE if _takes_sdk(component, builder) else (*IGNORE, "**/global.json")
        return Plan((build, _final_stage(component, base, options)), ignore, findings)

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write what tutorials show: the SDK's image with everything in it, run as root."""
        del options
        base = known(catalog.find("full", "dotnet", role="builder"), ".NET")
        name = str(component.value("assembly", "app"))
        ignore = IGNORE if _takes_sdk(component, base) else (*IGNORE, "**/global.json")
        body = [
            workdir("/src", "Where the sources lie"),
            copy("The whole project", ".", "."),
            run(
                "Builds it",
                f"dotnet publish {_project(component)} -c Release -o /app{_framework(component)} -p:UseAppHost=false -p:PublishAot=false -p:SelfContained=false -p:PublishTrimmed=false -p:PublishSingleFile=false",
            ),
            env("An older program runs on the newer .NET", DOTNET_ROLL_FORWARD="Major"),
        ]
        if component.port:
            body.append(env("Every address, one port", ASPNETCORE_HTTP_PORTS=str(component.port)))
            body.append(expose(component.port, "The port it listens on", component.evidence("port")))
        body.append(entrypoint(("dotnet", f"/app/{name}.dll"), "Starts it, as root"))
        return base, Plan(
            (stage("final", base.reference, "The SDK: compilers, sources and all", body),), ignore
        )


RECIPE = Dotnet()


def _native(component: Component) -> bool:
    """Whether the published program needs no .NET in the image."""
    return component.fact("aot") is not None or component.fact("self_contained") is not None


def _takes_sdk(component: Component, builder: BaseImage) -> bool:
    """Whether global.json accepts the image's SDK, whose feature band is not known (learn.microsoft.com: "global.json overview")."""
    if component.fact("sdk_pin") is None:
        return True
    stated = str(component.value("sdk_version", "")).split(".")
    offered = (builder.version or "").split(".")
    rolls = str(component.value("sdk_roll_forward", "")).lower()
    if not stated[0].isdecimal() or not offered[0].isdecimal() or int(stated[0]) > int(offered[0]):
        return False
    same = stated[:2] == offered[:2]
    return rolls in ("major", "latestmajor") or (
        same and rolls in ("minor", "feature", "latestminor", "latestfeature")
    )


def _cultures(component: Component) -> Evidence | None:
    return component.evidence("cultures")


def _version(component: Component, offered: tuple[str, ...], catalog: Catalog) -> tuple[str | None, str]:
    """Return the .NET to build and run with, and a sentence: an older target runs on the newest (roll-forward)."""
    stated = component.version or ""
    if stated in offered:
        return stated, f".NET {stated} as {component.evidence('version') or 'the project'} asks."
    numbers = tuple(int(part) for part in re.findall(r"\d+", stated))
    older = [version for version in offered if tuple(int(part) for part in version.split(".")) > numbers]
    if not numbers or not older:
        return None, ""
    ended = catalog.ended("dotnet", stated)
    when = f" on {ended.isoformat()}" if ended else ""
    place = component.evidence("version")
    if _native(component):
        return (
            older[0],
            f"{place} asks for .NET {stated}, which got its last update{when} and is put into the image: raise it to net{older[0]}.",
        )
    return (
        older[0],
        f"{place} asks for .NET {stated}, which got its last update{when}: .NET {older[0]} runs it. Raise it to net{older[0]}.",
    )


def _base(component: Component, family: Family, version: str, catalog: Catalog) -> BaseImage | None:
    if family == "distroless":
        # A self-contained .NET loads libstdc++; a Native AOT program only the C library.
        return catalog.find("distroless", "glibc" if component.fact("aot") else "cxx")
    web = component.framework == "ASP.NET Core"
    word = "dotnet-deps" if _native(component) else "aspnet" if web else "dotnet-runtime"
    extra = family == "chiselled" and (component.fact("cultures") or component.fact("time_zones"))
    return catalog.find(family, f"{word}-extra" if extra else word, version)


def _builder(component: Component, family: Family, version: str, catalog: Catalog) -> BaseImage | None:
    word = "dotnet-aot" if component.fact("aot") else "dotnet"
    # Only what is compiled for the machine must be built against the C library that it will find.
    own: Family = "alpine" if family == "alpine" and _native(component) else "full"
    return catalog.find(own, word, version, role="builder")


def _build_stage(component: Component, builder: BaseImage, options: Options) -> Stage:
    single = component.fact("single_source")
    body = [workdir("/src", "Keeps the sources out of the root folder."), *_node(component, builder)]
    machine = ""
    if _native(component):
        body.append(arg("TARGETARCH", "The processor that the image is for; BuildKit fills it in."))
        machine = ' -a "$TARGETARCH"'
    groups = _restore_groups(component, builder)
    mounts = (NUGET,) if options.cache_mounts else ()
    if groups and single is None:
        for number, (folder, names) in enumerate(groups.items()):
            reason = (
                "Only what names packages: they are fetched again only when one of these changes."
                if number == 0
                else "A project that it is made of, or settings of all."
            )
            body.append(
                copy(
                    reason,
                    *names,
                    "./" if folder == "." else f"./{folder}/",
                    evidence=component.evidence("project") if number == 0 else None,
                )
            )
        locked = " --locked-mode" if component.fact("locked") else ""
        body.append(
            run(
                "Fetches the packages.",
                f"dotnet restore {_project(component)}{machine}{locked}",
                mounts=mounts,
                evidence=component.evidence("project"),
            )
        )
    body.append(copy("The sources, after the packages.", ".", "."))
    words = [f"dotnet publish {_project(component)} -c Release -o /app{_framework(component)}{machine}"]
    reason = "Compiles it."
    if groups and single is None:
        words[0] += " --no-restore"
    if not _native(component):
        # IL runs on any processor and C library; the small native starter beside it would not.
        words[0] += " -p:UseAppHost=false"
        reason = "Compiles it, without a starter program of its own: dotnet starts it on any processor and C library."
        if single is not None:
            # Programs of one file are published with Native AOT unless they say otherwise.
            words[0] += " -p:PublishAot=false"
    elif component.fact("aot"):
        words.append("rm -f /app/*.dbg")
        reason = "Compiles it to one native program; the debugger's file does not ship."
    else:
        words[0] += " --self-contained"
        reason = "Compiles it, with the .NET that it runs on."
    body.append(
        run(
            reason,
            *words,
            mounts=mounts,
            evidence=component.evidence("aot") or component.evidence("self_contained"),
        )
    )
    title = f"The .NET {builder.version} SDK; nothing of it ships but what it makes."
    return stage("build", builder.reference, title, body, evidence=component.evidence("version"))


def _node(component: Component, builder: BaseImage) -> list[Instruction]:
    """Node.js beside the SDK, where the project file builds a front end when it is published."""
    fact = component.fact("node_build")
    if fact is None:
        return []
    if builder.package_manager == "apk":
        return [
            install_packages(
                "Node.js: publishing builds the front end with it.", "apk", ("nodejs", "npm"), fact.evidence
            )
        ]
    modules = "/usr/local/lib/node_modules"
    return [
        copy(
            "Node.js: publishing builds the front end with it.",
            "/usr/local/bin/node",
            "/usr/local/bin/",
            from_=NODE_IMAGE,
            evidence=fact.evidence,
        ),
        copy("npm and what it needs.", modules, modules, from_=NODE_IMAGE),
        run(
            "Lets npm and npx be called by name.",
            "ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
            "ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx",
        ),
    ]


def _restore_groups(component: Component, builder: BaseImage) -> dict[str, list[str]]:
    """Return the files that restoring reads, by folder; nothing where they are too many to name: then all is copied first."""
    paths = dict.fromkeys(inside(component, str(fact.value)) for fact in component.all("restore_file"))
    if (pin := component.fact("sdk_pin")) and _takes_sdk(component, builder):
        paths[inside(component, str(pin.value))] = None
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(folder_of(path), []).append(path)
    return groups if len(groups) <= _MAX_COPIES else {}


def _project(component: Component) -> str:
    return shell_word(_not_an_option(inside(component, str(component.value("project", ".")))))


def _not_an_option(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path


def _framework(component: Component) -> str:
    target = str(component.value("target_framework", ""))
    return f" -f {target}" if component.fact("several_targets") and _TARGET.fullmatch(target) else ""


def _final_stage(component: Component, base: BaseImage, options: Options) -> Stage:
    body: list[Instruction] = []
    needs_data = component.fact("cultures") or component.fact("time_zones")
    if base.family == "alpine" and needs_data:
        body.append(
            install_packages(
                "Cultures and time zones, which the program uses.",
                "apk",
                ("icu-data-full", "icu-libs", "tzdata"),
                needs_data.evidence,
            )
        )
        body.append(
            env(
                "The image turns cultures off; this turns them on again.",
                needs_data.evidence,
                DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="false",
            )
        )
    elif base.family == "distroless" and not component.fact("invariant"):
        body.append(
            env(
                "The image has no data of cultures; without this .NET refuses to start.",
                DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1",
            )
        )
    elif base.family == "chiselled" and needs_data:
        body.append(
            env(
                "The -extra image has cultures and time zones, and this uses them.",
                needs_data.evidence,
                DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="false",
            )
        )
    if component.version and base.version and component.version != base.version and not _native(component):
        body.append(
            env(
                f"The program was written for .NET {component.version} and runs on {base.version}.",
                component.evidence("version"),
                DOTNET_ROLL_FORWARD="Major",
            )
        )
    if component.port and not component.fact("fixed_port"):
        body.append(
            env(
                "The port, on every address; the code and its settings name none.",
                ASPNETCORE_HTTP_PORTS=str(component.port),
            )
        )
    body.append(workdir("/app", "Where the application lives; appsettings.json is looked for here."))
    body.append(
        copy(
            "What was published. It belongs to root: the application cannot change itself.",
            "/app",
            "/app",
            from_="build",
        )
    )
    body.append(
        user(base.run_user, base.run_group, "Numeric, so that Kubernetes can check that it is not root.")
    )
    if component.port:
        body.append(expose(component.port, "The port it listens on.", component.evidence("port")))
    if options.healthcheck and component.port and base.family == "alpine":
        url = health_address(component)
        body.append(healthcheck(("wget", "-q", "--spider", url), "busybox's wget asks."))
    reason = why_exec_form(base)
    body.append(entrypoint(final_words(component, base), reason, component.evidence("assembly")))
    why = (
        "What ships: what the program needs to run, and it."
        if base.shell
        else "No shell, no package manager; it runs as another user than root."
    )
    return stage("final", base.reference, why, body, evidence=component.evidence("version"))


def final_words(component: Component, base: BaseImage) -> tuple[str, ...]:
    """Return the entry point's words: the program itself, or dotnet with its assembly."""
    words = component.entrypoint or ("dotnet",)
    if words[0] == "dotnet":
        return (base.interpreter or "dotnet", *words[1:])
    if words[0].startswith("./"):
        return (f"/app/{words[0].removeprefix('./')}", *words[1:])
    return words


def _findings(
    component: Component, base: BaseImage, builder: BaseImage, options: Options
) -> tuple[Finding, ...]:
    found = []
    pin = component.fact("sdk_pin")
    if pin is not None and pin.evidence and not _takes_sdk(component, builder):
        found.append(
            Finding(
                "sdk-pin",
                "info",
                f"{pin.evidence.path} asks for SDK {component.value('sdk_version', '')} and no other; it is left out of the build, which takes the image's.",
                pin.evidence.path,
                pin.evidence.line,
                fix='Add "rollForward": "latestMajor" to it, and it is used',
            )
        )
    if options.healthcheck and component.port and base.family != "alpine":
        found.append(
            Finding(
                "no-healthcheck",
                "info",
                "The image holds no program that could ask over HTTP, so no HEALTHCHECK was written: let the orchestrator ask (httpGet).",
            )
        )
    return tuple(found)


def _praise(component: Component, family: Family) -> str:
    what = (
        "Native AOT: one program of machine code"
        if component.fact("aot")
        else "Self-contained: the program brings its own .NET"
        if _native(component)
        else ""
    )
    said = {
        "full": "Ubuntu with a shell and a package manager.",
        "alpine": "Small, with a shell, but its C library is musl: packages with native code must support it.",
        "chiselled": "Microsoft's own small image: Ubuntu cut down to what .NET needs, without a shell, as another user than root.",
        "distroless": "Google's image with little more than a C library; Microsoft does not test on it.",
        "chainguard": "No shell; free of charge only the newest .NET, which moves on without a version tag.",
        "hardened": "No shell, versioned and with an end of life; needs a free sign-in.",
    }.get(family, "")
    if family == "chiselled" and (component.fact("cultures") or component.fact("time_zones")):
        said += f" The -extra form, because of cultures or time zones ({component.evidence('cultures') or component.evidence('time_zones')})."
    return f"{what}. {said}" if what else said
