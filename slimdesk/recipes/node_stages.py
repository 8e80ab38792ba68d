"""The stages before the image that ships: tools, packages, the project's own build, the packages of production."""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word
from slimdesk.dockerfile.compose import copy, env, run, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Evidence
from slimdesk.recipes.node_fit import NEEDS_TOOLS, PLAIN
from slimdesk.recipes.node_shape import APP, OfShape, place_of, value_of


class BuildStages(OfShape):
    """Writes the stages that install and build."""

    def stages(self) -> tuple[Stage, ...]:
        """Write every stage that comes before the last one."""
        tools = self._tools()
        found = [] if tools is None else [tools]
        if self.shape.has_build or self.shape.has_source:
            found += self._build_stages()
        if self.shape.has_production and not self.shape.keeps_build_modules:
            found.append(self._production_stage())
        return tuple(found)

    def _tools(self) -> Stage | None:
        body = []
        if self.builder.libc == "musl" and self.component.fact("native_compiled") is not None:
            native = self.component.fact("native_compiled")
            # Without versions (hadolint DL3018): Alpine keeps no older ones, so a pin breaks the build soon.
            body.append(
                run(
                    f"{value_of(native)} is compiled while it is installed, which needs a compiler and Python.",
                    "apk add --no-cache python3 make g++",
                    evidence=place_of(native),
                )
            )
        compiled = self.component.fact("native_compiled")
        if compiled is not None:
            # node-gyp's README, "Environment variables"; npm_config_nodedir is on its way out with npm 12.
            body.append(
                env(
                    "node-gyp compiles against the headers that the image holds, instead of fetching them.",
                    place_of(compiled),
                    npm_package_config_node_gyp_nodedir="/usr/local",
                )
            )
        if self.component.package_manager is not None:
            setup = self.installer.setup(self.builder)
            if setup is not None:
                body.append(run(setup[1], setup[0], evidence=self.component.evidence("package_manager")))
        if self.installer.is_berry:
            body.append(
                env(
                    "Lays packages out in node_modules, which node finds without yarn's own loader.",
                    self.component.evidence("yarn_linker"),
                    YARN_NODE_LINKER="node-modules",
                )
            )
        if not body:
            return None
        return stage("tools", self.builder.reference, self._builder_reason(), body)

    def _start(self, reason: str) -> tuple[str, str]:
        """Return the base of a stage that installs, and its reason."""
        if self._tools() is not None:
            return "tools", reason
        return self.builder.reference, f"{self._builder_reason()} {reason}"

    def _builder_reason(self) -> str:
        builder, base = self.builder, self.base
        same = f"Node.js {builder.version} and {builder.libc}, as in the final image, so that compiled packages fit."
        if builder.family == "full" and base.family != "full":
            native = next(
                (self.component.fact(key) for key in NEEDS_TOOLS if self.component.fact(key)),
                None,
            )
            if native is not None:
                return f"{same} With compilers and Git, because of {value_of(native)}."
        return same

    def _manifests(self) -> list[Instruction]:
        groups = self.installer.manifests()
        if groups is None:
            reason = "Everything at once: an install script, or a workspace of many members, needs more than the manifests."
            return [copy(reason, ".", "./", evidence=self.component.evidence("install_script"))]
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
            self.shape.has_build
            and self.component.package_manager is not None
            and self.shape.has_any_packages
        )
        if needs_packages:
            base, reason = self._start("Here all packages are installed, those for the build too.")
            body = [
                workdir(APP, "One folder for everything that follows."),
                *self._manifests(),
                self._install(
                    self._lock_reason(),
                    *self.installer.script_deletion(production=False),
                    *self.installer.script_permission(),
                    self.installer.all(),
                    evidence=self.component.evidence("lockfile"),
                ),
            ]
            stages.append(stage("dependencies", base, reason, body))
        body = [] if needs_packages else [workdir(APP, "One folder for everything that follows.")]
        body.append(
            copy("The sources, after the packages: a change of code installs nothing again.", ".", "./")
        )
        body += self.commands(set_apart=True)
        body += self._cleanup()
        base, reason = (
            ("dependencies", "Builds on top of the packages.")
            if needs_packages
            else self._start("Only the sources pass through here.")
        )
        stages.append(stage("build", base, reason, body))
        return stages

    def commands(self, *, set_apart: bool) -> list[Instruction]:
        """Write what builds the component, in its folder; with `set_apart` Next.js' output is made ready to be copied."""
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
                    run("Its own build script.", f"{self.installer.name} run build", evidence=place_of(fact))
                )
        if self.home != here:
            found.append(workdir(self.home, "The component's own folder."))
        schema = self.component.fact("prisma_schema")
        if schema is not None:
            found.append(
                run(
                    "Writes Prisma's client for this schema.",
                    "npx prisma generate",
                    evidence=place_of(schema),
                )
            )
        words = self.shape.build_words()
        if words:
            # BuildKit would take a first word such as --mount for a flag of RUN.
            first = shell_word(words[0])
            first = f"'{first}'" if first.startswith("--") else first
            commands = [" ".join((first, *(shell_word(word) for word in words[1:])))]
            if self.layout.startswith("next"):
                commands.append("rm -rf .next/cache")
            if self.layout == "next-standalone" and set_apart:
                commands += [
                    f"mv {self.shape.standalone_output}/.next {APP}-next",
                    f"mv .next/static {APP}-next/static",
                ]
            found.append(
                run(
                    self._build_reason(set_apart=set_apart),
                    *commands,
                    evidence=self.component.evidence("build"),
                )
            )
        return found

    def _build_reason(self, *, set_apart: bool) -> str:
        if self.layout == "next-standalone" and set_apart:
            return "Builds the pages; what Next.js may write to is set apart from the code."
        return "The project's own build."

    def _cleanup(self) -> list[Instruction]:
        """Take out what must not ship where a whole folder is copied from the build."""
        paths = []
        if not self.shape.compiled and self.layout == "" and not self.shape.keeps_build_modules:
            paths.append(f"{self.home}/node_modules")
        paths += [f"{APP}/{folder}/node_modules" for folder in self.shape.needed_members()]
        if self.component.fact("npmrc") is not None:
            paths.append(f"{APP}/.npmrc")
        if not self.shape.compiled and self.component.fact("manager_folder") is not None:
            paths.append(f"{APP}/.yarn")
        if not paths:
            return []
        return [
            run(
                "What is for the build alone does not go on from here.",
                f"rm -rf {' '.join(dict.fromkeys(paths))}",
            )
        ]

    def _production_stage(self) -> Stage:
        base, reason = self._start("Here only the packages that the program needs at run time are installed.")
        command = self.installer.all() if self.shape.runs_typescript else self.installer.production()
        why = "Without the tools of development."
        if self.shape.runs_typescript:
            why = f"With the tools of development: {self.component.value('typescript_runner')} runs the program's TypeScript."
        pruning = () if self.shape.runs_typescript else self.installer.pruning()
        peer = self.component.fact("development_peer")
        if pruning:
            why += f" npm keeps {value_of(peer)} as an optional peer of a package that ships, so it is taken out."
        commands = [
            *self.installer.script_deletion(production=not self.shape.runs_typescript),
            *self.installer.script_permission(),
            command,
            *pruning,
        ]
        if self.installer.workspace:
            left = [str(fact.value) for fact in self.component.all("lockfile")] + [".npmrc"]
            left += [".yarn"] if self.installer.is_berry else []
            commands.append(f"rm -rf {' '.join(shell_word(one.rpartition('/')[2]) for one in left)}")
        body = [
            workdir(APP, "The same path as in the final image: links between packages stay true."),
            *self._manifests(),
            self._install(
                f"{self._lock_reason()} {why}", *commands, evidence=self.component.evidence("lockfile")
            ),
        ]
        return stage("production", base, reason, body)

    def _lock_reason(self) -> str:
        reason = "There is no lock file, so the newest versions that package.json allows: each build may get others."
        if self.installer.has_lock:
            reason = "Exactly the versions of the lock file."
        if self.installer.script_permission():
            reason += (
                " npm 12 and later run the install scripts of compiled packages only when they are named."
            )
        return reason
