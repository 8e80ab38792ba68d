"""Front ends: the files are built with Node.js and handed out by a small web server that is not root.

Stages: those of `web_build` (none for plain HTML), `config` (the server's settings), `server` (the static server, where
the family has none), `final`.
"""

from __future__ import annotations

import posixpath
import re

from slimdesk.basics.escaping import shell_word, without_controls
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes import node_fit, web_fit
from slimdesk.recipes.chosen import chosen_base, known
from slimdesk.recipes.debug import BUSYBOX
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.node_advice import no_lock_file
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_install import LEFT_BY_TOOLS, MANIFESTS
from slimdesk.recipes.node_shape import APP, Shape
from slimdesk.recipes.node_stages import BuildStages
from slimdesk.recipes.told import told_at
from slimdesk.recipes.web_build import STAGE, output_folder, stages_with
from slimdesk.recipes.web_server import NGINX_ROOT, SERVER_ROOT, nginx_conf, server_toml, site_of

NGINX_SETTINGS = "/nginx.conf"
SERVER_SETTINGS = "/server.toml"
SERVER = "/static-web-server"


class WebRecipe:
    """The recipe of the profile `web`."""

    profile = "web"
    manifests: tuple[str, ...] = MANIFESTS
    left_by_tools: tuple[str, ...] = LEFT_BY_TOOLS

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return web_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        stages: list[Stage] = []
        folder: str | None = None
        if fit.builder is not None:
            built, folder = stages_with(component, fit.builder, options)
            stages += built
        image = Image(component, fit, folder)
        stages += [*image.before(), image.final(options)]
        return Plan(tuple(stages), _ignored(component), _findings(component, fit))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write: Node.js builds the files and serves them too."""
        if not web_fit.is_built(component):
            return _plain_baseline(component, catalog)
        choice = node_fit.choose_version(component, "full", catalog)
        version = choice.version if choice is not None else None
        base = known(catalog.find("full", node_fit.WORD, version), "Node.js")
        shape = Shape(component, base, base, options)
        body = [workdir(APP, "Everything happens in one folder.")]
        setup = shape.installer.setup(base)
        if setup is not None:
            body.append(run(setup[1], setup[0]))
        body.append(copy("The whole project, so every change installs everything again.", ".", "./"))
        command = "npm install" if shape.installer.name == "npm" else shape.installer.all()
        body.append(run("All packages; they stay in the image.", command))
        body += BuildStages(shape).commands(set_apart=False)
        # hadolint DL3016 wants a version; whoever writes such a file takes what is there, and so does this one.
        body.append(run("A server of files, written in JavaScript.", "npm install --global serve@14"))
        port = component.port or site_of(component).port
        body.append(expose(port, "The port that the server listens on."))
        single = ("-s",) if site_of(component).spa else ()
        words = ("serve", *single, "-l", str(port), output_folder(component))
        body.append(entrypoint(words, "Serves the files, as root, with all of Node.js around."))
        only = stage("final", base.reference, "The full official image, for everything.", body)
        return base, Plan((only,), _ignored(component))


RECIPE = WebRecipe()


class Image:
    """The image of one front end in one family; `folder` holds the files in the stage that built them."""

    def __init__(self, component: Component, fit: Fit, folder: str | None) -> None:
        self.component = component
        self.base = chosen_base(component, fit)
        self.builder = fit.builder
        self.extra = fit.extra
        self.folder = folder
        self.site = site_of(component)
        self.honours = web_fit.honours(component, fit.family)
        self.own = str(component.value("nginx_conf", ""))
        self.whole = self.honours and component.value("nginx_whole") is True

    @property
    def root(self) -> str:
        """The folder of the server's files."""
        if self.extra is not None:
            return SERVER_ROOT
        stated = str(self.component.value("nginx_root", ""))
        usable = self.honours and stated.startswith("/") and PLAIN.fullmatch(stated.strip("/"))
        return posixpath.normpath(stated) if usable else NGINX_ROOT

    def before(self) -> list[Stage]:
        """The stages between the build and the image: settings, and the server where the base has none."""
        found = []
        if not self.whole:
            lines = (
                server_toml(self.site)
                if self.extra is not None
                else nginx_conf(self.site, include=self.honours)
            )
            path = SERVER_SETTINGS if self.extra is not None else NGINX_SETTINGS
            base = self.builder.reference if self.builder is not None else BUSYBOX
            platform = "$BUILDPLATFORM"
            body = [_written("The server's settings: a page for every path that is no file, compression, how long browsers may keep what.", path, lines)]  # fmt: skip
            found.append(stage("config", base, "Only a shell to write a file with.", body, platform=platform))
        if self.extra is not None:
            found.append(stage("server", self.extra.reference, "Holds the static server, one file.", ()))
        return found

    def final(self, options: Options) -> Stage:
        """What ships."""
        body = [*self._settings(), *self._files()]
        body.append(
            user(
                self.base.run_user,
                self.base.run_group,
                "Not root; a number, so that Kubernetes can check it.",
            )
        )
        body.append(expose(self.site.port, "The port that the server listens on; above 1024 it needs no right of root.",
                           self.component.evidence("port")))  # fmt: skip
        body += self._healthcheck(options)
        body.append(
            entrypoint(
                self.words(),
                "Starts the server without a shell in between, so that it gets the signals itself.",
            )
        )
        reason = f"What ships: the files and a web server, {self.base.family}."
        if self.base.tag == "latest":
            # hadolint DL3007: the free image has no other tag.
            reason += " There is no other tag than latest; a digest pins it."
        return stage("final", self.base.reference, reason, body)

    def _settings(self) -> list[Instruction]:
        if self.extra is not None:
            return [
                copy("The server: one static program.", SERVER, SERVER, from_="server"),
                copy("Its settings.", SERVER_SETTINGS, SERVER_SETTINGS, from_="config"),
            ]
        place = self.component.evidence("nginx_conf")
        if self.whole:
            return [
                copy(
                    "The project's own configuration.",
                    self._own_path(),
                    "/etc/nginx/nginx.conf",
                    evidence=place,
                )
            ]
        found = [copy("Its settings.", NGINX_SETTINGS, "/etc/nginx/nginx.conf", from_="config")]
        if self.honours:
            to = "/etc/nginx/conf.d/default.conf"
            found.append(copy("The project's own server.", self._own_path(), to, evidence=place))
        return found

    def _own_path(self) -> str:
        context = self.component.context
        return self.own if context == "." else self.own.removeprefix(f"{context}/")

    def _files(self) -> list[Instruction]:
        base = "" if self.honours else self.site.folder
        to = f"{self.root}/{base}/" if base else f"{self.root}/"
        if self.folder is None:
            source = posixpath.relpath(self.component.path, self.component.context)
            return [copy("The files. They stay root's: the server cannot change them.", source, to)]
        place = self.component.evidence("output_folder")
        reason = "The built files alone: no sources, no packages, no Node.js. They stay root's."
        return [copy(reason, f"{self.folder}/", to, from_=STAGE, evidence=place)]

    def words(self) -> tuple[str, ...]:
        """What starts the server."""
        if self.extra is not None:
            return (SERVER, "--config-file", SERVER_SETTINGS)
        program = self.base.interpreter or "nginx"
        settings = ["daemon off;"]
        if self.whole and self.component.value("nginx_daemon") is True:
            settings = []
        if self.whole and self.component.value("nginx_pid") is not True:
            settings.append("pid /tmp/nginx.pid;")
        return (program, "-e", "/dev/stderr", *(("-g", " ".join(settings)) if settings else ()))

    def _healthcheck(self, options: Options) -> list[Instruction]:
        # The static server and the images without a shell hold no program that could ask.
        if not options.healthcheck or not self.base.shell:
            return []
        address = f"http://127.0.0.1:{self.site.port}{self.site.base}"
        words: tuple[str, ...] = ("curl", "--fail", "--silent", "--output", "/dev/null", address)
        if self.base.package_manager == "apk":
            words = ("wget", "-q", "-O", "/dev/null", address)
        return [healthcheck(words, "Asks the server, with a program of its image.")]


