"""The author's instructions in the recipe's stages, each accounted for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from slimdesk.basics.escaping import dockerfile_value, visible
from slimdesk.dockerfile.compose import copy, run
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.dockerfile.rules.secrets import is_secret
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes.model import Generated
from slimdesk.recipes.rewrite_read import Wishes, copied_from_context

Kind = Literal["kept", "changed", "dropped"]
VOLUMES = "/volumes"

# What belongs to a toolchain or a package manager, and means nothing to the program.
_TOOL_VARIABLES = re.compile(
    r"(?:PATH|HOME|GOPATH|GOROOT|GOBIN|GO111MODULE|CGO_ENABLED|GOOS|GOARCH|GOPROXY|GOFLAGS|JAVA_HOME|M2_HOME|MAVEN_\w+|GRADLE_\w+|CARGO_\w+"
    r"|RUSTUP_\w+|DEBIAN_FRONTEND|PIP_\w+|POETRY_\w+|UV_\w+|VIRTUAL_ENV|NPM_CONFIG_\w+|npm_config_\w+|YARN_\w+|PNPM_HOME|NVM_\w+"
    r"|PYTHON_VERSION|NODE_VERSION|BUNDLE_\w+|GEM_HOME|COMPOSER_\w+)"
)
_FRONT_END = re.compile(r"(?:VITE|NEXT_PUBLIC|REACT_APP|NUXT|VUE_APP|NG_APP|PUBLIC|GATSBY)_\w+")
_COMPILED = frozenset({"go", "rust", "cpp", "java", "dotnet"})
# Sources and manifests: the recipe copies them where they are built.
_SOURCE = re.compile(
    r"(?:^|/)(?:go\.(?:mod|sum|work)|.*\.(?:go|rs|c|cc|cpp|h|hpp|java|kt|kts|cs|csproj|sln|gradle)|pom\.xml|Cargo\.(?:toml|lock)|CMakeLists\.txt"
    r"|Makefile|meson\.build|src|cmd|internal|pkg|mvnw|gradlew|\.mvn|gradle|build|target|\*|\.|gradle\.properties)/?\*?$"
)


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one thing that the author's Dockerfile says, and why."""

    kind: Kind
    what: str
    reason: str
    line: int | None = None


