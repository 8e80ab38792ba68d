"""Python: packages go into /venv in a build stage; what ships is that folder, the code, and the interpreter's image.

The virtual environment is made with the very path that the interpreter has in the final image: an environment only
links to its interpreter, and one made for /usr/local/bin/python3 does not start in distroless, where it is /usr/bin.
"""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.health import health_address
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.python_django import collect, collected, collected_in_place, findings
from slimdesk.recipes.python_install import TOOLS, VENV, install, installs_project, needs_packages
from slimdesk.recipes.python_native import added_packages, compiler_packages, musl, unknown_on_alpine

IGNORE = (
    "**/__pycache__",
    "**/*.pyc",
    ".venv",
    "venv",
    "*.egg-info",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "tests",
)
RANKS: dict[Family, int] = {
    "distroless": 0,
    "slim": 1,
    "chainguard": 3,
    "hardened": 4,
    "alpine": 5,
    "full": 6,
}


class Python:
    """The recipe of the profile python."""

    profile = "python"
    manifests: tuple[str, ...] = ("pyproject.toml", "requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock")  # fmt: skip
    left_by_tools: tuple[str, ...] = ("**/*.egg-info", "**/.coverage", "**/htmlcov")

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether the family has a Python that the project accepts, and what speaks for or against it."""
        if family == "scratch":
            return unavailable(
                family,
                "Python needs an interpreter and a C library; scratch has neither. Distroless is the smallest that has both.",
            )
        if family == "chiselled":
            return unavailable(
                family, "Ubuntu publishes no chiselled Python image; distroless and slim cover it."
            )
        if component.entrypoint is None:
            return unavailable(family, "What starts the project was not found; state its entry point first.")
        offered = catalog.versions(family, "python")
        version, why = _version(component, offered, catalog)
        if version is None:
            return unavailable(family, _no_version(component, family, offered))
        base = catalog.find(family, "python", version)
        builder = _builder(component, family, version, catalog)
        if base is None or builder is None:
            return unavailable(family, f"The catalogue has no {family} image to build Python {version} with.")
        refused = _out_of_reach(component, family, base)
        if refused is not None:
            return unavailable(family, refused)
        rank = RANKS[family]
        reason = f"Python {version}{why}. {_praise(family, base)}"
        if (shell := component.fact("shell")) and not base.shell:
            rank += 10
            reason = f"Python {version}{why}, but the code starts a shell ({shell.evidence}) and this image has none: that part fails."
        elif family == "alpine":
            sentence, more = musl(component)
            if native := component.fact("native"):
                sentence, more = (
                    f"{native.value} is compiled against musl, which takes time and a compiler.",
                    5,
                )
            rank += more
            reason = f"{reason} {sentence}".strip()
        needs = tuple(
            f"A sign-in for {fact.value} ({fact.evidence}), unless everybody may read it: "
            "docker build --secret id=netrc,src=$HOME/.netrc; it reaches the build alone"
            for fact in component.all("private_index")
        )
        return Fit(family, available=True, reason=reason, base=base, builder=builder, rank=rank, needs=needs)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the build and the final stage; a script of the standard library alone needs no build stage."""
        base, builder = chosen(component, fit)
        version = component.fact("version_pin") or component.fact("version")
        evidence = version.evidence if version else None
        stages: list[Stage] = []
        if needs_packages(component):
            stages.append(_build_stage(component, base, builder, options, evidence))
        stages.append(_final_stage(component, base, options, evidence))
        return Plan(tuple(stages), IGNORE, findings(component, base), added_packages(component, base.family))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write what tutorials show: the full image, everything copied, everything installed, run as root."""
        offered = catalog.versions("full", "python")
        version, _ = _version(component, offered, catalog)
        base = known(catalog.find("full", "python", version) or catalog.find("full", "python"), "Python")
        del options
        body = [
            workdir("/app", "Where the application lives"),
            copy("The whole project", ".", "."),
            *_baseline_install(component),
            *(
                collected_in_place(component)
                if component.path == component.context
                else [workdir(f"/app/{component.folder}", "Where this part of the project lives")]
            ),
        ]
        body += _environment(component)
        body += (
            [expose(component.port, "The port it listens on", component.evidence("port"))]
            if component.port
            else []
        )
        argv = component.entrypoint or ("python",)
        body.append(entrypoint(argv, "Starts it, as root"))
        final = stage("final", base.reference, "The full image, with compilers and a whole Debian", body)
        return base, Plan((final,), IGNORE)


RECIPE = Python()


def _build_stage(
    component: Component, base: BaseImage, builder: BaseImage, options: Options, evidence: Evidence | None
) -> Stage:
    interpreter, body = _interpreter(base, builder), []
    if builder.user != 0:
        # Only this stage: what ships sets its own user (hadolint DL3002 looks at every stage).
        body.append(user(0, 0, "This build image starts without the right to write to /venv"))
    compiler = compiler_packages(component, builder)
    if compiler is not None:
        body.append(compiler)
    body.append(workdir("/app", "Keeps the sources out of the root folder"))
    command = [f"{interpreter} -m venv --without-pip {VENV}"]
    reason = "An environment of its own, without pip: only what the project needs ships"
    if interpreter.startswith("/usr/bin/") and (builder.interpreter or "").startswith("/usr/local/bin/"):
        command.insert(0, f"ln -sf /usr/local/bin/python3 {interpreter}")
        reason = f"The environment links to its interpreter: in the final image that is {interpreter}, so it must be here too"
    body.append(run(reason, *command))
    steps = install(component, options)
    body += steps
    body += collect(component, component.folder, copied=any(_copies_all(step) for step in steps))
    title = (
        f"Python {base.version} to install with; the same minor version as in the final image"
        if base.version
        else "Python to install with"
    )
    return stage("build", builder.reference, title, body, evidence=evidence)


def _final_stage(component: Component, base: BaseImage, options: Options, evidence: Evidence | None) -> Stage:
    body: list[Instruction] = []
    body.append(workdir("/app", "Where the application lives"))
    body.append(
        env(
            "Log lines appear at once; nothing is written beside the code",
            PYTHONUNBUFFERED="1",
            PYTHONDONTWRITEBYTECODE="1",
        )
    )
    with_venv = needs_packages(component)
    if with_venv:
        body.append(
            copy("The installed packages, at the same path: their scripts name it", VENV, VENV, from_="build")
        )
    if not (
        installs_project(component) and component.fact("entrypoint") and component.path == component.context
    ):
        source = "." if component.path == component.context else f"{component.folder}/"
        body.append(copy("The code, owned by root: the application cannot change itself", source, "."))
        body += collected(component, component.folder)
    body += _environment(component)
    body.append(
        user(base.run_user, base.run_group, "Numeric, so that Kubernetes can check that it is not root")
    )
    if component.port:
        body.append(expose(component.port, "The port it listens on", component.evidence("port")))
    argv = final_argv(component, base, with_venv=with_venv)
    if options.healthcheck and component.port:
        probe = f"import urllib.request as r; r.urlopen('{health_address(component)}', timeout=3)"
        body.append(
            healthcheck(
                (
                    argv[0]
                    if with_venv and argv[0].endswith("python")
                    else f"{VENV}/bin/python"
                    if with_venv
                    else argv[0],
                    "-c",
                    probe,
                ),
                "Python asks, because there is no curl here",
            )
        )
    why = (
        "Exec form, because there is no shell to split words"
        if not base.shell
        else "Exec form: signals reach the application"
    )
    start = next(
        (fact for key in ("asgi", "wsgi", "entrypoint", "module", "start") if (fact := component.fact(key))),
        Fact("", None),
    )
    body.append(entrypoint(argv, why, start.evidence))
    reason = (
        "No shell, no package manager; it runs as another user than root"
        if not base.shell
        else "What ships: the interpreter and what it needs"
    )
    return stage("final", base.reference, reason, body, evidence=evidence)


def _copies_all(step: Instruction) -> bool:
    return step.keyword == "COPY" and step.arguments[:1] == (".",) and not step.flags


def _environment(component: Component) -> list[Instruction]:
    """What the image sets, so that a program that binds an address of its own is reached."""
    values: dict[str, str] = {}
    for fact in component.all("start_env"):
        name, sign, value = str(fact.value).partition("=")
        if sign and re.fullmatch(r"[A-Z_][A-Z0-9_]{0,99}", name):
            values[name] = value
    if not values:
        return []
    return [
        env(
            "Where it listens: by itself it is reached from inside of its container alone",
            component.evidence("start_env"),
            **values,
        )
    ]


def final_argv(component: Component, base: BaseImage, *, with_venv: bool) -> tuple[str, ...]:
    """Return the entry point's words with full paths: `python` becomes the interpreter, a console script its file."""
    words = component.entrypoint or ("python",)
    if words[0] in ("python", "python3"):
        interpreter = base.interpreter or "/usr/local/bin/python3"
        return (f"{VENV}/bin/python" if with_venv else interpreter, *words[1:])
    if "/" in words[0] or not with_venv:
        return words
    return (f"{VENV}/bin/{words[0]}", *words[1:])