def _written(reason: str, path: str, lines: tuple[str, ...]) -> Instruction:
    """RUN that writes lines into a file; each is a literal word."""
    layout = ("printf '%s\\n'", *(_quoted(line) for line in lines), f"> {path}")
    return Instruction("RUN", (" ".join(layout),), (), "shell", (), layout, reason=reason)


def _quoted(line: str) -> str:
    """Return the line as one literal word; a dollar in single quotes would look like a mistake (ShellCheck SC2016)."""
    if "$" in line:
        return '"' + re.sub(r'([\\"$`])', r"\\\1", without_controls(line)) + '"'
    word = shell_word(line)
    return word if word.startswith("'") else f"'{word}'"


def _plain_baseline(component: Component, catalog: Catalog) -> tuple[BaseImage, Plan]:
    base = known(catalog.find("full", web_fit.WORD), "nginx")
    port = site_of(component).port
    body = [
        run("The image's own settings say 80.", f"sed -i 's/listen  *80;/listen {port};/' /etc/nginx/conf.d/default.conf"),
        copy("The files.", posixpath.relpath(component.path, component.context), f"{NGINX_ROOT}/"),
        expose(port, "The port that the server listens on."),
        entrypoint(("nginx", "-g", "daemon off;"), "Starts the server, as root."),
    ]  # fmt: skip
    only = stage("final", base.reference, "The official image, as it is.", body)
    return base, Plan((only,), _ignored(component))


def _ignored(component: Component) -> tuple[str, ...]:
    """Patterns for .dockerignore: old output of the build, and its caches."""
    if not web_fit.is_built(component):
        return ("**/README*", "**/LICENSE*", "**/nginx*.conf")
    folder = posixpath.normpath(posixpath.join(component.path, output_folder(component)))
    inside = posixpath.relpath(folder, component.context)
    own = () if inside.startswith("..") or not PLAIN.fullmatch(inside) else (inside,)
    return (
        *own,
        "**/.next",
        "**/.nuxt",
        "**/.output",
        "**/.svelte-kit",
        "**/.angular",
        "**/.astro",
        "**/.turbo",
        "**/.nx",
    )


def _findings(component: Component, fit: Fit) -> tuple[Finding, ...]:
    found = list(no_lock_file(component))
    for fact in component.all("build_variable"):
        place = fact.evidence
        found.append(
            told_at(
                place, "build-variable", "info",
                f"{fact.value} is written into the files when the image is built; without a value it is empty",
                f"Build with --build-arg {fact.value}=...",
            )
        )  # fmt: skip
    own = component.fact("nginx_conf")
    if own is not None and not web_fit.honours(component, fit.family):
        place = own.evidence
        found.append(
            Finding(
                "own-configuration", "warning", f"{own.value} is not used by this family's server", place.path if place else None,
                None, None, "Choose alpine or slim, whose nginx reads it",
            )
        )  # fmt: skip
    proxy = component.fact("nginx_proxy")
    if proxy is not None and web_fit.honours(component, fit.family):
        place = proxy.evidence
        found.append(
            Finding(
                "proxied-host", "info", f"nginx looks up the host of {proxy.value} when it starts, and stops if there is none",
                place.path if place else None, place.line if place else None, None, "Start the other service first, on the same network",
            )
        )  # fmt: skip
    return tuple(found)
