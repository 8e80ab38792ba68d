"""Ruby: bundler installs into /usr/local/bundle in the full image; what ships is that folder, the code, and a small Ruby.

Follows the Dockerfile that Rails writes itself (railties/lib/rails/generators/rails/app/templates/Dockerfile.tt, 2026-03-26)
where it fits: deployment mode, no development gems, assets and bootsnap's cache made in the build.
"""

from __future__ import annotations

import re

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.health import health_address
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.ruby_packages import build_packages, runtime_packages
from slimdesk.recipes.scripting import (
    NODE_IMAGE,
    inside,
    install_packages,
    no_version,
    version_for,
    why_exec_form,
)
from slimdesk.recipes.told import told_at

BUNDLE = "/usr/local/bundle"
APP = "/app"
IGNORE = ("**/log/*", "**/tmp/*", "**/spec", "**/test", "**/coverage", "vendor/bundle", ".bundle", "config/master.key", "config/credentials/*.key", "**/*.sqlite3")  # fmt: skip
RANKS: dict[Family, int] = {"slim": 0, "alpine": 2, "hardened": 3, "chainguard": 4, "full": 6}
_SHELL_LESS = ("chainguard", "hardened")


class Ruby:
    """The recipe of the profile ruby."""

    profile = "ruby"
    manifests: tuple[str, ...] = (
        "Gemfile",
        "Gemfile.lock",
        "gems.rb",
        "gems.locked",
        ".ruby-version",
        "config.ru",
    )
    left_by_tools: tuple[str, ...] = ("**/coverage", "**/.rspec_status")

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether the family has a Ruby that the project accepts, and what speaks for or against it."""
        if family == "distroless":
            return unavailable(
                family,
                "Google publishes no distroless Ruby. Without a shell there are chainguard (the newest Ruby alone) and hardened; slim is the usual choice.",
            )
        if family == "scratch":
            return unavailable(
                family,
                "Ruby needs an interpreter and a C library; scratch has neither. slim is small and has both.",
            )
        if family == "chiselled":
            return unavailable(family, "Ubuntu publishes no chiselled Ruby image; slim covers it.")
        if component.entrypoint is None:
            return unavailable(family, "What starts the project was not found; state its entry point first.")
        offered = catalog.versions(family, "ruby")
        version = version_for(component, offered, catalog, "ruby")
        if version is None:
            return unavailable(family, no_version(component, family, "Ruby", offered))
        base = catalog.find(family, "ruby", version)
        builder = _builder(family, version, catalog)
        if base is None or builder is None:
            return unavailable(family, f"The catalogue has no {family} image to build with Ruby {version}.")
        libraries = runtime_packages(component, "apk" if family == "alpine" else "apt")
        native = component.fact("native")
        if family in _SHELL_LESS and libraries and native:
            return unavailable(
                family,
                f"The gem {native.value} loads {libraries[0]} ({native.evidence}), which this image does not have and cannot install; slim and alpine install it.",
            )
        if family == "alpine" and (glibc := component.fact("glibc_gem")):
            return unavailable(
                family,
                f"{glibc.evidence} holds {glibc.value} built for glibc, and Alpine has musl: run `bundle lock --add-platform x86_64-linux-musl aarch64-linux-musl` first.",
            )
        rank, reason = RANKS[family], f"Ruby {version}{_why(component)}. {_praise(family, version)}"
        if (shell := component.fact("shell")) and not base.shell:
            rank += 10
            reason = f"Ruby {version}, but the code starts another program ({shell.evidence}), and this image has no shell: that part fails."
        return Fit(family, available=True, reason=reason, base=base, builder=builder, rank=rank)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the build and the final stage; a script without a Gemfile needs no build stage."""
        base, builder = chosen(component, fit)
        stages = []
        if component.fact("gemfile"):
            if component.fact("asset_packages"):
                stages.append(_node_stage())
            stages.append(_build_stage(component, base, builder, options))
        stages.append(_final_stage(component, base, options))
        return Plan(tuple(stages), IGNORE, _findings(component, base))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write what tutorials show: the full image, everything copied, everything installed, run as root."""
        del options
        version = version_for(component, catalog.versions("full", "ruby"), catalog, "ruby")
        base = known(catalog.find("full", "ruby", version) or catalog.find("full", "ruby"), "Ruby")
        body = [workdir(APP, "Where the application lives"), copy("The whole project", ".", ".")]
        if component.path != component.context:
            body.append(workdir(f"{APP}/{inside(component)}", "The component's own folder"))
        if component.fact("gemfile"):
            commands = ["bundle install"]
            if component.fact("lock_without_linux"):
                commands.insert(0, "bundle lock --add-platform x86_64-linux aarch64-linux")
            body.append(run("Installs everything the project lists, development gems too", *commands))
        if component.framework == "Rails":
            body.append(env("As it runs for real", RAILS_ENV="production"))
        if component.port:
            body.append(expose(component.port, "The port it listens on", component.evidence("port")))
        body.append(entrypoint(component.entrypoint or ("ruby",), "Starts it, as root"))
        return base, Plan(
            (stage("final", base.reference, "The full image, with compilers and a whole Debian", body),),
            IGNORE,
        )


RECIPE = Ruby()


def _node_stage() -> Stage:
    return stage(
        "node",
        NODE_IMAGE,
        "Node.js for the front end's packages; nothing of it ships.",
        (),
    )


def _build_stage(component: Component, base: BaseImage, builder: BaseImage, options: Options) -> Stage:
    body: list[Instruction] = []
    if builder.user != 0:
        body.append(user(0, 0, "This build image starts without the right to write where the gems go."))
    packages = build_packages(component, builder)
    if packages:
        body.append(
            install_packages(
                "Compilers and headers for gems with C code.",
                builder.package_manager,
                packages,
                component.evidence("native") or component.evidence("compiled"),
            )
        )
    home = _home(component)
    body.append(workdir(home, "Keeps the sources out of the root folder."))
    body.append(_settings(component))
    body += _gem_files(component)
    body += _install(component, base, options)
    if _is_rails(component) or component.fact("path_gem"):
        body += _application(component, options)
    return stage(
        "build",
        builder.reference,
        f"Ruby {builder.version} with what gems are compiled with; the same minor version as in the final image.",
        body,
        evidence=component.evidence("version"),
    )


def _settings(component: Component) -> Instruction:
    """The same in both stages: bundler looks for the gems where it put them."""
    values = {"BUNDLE_PATH": BUNDLE, "BUNDLE_WITHOUT": "development:test"}
    reason = "Gems go to one folder that can be copied, without those for development."
    if component.fact("lock"):
        values["BUNDLE_DEPLOYMENT"] = "1"
        reason = "Exactly the versions of Gemfile.lock, in one folder that can be copied, without those for development."
    if _is_rails(component):
        values["RAILS_ENV"] = "production"
    elif component.port:
        values["RACK_ENV"] = "production"
        values["APP_ENV"] = "production"
    return env(reason, component.evidence("lock"), **values)


def _gem_files(component: Component) -> list[Instruction]:
    if component.fact("path_gem"):
        return [
            copy(
                "Everything: some gems are folders of this project.",
                ".",
                f"{APP}/",
                evidence=component.evidence("path_gem"),
            )
        ]
    names = [str(fact.value) for key in ("gemfile", "lock", "version_file") for fact in component.all(key)]
    steps = [
        copy(
            "Only what names the gems: they are installed again only when one of these changes.",
            *(inside(component, name) for name in names),
            "./",
            evidence=component.evidence("gemfile"),
        )
    ]
    if component.fact("gemspec"):
        # The Gemfile reads the gemspec, which reads the version from lib/.
        steps = [
            copy(
                "Everything: the Gemfile reads the gemspec, and that the code.",
                inside(component),
                "./",
                evidence=component.evidence("gemspec"),
            )
        ]
    elif component.fact("vendored"):
        folder = inside(component)
        source = "vendor/cache" if folder == "." else f"{folder}/vendor/cache"
        steps.append(copy("The project brings its gems along: nothing is fetched.", source, "vendor/cache"))
    return steps


def _install(component: Component, base: BaseImage, options: Options) -> list[Instruction]:
    commands, mounts = [], []
    if component.fact("lock_without_linux"):
        platforms = (
            "x86_64-linux-musl aarch64-linux-musl" if base.libc == "musl" else "x86_64-linux aarch64-linux"
        )
        commands.append(f"BUNDLE_DEPLOYMENT=false bundle lock --add-platform {platforms}")
    if base.family in _SHELL_LESS:
        # The image that ships may lack bundler, which Rails and -rbundler/setup load.
        commands.append(f"GEM_HOME={BUNDLE} gem install --no-document bundler")
    install = "bundle install --jobs 4 --retry 3"
    if options.cache_mounts and not component.fact("vendored"):
        mounts.append("type=cache,target=/root/.bundle/cache")
        install = f"BUNDLE_GLOBAL_GEM_CACHE=true BUNDLE_USER_HOME=/root/.bundle {install}"
    commands.append(install)
    commands.append(f"rm -rf {BUNDLE}/ruby/*/cache {BUNDLE}/ruby/*/bundler/gems/*/.git")
    return [
        run(
            "Installs the gems; what was fetched to do so does not ship.",
            *commands,
            mounts=mounts,
            evidence=component.evidence("lock") or component.evidence("gemfile"),
        )
    ]


def _application(component: Component, options: Options) -> list[Instruction]:
    body: list[Instruction] = []
    if not component.fact("path_gem"):
        body.append(
            copy(
                "The application, after the gems: a changed line installs nothing again.",
                inside(component) if inside(component) == "." else f"{inside(component)}/",
                "./",
            )
        )
    if not _is_rails(component):
        return body
    if component.fact("rails_assets") and component.fact("asset_packages"):
        body += _front_end(component, options)
    body.append(_prepared(component))
    return body


def _prepared(component: Component) -> Instruction:
    """What Rails does before it ships, in one step: compiled code, assets, and the folders that it writes to."""
    commands, does = [], []
    if component.fact("bootsnap"):
        commands.append("bundle exec bootsnap precompile --gemfile app/ lib/")
        does.append("compiles the code, so that it starts faster")
    if component.fact("rails_assets"):
        commands.append("SECRET_KEY_BASE_DUMMY=1 bundle exec rake assets:precompile")
        does.append(
            "builds the assets (the key is a dummy: the real one is given when it runs, and is in no layer)"
        )
        if component.fact("asset_packages"):
            commands.append("rm -rf node_modules")
    folders = " ".join(dict.fromkeys(["tmp/pids", *_writes(component)]))
    commands.append(f"mkdir -p {folders}")
    does.append("makes the folders that Rails writes to")
    reason = f"Prepares Rails: {', '.join(does)}."
    return run(
        reason,
        *commands,
        evidence=component.evidence("rails_assets") or component.evidence("bootsnap"),
    )


def _front_end(component: Component, options: Options) -> list[Instruction]:
    lock = str(component.value("asset_lock", ""))
    npm = "node /usr/local/lib/node_modules/npm/bin/npm-cli.js"
    mounts = ["type=cache,target=/root/.npm"] if options.cache_mounts else []
    links = "ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm"
    if lock.endswith("yarn.lock"):
        command, tool = "yarn install --frozen-lockfile", f"{npm} install --global yarn@1.22.22"
    elif lock.endswith("pnpm-lock.yaml"):
        command, tool = "pnpm install --frozen-lockfile", f"{npm} install --global pnpm@10"
    else:
        command, tool = (
            f"npm {'ci' if lock.endswith('package-lock.json') else 'install'} --no-audit --no-fund",
            "",
        )
    evidence = component.evidence("asset_packages")
    return [
        copy("Node.js, to build the front end with.", "/usr/local/bin/node", "/usr/local/bin/", from_="node"),
        copy(
            "npm and what it needs.",
            "/usr/local/lib/node_modules",
            "/usr/local/lib/node_modules",
            from_="node",
        ),
        run(
            "The front end's packages.",
            links,
            *([tool] if tool else []),
            command,
            mounts=mounts,
            evidence=evidence,
        ),
    ]


def _final_stage(component: Component, base: BaseImage, options: Options) -> Stage:
    body: list[Instruction] = []
    packages = runtime_packages(component, base.package_manager)
    if base.shell and packages:
        body.append(
            install_packages(
                "Libraries that the gems load when they run.",
                base.package_manager,
                packages,
                component.evidence("native"),
            )
        )
    home = _home(component)
    body.append(workdir(home, "Where the application lives."))
    bundled = component.fact("gemfile") is not None
    if bundled:
        body.append(_settings(component))
        body.append(env("Bundler looks for a home folder, and this user has none.", HOME="/tmp"))  # noqa: S108 - inside the image
        body.append(copy("The installed gems, at the same path.", BUNDLE, BUNDLE, from_="build"))
    if base.family in _SHELL_LESS and bundled:
        body.append(env("The bundler that was installed with the gems.", GEM_HOME=BUNDLE))
    owner = f"{base.run_user}:{base.run_group}"
    if bundled and _is_rails(component):
        body.append(
            copy(
                "The application with its assets; it belongs to root, so it cannot change itself.",
                home,
                home,
                from_="build",
            )
        )
        body += [
            copy(
                "Rails writes here; mount a volume to keep what must last.",
                f"{home}/{name}",
                f"{home}/{name}",
                from_="build",
                chown=owner,
            )
            for name in _writes(component)
        ]
    elif bundled and component.fact("path_gem"):
        body.append(copy("The code and the gems that are its folders.", APP, APP, from_="build"))
    else:
        source = "." if inside(component) == "." else f"{inside(component)}/"
        body.append(copy("The code, owned by root: the application cannot change itself.", source, "."))
        if bundled and (component.fact("lock_without_linux") or not component.fact("lock")):
            body.append(
                copy(
                    "The lock with the versions that were installed.",
                    f"{home}/Gemfile.lock",
                    f"{home}/",
                    from_="build",
                )
            )
    body.append(
        user(base.run_user, base.run_group, "Numeric, so that Kubernetes can check that it is not root.")
    )
    if component.port:
        body.append(expose(component.port, "The port it listens on.", component.evidence("port")))
    if options.healthcheck and component.port:
        script = f'require "net/http"; exit(Net::HTTP.get_response(URI("{health_address(component)}")).code.to_i < 500)'
        body.append(
            healthcheck(
                (base.interpreter or "ruby", "-e", script), "Ruby asks, because there is no curl here."
            )
        )
    reason = why_exec_form(base)
    start = component.evidence("start") or component.evidence("server") or component.evidence("entrypoint")
    body.append(entrypoint(final_words(component, base), reason, start))
    why = (
        "What ships: Ruby, the gems and the code."
        if base.shell
        else "No shell, no package manager; it runs as another user than root."
    )
    return stage("final", base.reference, why, body, evidence=component.evidence("version"))


def final_words(component: Component, base: BaseImage) -> tuple[str, ...]:
    """Return the entry point's words; without a shell's PATH and scripts, Ruby loads the gem's own starter."""
    words = component.entrypoint or ("ruby",)
    interpreter = base.interpreter or "ruby"
    if base.family not in _SHELL_LESS:
        return words
    if words[:2] == ("bundle", "exec") and len(words) > 2:
        rest = words[2:]
        if rest[0] == "ruby":
            return (interpreter, "-rbundler/setup", *rest[1:])
        if re.fullmatch(r"[A-Za-z0-9_-]+", rest[0]):
            return (
                interpreter,
                "-rbundler/setup",
                f"{BUNDLE}/ruby/{base.version}.0/bin/{rest[0]}",
                *rest[1:],
            )
    if words[0] == "ruby":
        return (interpreter, *words[1:])
    return words