def _out_of_reach(component: Component, family: Family, base: BaseImage) -> str | None:
    """Return why the image cannot have what a package loads or starts; None if it can."""
    browser = component.fact("browser")
    if browser is not None and base.package_manager is None:
        return f"{browser.value} ({browser.evidence}) starts a browser, which this image cannot have."
    native = component.fact("runtime_package")
    strange = unknown_on_alpine(component) if family == "alpine" else None
    if native is None or (family != "chainguard" and strange is None):
        return None
    package = component.value("native") or component.value("loads") or "The package"
    library = strange or native.value
    advice = "psycopg2-binary brings its own copy" if package == "psycopg2" else "distroless and slim take it"
    return f"{package} needs {library}, a Debian package whose like in this image is not known; {advice}."


def _version(component: Component, offered: tuple[str, ...], catalog: Catalog) -> tuple[str | None, str]:
    """Return the version to take among those offered, and why: the pinned one, the default, else the newest that fits."""
    pin = component.value("version_pin")
    if isinstance(pin, str) and (match := re.match(r"\d+\.\d+", pin)):
        evidence = component.fact("version_pin")
        return (
            (match.group(), f" as {evidence.evidence if evidence else 'the project'} asks")
            if match.group() in offered
            else (None, "")
        )
    try:
        wanted = SpecifierSet(component.version or "")
    except InvalidSpecifier:
        wanted = SpecifierSet()
    limit = _limit(component)
    fitting = [
        version
        for version in offered
        if _accepts(wanted, version) and (limit is None or Version(version) < Version(str(limit.value)))
    ]
    default = catalog.default("python")
    evidence = component.fact("version")
    why = f" as {evidence.evidence} allows" if evidence and component.version else ""
    if limit is not None:
        why = f" because of {limit.evidence}"
    return (default if default in fitting else fitting[0] if fitting else None), why


