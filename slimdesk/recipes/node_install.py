"""How each package manager installs: the files it reads, its commands and where it keeps what it fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component
from slimdesk.recipes.node_fit import PLAIN

MANIFESTS = (
    "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "tsconfig.json", "tsconfig.build.json",
)  # fmt: skip
LEFT_BY_TOOLS = ("**/npm-debug.log*", "**/yarn-error.log*", "**/coverage")
# More manifests than this are copied with everything else, in one go.
MAX_MEMBERS = 40

# yarn 1 mixes up what two of it unpack at once, and stages are built side by side (classic.yarnpkg.com, --mutex).
_LOCKED = frozenset({"yarn1"})
# Where root's copy of what was fetched lies (npm cache, yarn's own settings, pnpm.io "store-dir", bun.sh "Global cache").
_CACHES = {
    "npm": "/root/.npm",
    "yarn1": "/usr/local/share/.cache/yarn",
    "yarn": "/root/.yarn/berry/cache",
    "pnpm": "/root/.local/share/pnpm/store",
    "bun": "/root/.bun/install/cache",
}
# What is installed where the project names no version.
_USUAL_VERSIONS = {"yarn": "4", "pnpm": "10", "bun": "1"}
# npm's own rule for names; binding.gyp and corrections are none.
_PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9_~-]*(?:\.js)?", re.ASCII)
_VERSION = re.compile(r"\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Installer:
    """The package manager of one component, as the Dockerfile calls it."""

    component: Component

    @property
    def name(self) -> str:
        """npm, yarn, pnpm or bun."""
        return self.component.package_manager or "npm"

    @property
    def is_berry(self) -> bool:
        """Whether it is yarn 2 or later."""
        return self.name == "yarn" and self.component.value("yarn_linker") is not None

    @property
    def has_lock(self) -> bool:
        """Whether a lock file fixes all versions."""
        return self.component.value("lockfile") is not None

    @property
    def workspace(self) -> bool:
        """Whether the component is a member of a workspace."""
        return self.component.fact("workspace") is not None and self.component.folder != ""

    @property
    def mounts(self) -> tuple[str, ...]:
        """The cache mount that keeps what was fetched between builds."""
        key = "yarn1" if self.name == "yarn" and not self.is_berry else self.name
        return (f"type=cache,target={_CACHES[key]}{',sharing=locked' if key in _LOCKED else ''}",)

    @property
    def _yarn(self) -> str:
        path = self.component.value("yarn_path")
        return f"node {shell_word(str(path))}" if path and self.is_berry else "yarn"

    @property
    def _version(self) -> str:
        stated = str(self.component.value("package_manager_version", ""))
        return stated if _VERSION.fullmatch(stated) else _USUAL_VERSIONS.get(self.name, "latest")

    def setup(self, builder: BaseImage) -> tuple[str, str] | None:
        """Return (command, reason) that brings the manager into the build image; None if it is there.

        It comes from the npm registry: corepack fetches yarn from elsewhere, ignores npm's settings, and Node.js 25 and
        later do not bring it (docker-node README).
        """
        if self.name == "npm" or (self.is_berry and self.component.value("yarn_path")):
            return None
        if self.name == "yarn" and not self.is_berry:
            if builder.version is not None and builder.version.isdecimal() and int(builder.version) <= 24:
                return None
            return "npm install --global yarn@1.22.22", "Node.js 25 and later come without yarn."
        if self.is_berry:
            # The image's own yarn 1 has the same name on PATH.
            return (
                f"npm install --global --force @yarnpkg/cli-dist@{self._version}",
                "The yarn that the project uses; the image brings yarn 1 at most.",
            )
        return (
            # npm 12 and later run bun's install script, which fetches its program, only when told to.
            f"npm install --global {'--allow-scripts=bun ' if self.name == 'bun' else ''}{self.name}@{self._version}",
            f"The {self.name} that the project uses, from npm's registry; the image does not bring it.",
        )

    def manifests(self) -> list[tuple[list[str], str]] | None:
        """Return (files, folder) to copy before an installation, from the context's root; None: copy everything."""
        component = self.component
        if any(fact.value == "." for fact in component.all("install_file")):
            return None
        root = [
            self._from_context(str(fact.value))
            for key in ("lockfile", "manager_file", "npmrc")
            for fact in component.all(key)
        ]
        groups = [(["package.json", *dict.fromkeys(root)], "./")]
        folders = [str(fact.value) for fact in component.all("install_file")]
        if component.fact("manager_folder") is not None:
            folders.append(".yarn")
        groups += [([folder], f"./{folder}") for folder in dict.fromkeys(folders)]
        if self.workspace:
            members = [self._from_context(str(fact.value)) for fact in component.all("workspace_member")]
            if len(members) > MAX_MEMBERS:
                return None
            groups += [([f"{member}/package.json"], f"./{member}/") for member in members]
        if not all(
            PLAIN.fullmatch(word.removeprefix("./"))
            for files, folder in groups
            for word in (*files, folder)
            if word != "./"
        ):
            return None
        return groups

    def all(self) -> str:
        """Return the command that installs everything, development tools included."""
        if self.name == "npm":
            return f"npm {'ci' if self.has_lock else 'install'} --no-audit --no-fund"
        if self.is_berry:
            return f"{self._yarn} install{' --immutable' if self.has_lock else ''}"
        return f"{self.name} install{' --frozen-lockfile' if self.has_lock else ''}"

    def production(self) -> str:
        """Return the command that installs what the program needs when it runs, and no more."""
        if self.name == "npm":
            return f"npm {'ci' if self.has_lock else 'install'} --omit=dev{self._npm_workspace()} --no-audit --no-fund"
        if self.is_berry:
            name = self.component.value("workspace_package")
            which = shell_word(str(name)) if self.workspace and name else "--all"
            plugin = (
                f"{self._yarn} plugin import workspace-tools && " if self._version[:1] in ("2", "3") else ""
            )
            return f"{plugin}{self._yarn} workspaces focus --production {which}"
        if self.name == "yarn":
            return f"yarn install --production{' --frozen-lockfile' if self.has_lock else ''}"
        frozen = " --frozen-lockfile" if self.has_lock else ""
        if self.name == "pnpm":
            return f"pnpm install --prod{frozen}{self._pnpm_filter()}"
        return f"bun install --production{frozen}"

    def pruning(self) -> tuple[str, ...]:
        """Return the commands that take out tools of development which npm keeps as somebody's optional peer, if any.

        Without devDependencies nothing but the optional peer asks for them, and npm prunes that.
        """
        if self.name != "npm" or self.workspace or self.component.fact("development_peer") is None:
            return ()
        return ("npm pkg delete devDependencies", "npm prune --omit=dev --no-audit --no-fund")

    def script_deletion(self, *, production: bool, tool: str = "npm") -> tuple[str, ...]:
        """Return the command that takes out the project's install scripts that must not run here, if there are any.

        `tool` edits package.json: npm, or `bun pm` in an image that holds no npm.
        """
        kinds = ("hook_script", "development_script") if production else ("hook_script",)
        names = [f"scripts.{fact.value}" for kind in kinds for fact in self.component.all(kind)]
        return (f"{tool} pkg delete {' '.join(shell_word(name) for name in names)}",) if names else ()

    def script_permission(self) -> tuple[str, ...]:
        """Return the command that lets compiled packages run their install scripts, if there are any.

        npm 12 runs only those that package.json names under allowScripts; 10 and 11 run all of them whatever it says (tried
        with 10.9, 11.6, 11.21 and 12.2). What the project has decided itself stays.
        """
        names = [str(fact.value) for fact in self.component.all("native")]
        decided = {fact.value for fact in self.component.all("decided_script")}
        wanted = [name for name in names if _PACKAGE.fullmatch(name) and name not in decided]
        if self.name != "npm" or not wanted:
            return ()
        entries = " ".join(shell_word(f"allowScripts[{name}]=true") for name in dict.fromkeys(wanted))
        return (f"npm pkg set --json {entries}",)

    def _npm_workspace(self) -> str:
        if not self.workspace:
            return ""
        root = " --include-workspace-root" if self.component.fact("workspace_root_dependencies") else ""
        return f" --workspace={shell_word(self.component.folder)}{root}"

    def _pnpm_filter(self) -> str:
        if not self.workspace:
            return ""
        root = " --filter=." if self.component.fact("workspace_root_dependencies") else ""
        name = self.component.value("workspace_package")
        which = f"{name}..." if name else f"{{{self.component.folder}}}..."
        return f"{root} --filter={shell_word(which)}"

    def _from_context(self, path: str) -> str:
        context = self.component.context
        return path if context == "." else path.removeprefix(f"{context}/")
