"""Node.js: install and build in the official image, ship the program with its production packages alone.

Stages: `tools` (a package manager or compilers, where the image lacks them), `dependencies` and `build` (where there is
a build), `production` (the packages that ship), `final`. The stages before `final` are the same for every family of one
C library, so that rivals share their cache.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from slimdesk.basics.escaping import json_word, shell_word, without_controls
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import (
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
from slimdesk.project.languages.node_versions import parse_range
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes import node_fit
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.node_fit import PLAIN, inside
from slimdesk.recipes.node_install import Installer

APP = "/app"
# Every address of the container, which has a network of its own.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_TESTS = (
    "**/*.test.js", "**/*.test.mjs", "**/*.test.cjs", "**/*.test.ts", "**/*.spec.js", "**/*.spec.ts", "**/__tests__", "test",
    "tests", "e2e", ".github", ".editorconfig", ".eslintrc*", "eslint.config.*", ".prettierrc*",
)  # fmt: skip


class NodeRecipe:
    """The recipe of the language profile `node`."""

    profile = "node"

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return node_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        if fit.base is None or fit.builder is None:
            raise ValueError(f"{fit.family} is not available")
        return _Writer(component, fit.base, fit.builder, options).plan()

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        choice = node_fit.choose_version(component, "full", catalog)
        base = catalog.find("full", node_fit.WORD, choice.version if choice is not None else None)
        if base is None:
            raise ValueError("the catalogue has no Node.js image")
        return base, _Writer(component, base, base, options).baseline()


RECIPE = NodeRecipe()


class _Writer:
    """Writes the stages of one component for one family."""

    def __init__(self, component: Component, base: BaseImage, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.base = base
        self.builder = builder
        self.options = options
        self.installer = Installer(component)
        self.folder = inside(component)
        # The component's own folder in every stage.
        self.home = f"{APP}/{self.folder}" if self.folder else APP
        self.layout = str(component.value("layout", ""))
        self.outputs = [str(fact.value) for fact in component.all("output")]

    def plan(self) -> Plan:
        """Write all stages."""
        stages = []
        tools = self._tools()
        if tools is not None:
            stages.append(tools)
        if self._has_build or self._has_source:
            stages += self._build_stages()
        if self._has_production and not self._keeps_build_modules:
            stages.append(self._production_stage())
        stages.append(self._final())
        return Plan(tuple(stages), self._ignored(), tuple(self._findings()))

    # What there is to do

    @property
    def _has_build(self) -> bool:
        return bool(self._build_words()) or self.component.fact("prisma_schema") is not None

    @property
    def _has_source(self) -> bool:
        """Whether the sources pass through a stage of their own: a .npmrc must not reach the image."""
        return self.component.fact("npmrc") is not None or self.component.fact("manager_folder") is not None

    @property
    def _has_production(self) -> bool:
        if self.layout in ("next-standalone", "nuxt"):
            return False
        if self.component.package_manager is None:
            return False
        return (
            bool(self.component.value("dependencies", 0)) or self._runs_typescript or self.installer.workspace
        )

    @property
    def _runs_typescript(self) -> bool:
        """Whether the program is TypeScript that a development tool runs as it stands."""
        return self.component.fact("typescript_runner") is not None

    @property
    def _keeps_build_modules(self) -> bool:
        """Whether the packages of the build ship as they are.

        pnpm and yarn's own layouts keep Prisma's generated client where no fixed path leads.
        """
        generated = (
            self.component.fact("prisma_schema") is not None and self.component.fact("prisma_output") is None
        )
        return generated and (self.installer.name == "pnpm" or self.installer.is_berry)

    @property
    def _compiled(self) -> bool:
        """Whether the build's own output is enough to run: it holds the entry point, and what it is called is known."""
        words = self.component.entrypoint or ()
        file = next((word for word in words[1:] if not word.startswith("-")), "")
        if self.component.fact("prisma_output") is not None or "." in self.outputs:
            return False
        if not all(PLAIN.fullmatch(one) for one in self.outputs):
            return False
        if self.layout == "next":
            return True
        return any(file == one or file.startswith(f"{one}/") for one in self.outputs)

    def _build_words(self) -> list[str]:
        text = self.component.value("build")
        if not isinstance(text, str):
            return []
        try:
            return shlex.split(without_controls(text))
        except ValueError:
            return [text]

    # Stages

    def _tools(self) -> Stage | None:
        body = []
        if self.builder.libc == "musl" and self.component.fact("native_compiled") is not None:
            native = self.component.fact("native_compiled")
            # Without versions (hadolint DL3018): Alpine keeps no older ones, so a pin breaks the build soon.
            body.append(
                run(
                    f"{_value(native)} is compiled while it is installed, which needs a compiler and Python.",
                    "apk add --no-cache python3 make g++",
                    evidence=_place(native),
                )
            )
        if self.installer.has_lock or self.component.package_manager is not None:
            setup = self.installer.setup(self.builder)
            if setup is not None:
                body.append(run(setup[1], setup[0], evidence=_place(self.component.fact("package_manager"))))
        if self.installer.is_berry:
            body.append(
                env(
                    "Lays packages out in node_modules, which node finds without yarn's own loader.",
                    _place(self.component.fact("yarn_linker")),
                    YARN_NODE_LINKER="node-modules",
                )
            )
        if not body:
            return None
        return stage("tools", self.builder.reference, self._builder_reason(), body)

    def _start(self, name: str, reason: str) -> tuple[str, str]:
        """Return the base of a stage that installs, and its reason."""
        del name
        if self._tools() is not None:
            return "tools", reason
        return self.builder.reference, f"{self._builder_reason()} {reason}"

    def _builder_reason(self) -> str:
        builder, base = self.builder, self.base
        same = f"Node.js {builder.version} and {builder.libc}, as in the final image, so that compiled packages fit."
        if builder.family == "full" and base.family != "full":
            native = next(
                (
                    self.component.fact(key)
                    for key in ("native_compiled", "git_dependency", "prisma")
                    if self.component.fact(key)
                ),
                None,
            )
            if native is not None:
                return f"{same} With compilers and Git, because of {_value(native)}."
        return same

    def _manifests(self) -> list[Instruction]:
        groups = self.installer.manifests()
        if groups is None:
            reason = "Everything at once: an install script, or a workspace of many members, needs more than the manifests."
            return [copy(reason, ".", "./", evidence=_place(self.component.fact("install_script")))]
        reasons = {
            "./": "Only what names the packages: they are installed again only when these files change.",
        }
        return [
            copy(reasons.get(folder, "The installation reads this too."), *files, folder)
            for files, folder in groups
        ]

    def _install(self, reason: str, *commands: str, evidence: Evidence | None = None) -> Instruction:
        mounts = self.installer.mounts if self.options.cache_mounts else ()
        return run(reason, *commands, mounts=mounts, evidence=evidence)

    def _build_stages(self) -> list[Stage]:
        stages = []
        needs_packages = (
            self._has_build and self.component.package_manager is not None and self._has_any_packages
        )
        if needs_packages:
            base, reason = self._start(
                "dependencies", "Here all packages are installed, those for the build too."
            )
            body = [
                workdir(APP, "One folder for everything that follows."),
                *self._manifests(),
                self._install(
                    self._lock_reason(),
                    *self.installer.script_deletion(production=False),
                    self.installer.all(),
                    evidence=_place(self.component.fact("lockfile")),
                ),
            ]
            stages.append(stage("dependencies", base, reason, body))
        body = [] if needs_packages else [workdir(APP, "One folder for everything that follows.")]
        body.append(
            copy("The sources, after the packages: a change of code installs nothing again.", ".", "./")
        )
        body += self._build_commands()
        body += self._cleanup()
        base, reason = (
            ("dependencies", "Builds on top of the packages.")
            if needs_packages
            else self._start("build", "Only the sources pass through here.")
        )
        stages.append(stage("build", base, reason, body))
        return stages

    @property
    def _has_any_packages(self) -> bool:
        counts = ("dependencies", "development_dependencies")
        return any(self.component.value(key, 0) for key in counts) or self.installer.workspace

    def _build_commands(self) -> list[Instruction]:
        found: list[Instruction] = []
        here = APP
        for fact in self.component.all("workspace_build"):
            path = str(fact.value)
            folder = (
                path if self.component.context == "." else path.removeprefix(f"{self.component.context}/")
            )
            if PLAIN.fullmatch(folder):
                here = f"{APP}/{folder}"
                found.append(workdir(here, "A member of the workspace that the program uses is built first."))
                found.append(
                    run("Its own build script.", f"{self.installer.name} run build", evidence=_place(fact))
                )
        if self.home != here:
            found.append(workdir(self.home, "The component's own folder."))
        schema = self.component.fact("prisma_schema")
        if schema is not None:
            found.append(
                run("Writes Prisma's client for this schema.", "npx prisma generate", evidence=_place(schema))
            )
        words = self._build_words()
        if words:
            commands = [" ".join(shell_word(word) for word in words)]
            if self.layout.startswith("next"):
                commands.append("rm -rf .next/cache")
            if self.layout == "next-standalone":
                commands += [
                    f"mv {self._standalone_output()}/.next {APP}-next",
                    f"mv .next/static {APP}-next/static",
                ]
            found.append(run(self._build_reason(), *commands, evidence=_place(self.component.fact("build"))))
        return found

    def _build_reason(self) -> str:
        if self.layout == "next-standalone":
            return "Builds the pages; what Next.js may write to is set apart from the code."
        return "The project's own build."

    def _standalone_output(self) -> str:
        return f".next/standalone/{self.folder}" if self.folder else ".next/standalone"

    def _cleanup(self) -> list[Instruction]:
        """Take out what must not ship where a whole folder is copied from the build."""
        paths = []
        if not self._compiled and self.layout == "" and not self._keeps_build_modules:
            paths.append(f"{self.home}/node_modules")
        paths += [f"{APP}/{folder}/node_modules" for folder in self._needed_members()]
        if self.component.fact("npmrc") is not None:
            paths.append(f"{APP}/.npmrc")
        if not self._compiled and self.component.fact("manager_folder") is not None:
            paths.append(f"{APP}/.yarn")
        if not paths:
            return []
        return [
            run(
                "What is for the build alone does not go on from here.",
                f"rm -rf {' '.join(dict.fromkeys(paths))}",
            )
        ]

    def _needed_members(self) -> list[str]:
        folders = []
        for fact in self.component.all("workspace_dependency"):
            path = str(fact.value)
            folder = (
                path if self.component.context == "." else path.removeprefix(f"{self.component.context}/")
            )
            if PLAIN.fullmatch(folder):
                folders.append(folder)
        return folders

    def _production_stage(self) -> Stage:
        base, reason = self._start(
            "production", "Here only the packages that the program needs at run time are installed."
        )
        command = self.installer.all() if self._runs_typescript else self.installer.production()
        why = "Without the tools of development."
        if self._runs_typescript:
            why = f"With the tools of development: {self.component.value('typescript_runner')} runs the program's TypeScript."
        commands = [*self.installer.script_deletion(production=not self._runs_typescript), command]
        if self.installer.workspace:
            left = [str(fact.value) for fact in self.component.all("lockfile")] + [".npmrc"]
            commands.append(f"rm -f {' '.join(shell_word(one.rpartition('/')[2]) for one in left)}")
        body = [
            workdir(APP, "The same path as in the final image: links between packages stay true."),
            *self._manifests(),
            self._install(
                f"{self._lock_reason()} {why}", *commands, evidence=_place(self.component.fact("lockfile"))
            ),
        ]
        return stage("production", base, reason, body)

    def _lock_reason(self) -> str:
        if self.installer.has_lock:
            return "Exactly the versions of the lock file."
        return "There is no lock file, so the newest versions that package.json allows: each build may get others."

    # The image that ships

    def _final(self) -> Stage:
        body = [
            *self._system_libraries(),
            env(
                "Express, React and others are faster and say less about errors with this.",
                NODE_ENV="production",
            ),
            *self._environment(),
            *self._payload(),
            workdir(
                self._run_folder(),
                "Relative paths of the program start here. The folder belongs to root, so the code stays as it is.",
            ),
            user(
                self.base.run_user,
                self.base.run_group,
                "Not root; a number, so that Kubernetes can check it.",
            ),
            *self._exposed(),
            *self._healthcheck(),
            self._entrypoint(),
        ]
        return stage("final", self.base.reference, f"What ships: {self.base.family}.", body)

    def _run_folder(self) -> str:
        return APP if self.layout == "next-standalone" else self.home

    def _system_libraries(self) -> list[Instruction]:
        prisma = self.component.fact("prisma")
        if prisma is None or self.base.family not in ("slim", "alpine"):
            return []
        # Without versions (hadolint DL3008, DL3018): the distributions keep only their newest.
        command = (
            ("apk add --no-cache openssl",)
            if self.base.family == "alpine"
            else (
                "apt-get update",
                "apt-get install --yes --no-install-recommends openssl",
                "rm -rf /var/lib/apt/lists/*",
            )
        )
        return [
            run(
                "Prisma's engine loads OpenSSL's library, which this image lacks.",
                *command,
                evidence=_place(prisma),
            )
        ]

    def _environment(self) -> list[Instruction]:
        found = []
        port = self.component.fact("port_env")
        if port is not None and self.component.port is not None and _NAME.fullmatch(str(port.value)):
            found.append(
                env(
                    "The program takes its port from here.",
                    port.evidence,
                    **{str(port.value): str(self.component.port)},
                )
            )
        host = self.component.fact("host_env")
        if host is not None and _NAME.fullmatch(str(host.value)):
            found.append(
                env(
                    "Listens on every address; on localhost nobody outside could reach it.",
                    host.evidence,
                    **{str(host.value): ANY_ADDRESS},
                )
            )
        for fact in self.component.all("start_env"):
            name, _, value = str(fact.value).partition("=")
            # The constructor's own parameters are not names that people give to variables.
            if _NAME.fullmatch(name) and name not in ("reason", "evidence", *_names(port, host)):
                found.append(env("The start script sets it.", fact.evidence, **{name: value}))
        return found

    def _payload(self) -> list[Instruction]:
        if self.layout == "next-standalone":
            return self._standalone_payload()
        if self.layout == "nuxt" and self._compiled:
            return [
                copy(
                    "Nuxt's output holds the packages that it needs.",
                    f"{self.home}/.output",
                    f"{self.home}/.output",
                    from_="build",
                )
            ]
        found = []
        if self.installer.workspace and self._has_production and not self._keeps_build_modules:
            found.append(
                copy(
                    "The workspace's packages, production only, with the links between its members.",
                    APP,
                    APP,
                    from_="production",
                )
            )
        elif self._has_production:
            source = "build" if self._keeps_build_modules else "production"
            why = (
                "The packages, production only."
                if source == "production"
                else "The packages of the build: Prisma's generated client lies among them, where only they lead."
            )
            found.append(copy(why, f"{APP}/node_modules", f"{APP}/node_modules", from_=source))
        found += self._prisma_client()
        found += [
            copy(
                "A member of the workspace that the program uses.",
                f"{APP}/{folder}",
                f"{APP}/{folder}",
                from_="build" if self._has_build or self._has_source else None,
            )
            for folder in self._needed_members()
            if self._has_build or self._has_source
        ]
        if not (self._has_build or self._has_source):
            found += [
                copy("A member of the workspace that the program uses.", folder, f"{APP}/{folder}")
                for folder in self._needed_members()
            ]
            found.append(
                copy(
                    "The program. It stays root's: what runs cannot change it.",
                    self.folder or ".",
                    f"{self.home}/",
                )
            )
        elif self._compiled:
            found += self._compiled_payload()
        else:
            found.append(
                copy(
                    "The program with what its build made. It stays root's: what runs cannot change it.",
                    f"{self.home}/",
                    f"{self.home}/",
                    from_="build",
                )
            )
        return found

    def _prisma_client(self) -> list[Instruction]:
        schema = self.component.fact("prisma_schema")
        if schema is None or self._keeps_build_modules or self.component.fact("prisma_output") is not None:
            return []
        path = f"{APP}/node_modules/.prisma"
        return [
            copy(
                "Prisma's client, written for this schema.",
                path,
                path,
                from_="build",
                evidence=schema.evidence,
            )
        ]

    def _compiled_payload(self) -> list[Instruction]:
        package = f"{self.home}/package.json"
        found = [
            copy(
                "Says whether .js files are modules, and more that packages look for.",
                package,
                package,
                from_="build",
            )
        ]
        writable = f"{self.base.run_user}:{self.base.run_group}" if self.layout == "next" else None
        for output in self.outputs:
            why = (
                "What the build made."
                if writable is None
                else "What the build made; Next.js keeps its cache in there."
            )
            path = f"{self.home}/{output}"
            found.append(
                copy(
                    why,
                    path,
                    path,
                    from_="build",
                    chown=writable,
                    evidence=_place(self.component.fact("build")),
                )
            )
        for fact in self.component.all("asset"):
            if PLAIN.fullmatch(str(fact.value)):
                path = f"{self.home}/{fact.value}"
                found.append(
                    copy(
                        "No compiler copies it, and the program may read it.",
                        path,
                        path,
                        from_="build",
                        evidence=fact.evidence,
                    )
                )
        return found

    def _standalone_payload(self) -> list[Instruction]:
        owner = f"{self.base.run_user}:{self.base.run_group}"
        layout = self.component.fact("layout")
        found = [
            copy(
                "Next.js' own server with just the packages that it needs.",
                f"{self.home}/.next/standalone/",
                f"{APP}/",
                from_="build",
                evidence=_place(layout),
            ),
            copy(
                "Pages and files; Next.js keeps its cache in there.",
                f"{APP}-next",
                f"{self.home}/.next",
                from_="build",
                chown=owner,
            ),
        ]
        if any(fact.value == "public" for fact in self.component.all("asset")):
            found.append(
                copy(
                    "Files that are served as they are.",
                    f"{self.home}/public",
                    f"{self.home}/public",
                    from_="build",
                )
            )
        return found

    def _exposed(self) -> list[Instruction]:
        if self.component.port is None:
            return []
        return [
            expose(
                self.component.port,
                "The port that the program listens on.",
                _place(self.component.fact("port")),
            )
        ]

    def _healthcheck(self) -> list[Instruction]:
        if not self.options.healthcheck or self.component.port is None:
            return []
        path = str(self.component.value("health_path", "/"))
        address = json_word(
            f"http://127.0.0.1:{self.component.port}{path if path.startswith('/') else '/' + path}"
        )
        # Without a path for health any answer but a server error is a sign of life.
        good = "answer.ok" if self.component.fact("health_path") else "answer.status<500"
        script = f"fetch({address}).then(answer=>process.exit({good}?0:1),()=>process.exit(1))"
        return [
            healthcheck(
                (self._node, "-e", script),
                "Asks the program itself, with node: there may be no shell and no curl.",
            )
        ]

    @property
    def _node(self) -> str:
        return self.base.interpreter or "node"

    def _words(self) -> tuple[str, ...]:
        words = self.component.entrypoint
        if words is None:
            return ("npm", "start")
        if words[0] not in ("node", "nodejs"):
            return words
        rest = words[1:]
        if self.layout == "next-standalone" and self.folder:
            rest = tuple(f"{self.folder}/{word}" if word == "server.js" else word for word in rest)
        elif (
            self.folder
            and rest
            and rest[0].startswith("node_modules/")
            and self.installer.name in ("npm", "yarn", "bun")
        ):
            # Workspaces keep shared packages at their root.
            rest = (f"{APP}/{rest[0]}", *rest[1:])
        return (self._node, *rest)

    def _entrypoint(self) -> Instruction:
        fact = self.component.fact("entrypoint") or self.component.fact("start")
        reason = "Starts the program without a shell or npm in between, so that it gets the signals itself."
        if self.component.entrypoint is None:
            reason = "Only an npm script says how the program starts; npm stands between it and its signals."
        elif self.component.fact("handles_sigterm") is None:
            reason += " It is process 1, where Node.js ignores SIGTERM unless the code handles it: start with --init."
        return entrypoint(self._words(), reason, _place(fact))

    def _ignored(self) -> tuple[str, ...]:
        prefix = f"{self.folder}/" if self.folder else ""
        patterns = []
        if self._has_build:
            # Left over from builds on this machine.
            patterns += [f"{prefix}{one}" for one in self.outputs if one != "." and PLAIN.fullmatch(one)]
        elif not self.installer.workspace:
            entry = next(
                (word for word in (self.component.entrypoint or ())[1:] if not word.startswith("-")), ""
            )
            patterns += [one for one in _TESTS if not entry.startswith(f"{one}/")]
        if self.component.fact("manager_folder") is not None:
            patterns += ["**/.yarn/install-state.gz", "**/.yarn/unplugged", "**/.yarn/build-state.yml"]
        return tuple(patterns)

    def _findings(self) -> Iterable[Finding]:
        component = self.component
        lock = component.fact("lockfile")
        if lock is None and component.value("dependencies", 0):
            yield _finding(
                "no-lock-file", "warning", "There is no lock file, so each build may install other versions of the packages",
                component.fact("dependencies"), "Commit the lock file that the package manager writes",
            )  # fmt: skip
        if component.fact("handles_sigterm") is None and component.port is not None:
            yield _finding(
                "signals", "info", "The code does not handle SIGTERM: as process 1, Node.js ignores it, and stopping takes ten seconds",
                component.fact("entrypoint"), "Handle SIGTERM, or start the container with --init",
            )  # fmt: skip
        if component.fact("writes_files") is not None and self.layout == "":
            yield _finding(
                "read-only-code", "info", f"The code writes files; {self.home} belongs to root, and the program runs as {self.base.run_user}",
                component.fact("writes_files"), "Write to /tmp or to a volume",
            )  # fmt: skip
        browser = next(
            (one for one in component.all("browser") if not str(one.value).endswith("-core")), None
        )
        if browser is not None:
            yield _finding(
                "browser-libraries", "warning", f"{_value(browser)} needs a browser and its libraries, which this Dockerfile does not install",
                browser, "Use a browser in a container of its own, or add the libraries",
            )  # fmt: skip
        wanted = parse_range(component.version)
        if wanted is not None and self.base.version and not wanted.touches(int(self.base.version)):
            yield _finding(
                "ended-version", "warning", f"The project asks for Node.js {component.version}, which no supported image has; this is {self.base.version}",
                component.fact("version"), "Test the program with it, and say so in package.json's engines",
            )  # fmt: skip

    # The reference

    def baseline(self) -> Plan:
        """Write the single stage."""
        component = self.component
        body: list[Instruction] = [workdir(APP, "Everything happens in one folder.")]
        setup = self.installer.setup(self.builder) if component.package_manager is not None else None
        if setup is not None:
            body.append(run(setup[1], setup[0]))
        if self.installer.is_berry:
            body.append(env("Lays packages out in node_modules.", YARN_NODE_LINKER="node-modules"))
        body.append(copy("The whole project, so every change installs everything again.", ".", "./"))
        if self._has_any_packages:
            command = "npm install" if self.installer.name == "npm" else self.installer.all()
            body.append(run("All packages, those of development too; they stay in the image.", command))
        body += [
            one
            for one in self._build_commands()
            if one.keyword != "WORKDIR" or self.folder or component.fact("workspace_build")
        ]
        body += self._environment()
        body += self._exposed()
        body.append(
            entrypoint(
                self._baseline_words(), "Starts the program, as root.", _place(component.fact("entrypoint"))
            )
        )
        return Plan(
            (stage("final", self.base.reference, "The full official image, for everything.", body),),
            self._ignored(),
        )

    def _baseline_words(self) -> tuple[str, ...]:
        words = self._words()
        if self.layout == "next-standalone":
            return (
                self._node,
                f"{self.home}/.next/standalone/{self.folder + '/' if self.folder else ''}server.js",
            )
        return words


def _names(*facts: Fact | None) -> tuple[str, ...]:
    return tuple(str(fact.value) for fact in facts if fact is not None)


def _place(fact: Fact | None) -> Evidence | None:
    return None if fact is None else fact.evidence


def _value(fact: Fact | None) -> str:
    return "" if fact is None else without_controls(str(fact.value))[:80]


def _finding(rule: str, severity: str, message: str, fact: Fact | None, fix: str) -> Finding:
    place = _place(fact)
    return Finding(
        rule,
        "warning" if severity == "warning" else "info",
        message,
        place.path if place else None,
        place.line if place else None,
        None,
        fix,
    )