def _limit(component: Component) -> Fact | None:
    """The lowest of the Pythons that a pinned package is too old for."""
    limit = min(component.all("needs_before"), key=lambda fact: Version(str(fact.value)), default=None)
    if limit is None:
        return None
    try:
        wanted = SpecifierSet(component.version or "")
    except InvalidSpecifier:
        return limit
    # A project that asks for a newer Python knows how to get its packages there.
    older = (f"3.{minor}" for minor in range(8, Version(str(limit.value)).minor))
    return limit if any(_accepts(wanted, version) for version in older) else None


def _accepts(wanted: SpecifierSet, version: str) -> bool:
    # Any patch release of the series will do: >=3.13.2 accepts 3.13, whose image holds the newest patch.
    return any(Version(f"{version}.{patch}") in wanted for patch in (99, 0))


def _no_version(component: Component, family: Family, offered: tuple[str, ...]) -> str:
    pin = component.fact("version_pin")
    wanted = (
        f"{pin.value} ({pin.evidence})" if pin else f"{component.version} ({component.evidence('version')})"
    )
    limit = _limit(component)
    if pin is None and limit is not None:
        wanted = f"one before {limit.value} ({limit.evidence})"
    if not offered:
        return f"The catalogue has no {family} image for Python."
    if len(offered) == 1:
        way = (
            " The way around is a Python of uv's own on a distroless image with only the C library; SlimDesk does not write that."
            if family == "distroless"
            else ""
        )
        return f"It has exactly one version, Python {offered[0]}; the project asks for {wanted}.{way}"
    return f"It has Python {', '.join(offered)}; the project asks for {wanted}. Older releases get no more security fixes."