def _findings(component: Component, base: BaseImage) -> tuple[Finding, ...]:
    found = []
    if (migrations := component.fact("migrations")) is not None:
        place = migrations.evidence
        found.append(
            told_at(
                place,
                "migrations",
                "info",
                f"The image does not change the database when it starts: run `{' '.join(_task(component, base, 'db:prepare'))}` in it once per release.",
            )
        )
    for worker in component.all("worker"):
        place = worker.evidence
        found.append(
            told_at(
                place,
                "worker",
                "info",
                f"The same image runs the worker too: start it with `{visible(str(worker.value), 200)}`.",
            )
        )
    return tuple(found)


def _task(component: Component, base: BaseImage, task: str) -> tuple[str, ...]:
    del component
    if base.family in _SHELL_LESS:
        return (base.interpreter or "ruby", "bin/rails", task)
    return ("bundle", "exec", "rails", task)


def _builder(family: Family, version: str, catalog: Catalog) -> BaseImage | None:
    own: Family = family if family in ("alpine", "chainguard", "hardened") else "full"
    return catalog.find(own, "ruby", version, role="builder")


def _writes(component: Component) -> tuple[str, ...]:
    """Return the folders that the application writes to; only plain names."""
    names = (str(fact.value) for fact in component.all("writes"))
    return tuple(dict.fromkeys(name for name in names if re.fullmatch(r"[a-z][a-z0-9_/]{0,60}", name)))


def _home(component: Component) -> str:
    folder = inside(component)
    return APP if folder == "." or not component.fact("path_gem") else f"{APP}/{folder}"


def _is_rails(component: Component) -> bool:
    return component.framework == "Rails"


def _why(component: Component) -> str:
    evidence = component.evidence("version_pin") or component.evidence("version")
    return f" as {evidence} asks" if evidence else ""


def _praise(family: Family, version: str) -> str:
    return {
        "full": "It has compilers and hundreds of packages that the application never uses.",
        "slim": "A small Debian with a shell and apt: what Rails itself takes, and most gems work here unchanged.",
        "alpine": "Smaller still, but its C library is musl: gems without a musl build are compiled.",
        "chainguard": f"No shell; free of charge only the newest Ruby ({version}), which moves on without a version tag.",
        "hardened": "No shell, versioned and with an end of life; needs a free sign-in.",
    }.get(family, "")