@dataclass(frozen=True)
class Merging:
    """The author's instructions as the final stage takes them, each with a note."""

    generated: Generated
    final: Stage
    wishes: Wishes
    component: Component
    name: str
    notes: list[Note]
    move: Callable[[str], str]

    def note(self, kind: Kind, what: str, reason: str, line: int) -> None:
        """Account for a line."""
        self.notes.append(Note(kind, visible(what, 160), reason, line))

    def evidence(self, line: int) -> Evidence:
        """Where the author says so."""
        return Evidence(self.name, line)

    def arguments(self) -> list[Instruction]:
        """ARGs that a kept ENV, LABEL or COPY of the final image uses."""
        used = " ".join(
            word
            for one in (*self.wishes.variables, *self.wishes.labels, *self.wishes.copies)
            for word in one.arguments
        )
        found = []
        for one in self.wishes.arguments:
            names = [word.partition("=")[0] for word in one.arguments]
            if any(re.search(rf"\$\{{?{re.escape(each)}\b", used) for each in names) and not _secret(names):
                found.append(replace(one, reason="Your file declares it.", evidence=self.evidence(one.line)))
                self.note("kept", f"ARG {' '.join(one.arguments)}", "A line that is kept uses it.", one.line)
        return found

    def variables(self) -> list[Instruction]:
        """ENV for the program."""
        found = []
        for one in self.wishes.variables:
            words = []
            for key, value, word in pairs(one):
                reason = self._why_not(key)
                if reason is None:
                    words.append(self.move(word))
                    self.note("kept", f"ENV {key}", "The program may read it.", one.line)
                else:
                    self.note(
                        "dropped",
                        f"ENV {key}={value}" if not _secret([key]) else f"ENV {key}",
                        reason,
                        one.line,
                    )
            if words:
                found.append(
                    Instruction(
                        "ENV", tuple(words), reason="Your file sets it.", evidence=self.evidence(one.line)
                    )
                )
        return found

    @cached_property
    def _taken(self) -> set[str]:
        """The variables that the recipe sets itself."""
        return {pair[0] for one in self.final.instructions if one.keyword == "ENV" for pair in pairs(one)}

    def _why_not(self, key: str) -> str | None:
        if key in self._taken:
            return "The recipe sets it."
        if _secret([key]):
            return "It looks like a secret, which would be readable in the image: give it when the container starts."
        if _TOOL_VARIABLES.fullmatch(key):
            return "It is for the build tools, which are not in the final image."
        if self.component.profile == "web" and _FRONT_END.fullmatch(key):
            return "It is written into the files when they are built: the build stage has it."
        return None

    def copies(self) -> list[Instruction]:
        """COPY of files that the recipe does not bring."""
        found = []
        for one in self.wishes.copies:
            text = " ".join((one.keyword, *one.flags, *one.arguments))
            stage = next(iter(flag_values(one.flags, "from")), None)
            if stage is not None:
                continue
            if not copied_from_context(one) or any(
                source.startswith(("http", "git@")) for source in one.arguments[:-1]
            ):
                self.note(
                    "dropped",
                    text,
                    "What it fetches or writes cannot be told to be needed; add it by hand if it is.",
                    one.line,
                )
                continue
            target = posixpath.join(self.wishes.folders.get(one.line, "/"), one.arguments[-1].strip("\"'"))
            sources = [source for source in one.arguments[:-1] if not _SOURCE.search(source.strip("\"'"))]
            outside = not _inside(target, self.wishes.workdir)
            wanted = sources if self.component.profile in _COMPILED or outside else []
            if (
                self._brought(sources, target, outside=outside)
                or not wanted
                or self.component.profile == "web"
            ):
                self.note("changed", text, "The recipe copies it where it is built or run.", one.line)
                continue
            slash = (
                "/"
                if one.arguments[-1].endswith("/") or (len(wanted) > 1) or one.arguments[-1] in (".", "./")
                else ""
            )
            place = self.move(posixpath.normpath(target)) + slash
            flags = tuple(flag for flag in one.flags if flag.startswith("--chmod"))
            # A folder's contents are copied, not the folder: the same words mean the same.
            found.append(
                Instruction(
                    "COPY",
                    (*wanted, place),
                    flags,
                    reason="Your file brings it into the image.",
                    evidence=self.evidence(one.line),
                )
            )
            self.note("kept", text, "The program may need it when it runs.", one.line)
        return found

    def _brought(self, sources: list[str], target: str, *, outside: bool) -> bool:
        """Whether the recipe's final stage has the same files in the same place."""
        if outside or not sources:
            return False
        whole = any(
            one.keyword == "COPY" and not one.flags and one.arguments[0] in (".", "./")
            for one in self.final.instructions
        )
        named = {
            word.strip("/")
            for one in self.final.instructions
            if one.keyword == "COPY"
            for word in one.arguments[:-1]
        }
        del target
        return whole or all(
            any(posixpath.basename(source.strip("/")) == posixpath.basename(name) for name in named)
            for source in sources
        )

    def volumes(self) -> list[Instruction]:
        """VOLUME, and the folders in it that the program's user may write to: a new volume takes over their owner."""
        found: list[Instruction] = []
        for path, line in self.volume_folders():
            owned = copy(
                "Lets the program's user write into the volume.",
                f"{VOLUMES}{path}",
                path,
                from_="build",
                chown=self._user(),
                evidence=self.evidence(line),
            )
            found.append(owned)
        for one in self.wishes.volumes:
            self.note(
                "kept", f"VOLUME {' '.join(one.arguments)}", "Data is kept outside of the image.", one.line
            )
            found.append(
                replace(one, reason="Your file keeps its data there.", evidence=self.evidence(one.line))
            )
        return found

    def volume_folders(self) -> list[tuple[str, int]]:
        """The folders that need another owner, with their lines; none where no stage can make them."""
        stages = self.generated.dockerfile.stages[:-1]
        if self._user() is None or not any(stage.name == "build" for stage in stages):
            return []
        return [
            (path, one.line)
            for one in self.wishes.volumes
            for path in one.arguments
            if re.fullmatch(r"(?:/[A-Za-z0-9_.-]+)+", path) and ".." not in path
        ]

    def _user(self) -> str | None:
        """The number that the final stage runs as: the author's where nothing belongs to the recipe's."""
        own = self.wishes.user
        users = [one.arguments[0] for one in self.final.instructions if one.keyword == "USER"]
        for name in (own.arguments[0] if own and not self._owned() else "", users[-1] if users else ""):
            if re.fullmatch(r"[1-9]\d*(?::\d+)?", name):
                return name
        return None

    def _owned(self) -> bool:
        """Whether the recipe gives files to its own user."""
        return any("--chown" in flag for item in self.final.instructions for flag in item.flags)

    def ports(self) -> list[Instruction]:
        """EXPOSE that the recipe does not write."""
        written = {
            word.partition("/")[0]
            for one in self.final.instructions
            if one.keyword == "EXPOSE"
            for word in one.arguments
        }
        found = []
        for one in self.wishes.ports:
            words = [word.rpartition(":")[2] for word in one.arguments]
            new = tuple(word for word in words if word.partition("/")[0] not in written)
            if new and self.component.profile != "web":
                found.append(
                    Instruction(
                        "EXPOSE", new, reason="Your file names this port.", evidence=self.evidence(one.line)
                    )
                )
            kind: Kind = "changed" if new and self.component.profile == "web" else "kept"
            reason = (
                "The server listens on another port as a user other than root."
                if kind == "changed"
                else "The port stays."
            )
            self.note(kind, f"EXPOSE {' '.join(one.arguments)}", reason, one.line)
        return found

    def labels(self) -> list[Instruction]:
        """LABEL, and MAINTAINER as one."""
        found = []
        for one in self.wishes.labels:
            where = self.evidence(one.line)
            if one.keyword == "MAINTAINER":
                word = f"org.opencontainers.image.authors={dockerfile_value(' '.join(one.arguments))}"
                found.append(
                    Instruction(
                        "LABEL",
                        (word,),
                        reason="MAINTAINER is deprecated; a label names the author.",
                        evidence=where,
                    )
                )
                self.note("changed", "MAINTAINER", "It is deprecated; a label names the author.", one.line)
                continue
            words = tuple(word for _, _, word in pairs(one))
            found.append(Instruction("LABEL", words, reason="Your file attaches it.", evidence=where))
            self.note("kept", f"LABEL {' '.join(one.arguments)}", "Labels stay.", one.line)
        return found

    def signal(self) -> list[Instruction]:
        """STOPSIGNAL as it is."""
        one = self.wishes.signal
        if one is None:
            return []
        self.note("kept", f"STOPSIGNAL {one.arguments[0]}", "The program is ended by it.", one.line)
        return [replace(one, reason="Your file chooses the signal.", evidence=self.evidence(one.line))]

    def user(self, body: list[Instruction]) -> list[Instruction]:
        """A numeric user of the author's own goes before the recipe's, unless files belong to that one."""
        one = self.wishes.user
        at = next((place for place in range(len(body) - 1, -1, -1) if body[place].keyword == "USER"), None)
        if one is None:
            if at is not None:
                self.notes.append(
                    Note(
                        "changed",
                        "no USER",
                        f"The program runs as {body[at].arguments[0]} instead of root.",
                        None,
                    )
                )
            return body
        name = one.arguments[0]
        numeric = re.fullmatch(r"[1-9]\d*(?::\d+)?", name) is not None
        owned = self._owned()
        if numeric and at is not None and not owned:
            body[at] = replace(one, reason="Your file chooses this user.", evidence=self.evidence(one.line))
            self.note("kept", f"USER {name}", "It is a number and not root.", one.line)
        else:
            new = body[at].arguments[0] if at is not None else "the base image's user"
            self.note(
                "changed",
                f"USER {name}",
                f"{new} needs no entry in /etc/passwd, and Kubernetes can tell that it is not root.",
                one.line,
            )
        return body

    def health(self, body: list[Instruction]) -> None:
        """The author's check where the image has what it calls, else the recipe's, else none."""
        one = self.wishes.health
        if one is None:
            return
        text = f"HEALTHCHECK {' '.join(one.arguments)}"
        own = next((item for item in body if item.keyword == "HEALTHCHECK"), None)
        entry = next((item.arguments for item in body if item.keyword == "ENTRYPOINT"), ())
        words = one.arguments[1:] if one.form == "exec" else ()
        if one.form is None or (words and entry and program(words) == program(entry)):
            new = replace(one, reason="Your file checks the program so.", evidence=self.evidence(one.line))
            if words:
                new = replace(new, arguments=("CMD", entry[0], *map(self.move, words[1:])))
            if own is not None:
                body[body.index(own)] = new
            else:
                place = next(
                    (at for at, item in enumerate(body) if item.keyword in ("ENTRYPOINT", "CMD")), len(body)
                )
                body.insert(place, new)
            self.note("kept", text, "The image has the program that it calls.", one.line)
        elif own is not None:
            at = body.index(own)
            body[at] = replace(own, flags=one.flags or own.flags)
            self.note("changed", text, "The recipe's check needs no further program.", one.line)
        else:
            self.note(
                "dropped",
                text,
                "The image has no program for it: let the platform ask (an httpGet probe).",
                one.line,
            )