def _builder(component: Component, family: Family, version: str, catalog: Catalog) -> BaseImage | None:
    """Return the image to install with: the same C library, the same release, and a compiler where one is likely needed."""
    own: Family = family if family in ("alpine", "chainguard", "hardened") else "slim"
    # The full image holds Debian's own Python beside its own: an environment made for distroless's path would find that.
    if own == "slim" and (family == "full" or (component.fact("native") and family != "distroless")):
        own = "full"
    return catalog.find(own, "python", version, role="builder") or catalog.find(
        "full", "python", version, role="builder"
    )


def _interpreter(base: BaseImage, builder: BaseImage) -> str:
    path = base.interpreter or builder.interpreter or "python3"
    # The final image's own path, where it is one: /usr/bin/python3.13 in distroless.
    return path if path.startswith("/") else builder.interpreter or "python3"


def _baseline_install(component: Component) -> list[Instruction]:
    manager = component.package_manager
    added = [str(fact.value) for fact in (*component.all("import"), *component.all("add_dependency"))]
    commands = []
    requirements = next((str(fact.value) for fact in component.all("requirements")), None)
    if manager in ("poetry", "pdm", "pipenv", "uv"):
        commands.append(f"pip install --no-cache-dir {manager}=={TOOLS[manager]}")
        commands += {
            "poetry": ["poetry config virtualenvs.create false", "poetry install --no-root"],
            "pdm": [
                "pdm export --without-hashes --output /tmp/requirements.txt",
                "pip install --no-cache-dir -r /tmp/requirements.txt",
            ],
            "pipenv": ["pipenv install --system --deploy"],
            "uv": [
                # A member of a workspace is installed with the members that it needs.
                f"uv export --no-hashes --no-editable --package {shell_word(component.name)} --output-file /tmp/requirements.txt"
                if component.path != component.context
                else "uv export --no-hashes --no-emit-project --output-file /tmp/requirements.txt",
                "pip install --no-cache-dir -r /tmp/requirements.txt",
            ],
        }[manager]
    elif requirements:
        name = requirements if component.path == "." else requirements.removeprefix(component.path + "/")
        commands.append(f"pip install --no-cache-dir -r {shell_word(name)}")
    elif manager == "pip":
        commands.append("pip install --no-cache-dir .")
    if (requirements or manager not in (None, "pip")) and installs_project(component):
        commands.append("pip install --no-cache-dir --no-deps .")
    if added:
        commands.append(f"pip install --no-cache-dir {' '.join(shell_word(name) for name in added)}")
    return [run("Installs everything the project lists", *commands)] if commands else []


def _praise(family: Family, base: BaseImage) -> str:
    return {
        "full": "It has compilers and hundreds of packages that the application never uses.",
        "slim": "A small Debian with a shell and apt: most things work here unchanged.",
        "alpine": "Small, with a shell, but its C library is musl: packages without musl wheels are compiled.",
        "distroless": "Debian's own Python without a shell or a package manager, as another user than root.",
        "chainguard": f"No shell; free of charge only the newest Python ({base.version}), which moves on without a version tag.",
        "hardened": "No shell, versioned and with an end of life; needs a free sign-in.",
    }.get(family, "")
