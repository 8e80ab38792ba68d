"""Ruby: Rails, Sinatra and other Rack applications, job runners, gems that bring a program, and plain scripts."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.project.code_search import Hit, files_in, is_inside, search, shallow_first
from slimdesk.project.facts import FactList
from slimdesk.project.languages.ruby_gems import Gems, gem_path, read_gems
from slimdesk.project.languages.ruby_start import Start, find_start
from slimdesk.project.manifests import read_procfile
from slimdesk.project.model import Component, Evidence
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, common_folder, folder_of, join

SIDE_FOLDERS = frozenset(
    {"test", "tests", "spec", "features", "examples", "example", "docs", "doc", "fixtures", "samples", "benchmark", "benchmarks", "script", "scripts", "fastlane", "ios", "android", "db", "vendor", "templates"}
)  # fmt: skip
# A Gemfile of only these helps another program: an app store upload, a site that is built once, a style check.
TOOLS = frozenset({
    "fastlane", "cocoapods", "danger", "rubocop", "jekyll", "github-pages", "middleman", "xcpretty", "rake", "bundler",
    "jazzy", "dotenv", "nokogiri", "activesupport", "ffi", "concurrent-ruby", "xcodeproj", "multi_json", "webrick", "csv", "base64", "tzinfo",
    "tzinfo-data", "wdm", "http_parser.rb", "logger", "bigdecimal", "mutex_m", "minima", "just-the-docs", "html-proofer", "puppet", "test-kitchen", "kitchen-inspec", "overcommit", "mdl", "licensed", "scss_lint",
})  # fmt: skip
FRAMEWORKS = {
    "rails": "Rails", "railties": "Rails", "sinatra": "Sinatra", "hanami": "Hanami", "roda": "Roda", "grape": "Grape", "padrino": "Padrino",
    "cuba": "Cuba", "rack": "Rack", "sidekiq": "Sidekiq",
}  # fmt: skip
# Gems with C code that is linked to a library of the system; recipes know the packages.
LINKED = (
    "pg", "mysql2", "sqlite3", "nokogiri", "rmagick", "ruby-vips", "image_processing", "mini_magick", "tiny_tds", "charlock_holmes", "curb",
    "ffi", "rdkafka", "ruby-oci8", "snappy", "gpgme", "idn-ruby",
)  # fmt: skip
COMPILED = ("puma", "nio4r", "bcrypt", "bootsnap", "msgpack", "racc", "websocket-driver", "hiredis", "unicorn", "thin", "json", "bigdecimal", "redcarpet", "ed25519", "oj", "date", "stackprof", "psych", "eventmachine", "iodine", "falcon")  # fmt: skip
HTTP_CLIENTS = (
    "faraday",
    "httparty",
    "rest-client",
    "http",
    "stripe",
    "aws-sdk-s3",
    "sentry-ruby",
    "octokit",
    "typhoeus",
    "excon",
)
PATTERNS = {
    "sinatra": bounded(r"""^[ \t]*require[ (]+["']sinatra["']""", 8),
    "sinatra_port": bounded(r"^[ \t]*set[ (]+:port,\s*(?:ENV[^\n]*?)?(\d{2,5})", 8),
    "env_required": bounded(r"""\bENV\.fetch\(\s*["']([A-Z][A-Z0-9_]+)["']\s*\)(?!\s*(?:\{|do\b))"""),
    "env": bounded(r"""\bENV(?:\.fetch\(\s*|\[\s*)["']([A-Z][A-Z0-9_]+)["']"""),
    "health": bounded(
        r"""^[ \t]*get[ (]+["'](/?(?:up|health|healthz|health_check|healthcheck|ping|livez|readyz|status))["']""",
        8,
    ),
    "shell": bounded(
        r"""(?:^|[^\w.:])(?:Kernel\.)?(?:system|spawn)[ (]+["']|\bOpen3\.|%x[\[({]|=\s*`[^`\n]+`"""
    ),
    "net": bounded(r"""^[ \t]*require[ (]+["'](?:net/https?|open-uri)["']""", 8),
    "tmp": bounded(r"\b(?:Tempfile\.|Dir\.(?:mktmpdir|tmpdir)\b)"),
}


class Ruby:
    """The profile ruby."""

    profile = "ruby"

    def find(self, tree: Tree) -> Iterator[Component]:
        """Every folder with a Gemfile, config.ru or gemspec that starts something; else the root's lone script."""
        files = shallow_first(path for path in tree.files if path.endswith((".rb", ".ru")))
        programs = [
            path for path in tree.files if "/bin/" in f"/{path}" and "." not in path.rsplit("/", 1)[-1]
        ]
        folders = _candidates(tree)
        found = False
        for folder in folders:
            inner = [one for one in folders if one != folder and is_inside(one, folder)]
            own = [
                path
                for path in (*files, *programs)
                if is_inside(path, folder) and not any(is_inside(path, one) for one in inner)
            ]
            component = _component(tree, folder, own)
            if component is not None:
                found = True
                yield component
        if not found and not folders and (script := _lone_script(tree, files)):
            yield script


LANGUAGE = Ruby()


def _candidates(tree: Tree) -> list[str]:
    manifests = (*tree.named("Gemfile", "gems.rb", "config.ru"), *tree.named("*.gemspec"))
    folders = {folder_of(path) for path in manifests}
    plain = {folder for folder in folders if not SIDE_FOLDERS & set(folder.split("/"))}
    return sorted(plain or folders, key=lambda folder: (folder != ".", folder.count("/"), folder))[:200]


def _component(tree: Tree, folder: str, own: list[str], *, lone: bool = False) -> Component | None:
    gems = read_gems(tree, folder)
    asked = [gem.name for gem in gems.gems.values() if not gem.development]
    ruby = [path for path in own if not _beside(path, folder)]
    rack = tree.has(join(folder, "config.ru"))
    if gems.gemfile and not rack and asked and set(asked) <= TOOLS and not _starts_here(tree, folder, ruby):
        return None
    hits = search(tree, ruby, PATTERNS)
    start = find_start(tree, gems, folder, hits, ruby)
    specs = files_in(tree, folder, "*.gemspec")
    if start is None and (specs or not ruby or (not gems.gems and not lone)):
        # A library is for other programs; nothing in it starts.
        return None
    facts = FactList()
    _manifest_facts(tree, facts, gems, folder)
    framework = _framework(gems)
    if framework:
        facts.add("framework", framework[0], framework[1].path, framework[1].line)
        if framework[0] == "Rails":
            _rails(tree, facts, gems, folder)
    _start_facts(tree, facts, start, folder)
    _source_facts(facts, hits, gems)
    inside_paths = _path_gems(facts, gems)
    version = gems.pin or gems.version
    return Component(
        name=_name(tree, folder),
        path=folder,
        profile="ruby",
        context=common_folder([folder, *inside_paths]) if inside_paths else folder,
        version=version[0] if version else None,
        package_manager="bundler" if gems.gemfile else None,
        framework=framework[0] if framework else ("Sinatra" if hits["sinatra"] else None),
        entrypoint=start.argv if start else None,
        port=start.port if start else None,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _manifest_facts(tree: Tree, facts: FactList, gems: Gems, folder: str) -> None:
    version = gems.pin or gems.version
    if version:
        facts.add("version", version[0], version[1].path, version[1].line)
    if gems.pin:
        facts.add("version_pin", gems.pin[0], gems.pin[1].path, gems.pin[1].line)
    if gems.version_file:
        facts.add("version_file", gems.version_file, gems.version_file, 1)
    if gems.gemfile is None:
        return
    facts.add("package_manager", "bundler", gems.gemfile)
    facts.add("gemfile", gems.gemfile, gems.gemfile)
    if gems.lock:
        facts.add("lock", gems.lock, gems.lock)
        _platforms(facts, gems)
    else:
        facts.problem(
            "There is no Gemfile.lock, so every build may take other gems: run `bundle lock` and keep the file",
            gems.gemfile,
        )
    if _vendored(tree, folder):
        facts.add("vendored", True, gems.gemfile)
    for path in files_in(tree, folder, "*.gemspec"):
        facts.add("gemspec", path, path)
    _native_gems(facts, gems)
    for gem in gems.gems.values():
        if gem.git and not gem.development:
            facts.add("git_gem", gem.name, gem.evidence.path, gem.evidence.line)
    if (evidence := gems.has(*HTTP_CLIENTS)) is not None:
        facts.add("ca_certificates", True, evidence.path, evidence.line)


def _native_gems(facts: FactList, gems: Gems) -> None:
    """Add the gems with C code: linked to a library of the system, brought along built for glibc alone, or just compiled."""
    for name in LINKED:
        if (evidence := gems.resolved(name)) is None:
            continue
        built = gems.precompiled(name, "linux")
        if built is None:
            facts.add("native", name, evidence.path, evidence.line)
        elif built and gems.precompiled(name, "linux", "musl") is None and gems.lock:
            facts.add("glibc_gem", name, gems.lock, built)
    for name in COMPILED:
        if (evidence := gems.resolved(name)) is not None:
            facts.add("compiled", name, evidence.path, evidence.line)


def _platforms(facts: FactList, gems: Gems) -> None:
    """A lock that was made on another system names only that one, and bundler refuses to install from it on Linux."""
    if not gems.platforms or any(name == "ruby" or "linux" in name for name in gems.platforms):
        return
    name, line = next(iter(gems.platforms.items()))
    facts.add("lock_without_linux", True, gems.lock, line)
    facts.problem(
        f"Gemfile.lock was made for {name} alone; the build adds Linux. Run `bundle lock --add-platform x86_64-linux aarch64-linux` and keep the result",
        gems.lock,
        line,
    )


def _vendored(tree: Tree, folder: str) -> bool:
    cache = join(folder, "vendor/cache")
    return tree.has_folder(cache) or (join(folder, "vendor") in tree.skipped and (tree.root / cache).is_dir())


def _path_gems(facts: FactList, gems: Gems) -> list[str]:
    found = []
    for gem in gems.gems.values():
        if gem.path is None or gem.path == ".":
            continue
        path = gem_path(gems, gem.path)
        if path is None:
            facts.problem(
                f"The gem {gem.name} is taken from {gem.path}, which is outside of the folder that was opened",
                gem.evidence.path,
                gem.evidence.line,
            )
            continue
        facts.add("path_gem", path, gem.evidence.path, gem.evidence.line)
        found.append(path)
    return found


def _framework(gems: Gems) -> tuple[str, Evidence] | None:
    for name, title in FRAMEWORKS.items():
        if (evidence := gems.has(name)) is not None:
            return title, evidence
    return None


def _rails(tree: Tree, facts: FactList, gems: Gems, folder: str) -> None:
    credentials = join(folder, "config/credentials.yml.enc")
    if tree.has(credentials):
        facts.add("env_required", "RAILS_MASTER_KEY", credentials)
    else:
        evidence = gems.has("rails", "railties") or Evidence(gems.gemfile or "Gemfile")
        facts.add("env_required", "SECRET_KEY_BASE", evidence.path, evidence.line)
    if tree.has_folder(join(folder, "app/assets")) or tree.has_folder(join(folder, "app/javascript")):
        pipeline = (
            gems.resolved("propshaft")
            or gems.resolved("sprockets-rails")
            or gems.resolved("sprockets")
            or gems.resolved("vite_rails")
        )
        if pipeline:
            facts.add("rails_assets", True, pipeline.path, pipeline.line)
            package = join(folder, "package.json")
            if tree.has(package):
                lock = next(
                    (
                        name
                        for name in ("yarn.lock", "package-lock.json", "pnpm-lock.yaml", "bun.lock")
                        if tree.has(join(folder, name))
                    ),
                    None,
                )
                facts.add("asset_packages", package, package)
                if lock:
                    facts.add("asset_lock", join(folder, lock), join(folder, lock))
    if (bootsnap := gems.has("bootsnap")) is not None:
        facts.add("bootsnap", True, bootsnap.path, bootsnap.line)
    for name in ("db/migrate", "db/schema.rb"):
        place = join(folder, name)
        if tree.has(place) or tree.has_folder(place):
            facts.add(
                "migrations",
                True,
                join(folder, "db/schema.rb")
                if tree.has(join(folder, "db/schema.rb"))
                else next(iter(tree.under(place))).path,
            )
            break
    for name in ("tmp", "log", "storage"):
        facts.add("writes", name, gems.gemfile)
    if (sqlite := gems.has("sqlite3")) is not None:
        facts.add("writes", "db", sqlite.path, sqlite.line)
    if (database := gems.has("pg", "mysql2", "trilogy")) is not None:
        facts.add("env", "DATABASE_URL", database.path, database.line)


def _start_facts(tree: Tree, facts: FactList, start: Start | None, folder: str) -> None:
    if start is None:
        facts.problem("What starts it was not found: state the entry point")
        return
    place = start.evidence
    facts.add(
        start.key if start.key == "server" else "start",
        start.argv,
        place.path if place else None,
        place.line if place else None,
    )
    if start.port and start.port_evidence:
        facts.add("port", start.port, start.port_evidence.path, start.port_evidence.line)
    if start.problem:
        facts.problem(start.problem, place.path if place else None, place.line if place else None)
    for process in read_procfile(tree, join(folder, "Procfile")):
        if process.name not in ("web", "release"):
            facts.add("worker", process.command, join(folder, "Procfile"), process.line)


def _source_facts(facts: FactList, hits: dict[str, list[Hit]], gems: Gems) -> None:
    skipped = {"PORT", "RAILS_ENV", "RACK_ENV", "BUNDLE_GEMFILE", "APP_ENV", "CI", "PIDFILE"}
    for hit in hits["env_required"]:
        if hit.text not in skipped and "/environments/" not in hit.path and "config/deploy" not in hit.path:
            facts.add("env_required", hit.text, hit.path, hit.line)
    for hit in hits["env"]:
        if hit.text not in skipped:
            facts.add("env", hit.text, hit.path, hit.line)
    health = min(hits["health"], key=lambda hit: len(hit.text), default=None)
    if health is not None:
        facts.add("health_path", "/" + health.text.lstrip("/"), health.path, health.line)
    if hits["sinatra"] and not gems.has("sinatra"):
        facts.add("framework", "Sinatra", hits["sinatra"][0].path, hits["sinatra"][0].line)
    for key, name in (("shell", "shell"), ("tmp", "writes_tmp"), ("net", "ca_certificates")):
        if hits[key]:
            facts.add(name, True, hits[key][0].path, hits[key][0].line)


def _beside(path: str, folder: str) -> bool:
    """Whether the file is for tests, tasks or deployment, not for the program."""
    inside = path if folder == "." else path.removeprefix(folder + "/")
    parts = inside.split("/")
    return bool(
        {"test", "tests", "spec", "features", "db", "examples", "benchmark", "vendor", "fastlane"}
        & set(parts[:-1])
    ) or (parts[-1].endswith(("_test.rb", "_spec.rb")) or inside == "config/deploy.rb")


def _starts_here(tree: Tree, folder: str, ruby: list[str]) -> bool:
    from slimdesk.project.languages.ruby_start import SCRIPTS

    return any(join(folder, name) in ruby for name in SCRIPTS) or tree.has(join(folder, "Procfile"))


def _lone_script(tree: Tree, files: list[str]) -> Component | None:
    here = [path for path in files if "/" not in path]
    others = tree.named(
        "go.mod",
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "composer.json",
        "pom.xml",
        "Cargo.toml",
        "*.csproj",
    )
    if not here or next(iter(others), None) is not None:
        return None
    component = _component(tree, ".", [path for path in files if not _beside(path, ".")], lone=True)
    return component if component and component.entrypoint else None


def _name(tree: Tree, folder: str) -> str:
    return tree.root.name if folder in (".", "") else folder.rsplit("/", 1)[-1]