def with_build_arguments(stage: Stage, adding: Merging) -> Stage:
    """The build stage with the ARGs of the author's builds, and with the variables that front ends are built with."""
    if stage.name != "build":
        return stage
    base_words = {
        word.partition("=")[0] for one in adding.generated.dockerfile.arguments for word in one.arguments
    }
    there = {
        word.partition("=")[0]
        for one in stage.instructions
        if one.keyword in ("ARG", "ENV")
        for word in one.arguments
    }
    added: list[Instruction] = []
    kept = {one.line for one in adding.wishes.arguments}
    for one in adding.wishes.build_arguments:
        names = [word.partition("=")[0] for word in one.arguments]
        if (
            set(names) & (there | base_words)
            or _secret(names)
            or any(_TOOL_VARIABLES.fullmatch(each) for each in names)
        ):
            adding.note("dropped", f"ARG {' '.join(names)}", _argument_reason(names), one.line)
            continue
        added.append(replace(one, reason="Your build takes it.", evidence=adding.evidence(one.line)))
        if one.line not in kept or not any(note.line == one.line for note in adding.notes):
            adding.note("kept", f"ARG {' '.join(one.arguments)}", "The build may use it.", one.line)
    for one in adding.wishes.variables:
        words = tuple(word for key, _, word in pairs(one) if _FRONT_END.fullmatch(key) and key not in there)
        if words:
            added.append(
                Instruction(
                    "ENV", words, reason="The front end is built with it.", evidence=adding.evidence(one.line)
                )
            )
    folders = [f"{VOLUMES}{path}" for path, _ in adding.volume_folders()]
    made = (
        [run("Makes the volumes' folders, to be copied with their owner.", f"mkdir -p {' '.join(folders)}")]
        if folders
        else []
    )
    first, *body = stage.instructions
    body += made
    at = next(
        (
            place
            for place, one in enumerate(body)
            if one.keyword == "RUN" and "build" in " ".join(one.arguments)
        ),
        0,
    )
    return replace(stage, instructions=(first, *body[:at], *added, *body[at:]))


def _argument_reason(names: list[str]) -> str:
    if _secret(names):
        return "Build arguments stay readable in the image's history: use RUN --mount=type=secret."
    return "The recipe chooses versions and tools itself."


def pairs(one: Instruction) -> Iterator[tuple[str, str, str]]:
    """Name, value and the word NAME=VALUE of an ENV or LABEL; its old form too."""
    if len(one.arguments) == 2 and "=" not in one.arguments[0]:
        name, value = one.arguments
        quoted = value if value.startswith(('"', "'")) else '"' + value.replace('"', '\\"') + '"'
        yield name, value.strip("\"'"), f"{name}={quoted}"
        return
    for word in one.arguments:
        name, _, value = word.partition("=")
        yield name.strip("\"'"), value.strip("\"'"), word


def _secret(names: Iterable[str]) -> bool:
    return any(map(is_secret, names))


def _inside(path: str, folder: str) -> bool:
    clean = posixpath.normpath(path)
    return folder in ("/", clean) or clean.startswith(f"{folder.rstrip('/')}/")
