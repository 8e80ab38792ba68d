"""The stage that ships: the program, its packages, its user and what starts it."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import json_word
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.health import health_address
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_shape import APP, OfShape, place_of

# Every address of the container, which has a network of its own.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


class FinalStage(OfShape):
    """Writes the last stage."""

    def stage(self) -> Stage:
        """Write it."""
        body = [
            *self._system_libraries(),
            env(
                "Express, React and others are faster and say less about errors with this.",
                NODE_ENV="production",
            ),
            *self.environment(),
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
            *self.exposed(),
            *self._healthcheck(),
            self._entrypoint(),
        ]
        reason = f"What ships: Node.js {self.base.version}, {self.base.family}."
        if self.base.tag == "latest":
            # hadolint DL3007: the free image has no other tag.
            reason += " There is no other tag than latest; a digest pins it."
        return stage("final", self.base.reference, reason, body)

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
                evidence=place_of(prisma),
            )
        ]

    def environment(self) -> list[Instruction]:
        """Write the variables that the program takes its port and address from, and those of its start script."""
        return environment(self.component)

    def _payload(self) -> list[Instruction]:
        if self.layout == "next-standalone":
            return self._standalone_payload()
        if self.layout == "nuxt" and self.shape.compiled:
            return [
                copy(
                    "Nuxt's output holds the packages that it needs.",
                    f"{self.home}/.output",
                    f"{self.home}/.output",
                    from_="build",
                )
            ]
        found = []
        if self.installer.workspace and self.shape.has_production and not self.shape.keeps_build_modules:
            found.append(
                copy(
                    "The workspace's packages, production only, with the links between its members.",
                    APP,
                    APP,
                    from_="production",
                )
            )
        elif self.shape.has_production:
            source = "build" if self.shape.keeps_build_modules else "production"
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
                from_="build" if self.shape.has_build or self.shape.has_source else None,
            )
            for folder in self.shape.needed_members()
            if self.shape.has_build or self.shape.has_source
        ]
        if not (self.shape.has_build or self.shape.has_source):
            found += [
                copy("A member of the workspace that the program uses.", folder, f"{APP}/{folder}")
                for folder in self.shape.needed_members()
            ]
            found.append(
                copy(
                    "The program. It stays root's: what runs cannot change it.",
                    self.folder or ".",
                    f"{self.home}/",
                )
            )
        elif self.shape.compiled:
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
        if (
            schema is None
            or self.shape.keeps_build_modules
            or self.component.fact("prisma_output") is not None
        ):
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
        found = []
        if not (self.installer.workspace and self.shape.has_production):
            package = f"{self.home}/package.json"
            why = "Says whether .js files are modules, and more that packages look for."
            found.append(copy(why, package, package, from_="build"))
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
                    evidence=self.component.evidence("build"),
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
                evidence=place_of(layout),
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

    def exposed(self) -> list[Instruction]:
        """Write EXPOSE where the port is known."""
        if self.component.port is None:
            return []
        return [
            expose(
                self.component.port,
                "The port that the program listens on.",
                self.component.evidence("port"),
            )
        ]

    def _healthcheck(self) -> list[Instruction]:
        if not self.options.healthcheck or self.component.port is None:
            return []
        address = json_word(health_address(self.component))
        # Without a path for health any answer but a server error is a sign of life.
        good = "answer.ok" if self.component.fact("health_path") else "answer.status<500"
        script = f"fetch({address}).then(answer=>process.exit({good}?0:1),()=>process.exit(1))"
        return [
            healthcheck(
                (self.shape.node, "-e", script),
                "Asks the program itself, with node: there may be no shell and no curl.",
            )
        ]

    def words(self) -> tuple[str, ...]:
        """Return what starts the program, with the image's own node."""
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
        return (self.shape.node, *rest)

    def _entrypoint(self) -> Instruction:
        fact = self.component.fact("entrypoint") or self.component.fact("start")
        reason = "Starts the program without a shell or npm in between, so that it gets the signals itself."
        if self.component.entrypoint is None:
            reason = "Only an npm script says how the program starts; npm stands between it and its signals."
        elif self.component.fact("handles_sigterm") is None:
            reason += " It is process 1, where Node.js ignores SIGTERM unless the code handles it: start with --init."
        return entrypoint(self.words(), reason, place_of(fact))


def environment(component: Component) -> list[Instruction]:
    """Write the variables that the program takes its port and address from, and those of its start script."""
    found = []
    port = component.fact("port_env")
    if port is not None and component.port is not None and _NAME.fullmatch(str(port.value)):
        found.append(
            env(
                "The program takes its port from here.",
                port.evidence,
                **{str(port.value): str(component.port)},
            )
        )
    host = component.fact("host_env")
    if host is not None and _NAME.fullmatch(str(host.value)):
        found.append(
            env(
                "Listens on every address; on localhost nobody outside could reach it.",
                host.evidence,
                **{str(host.value): ANY_ADDRESS},
            )
        )
    for fact in component.all("start_env"):
        name, _, value = str(fact.value).partition("=")
        # The constructor's own parameters are not names that people give to variables.
        if _NAME.fullmatch(name) and name not in ("reason", "evidence", *_names(port, host)):
            found.append(env("The start script sets it.", fact.evidence, **{name: value}))
    return found


def _names(*facts: Fact | None) -> tuple[str, ...]:
    return tuple(str(fact.value) for fact in facts if fact is not None)
