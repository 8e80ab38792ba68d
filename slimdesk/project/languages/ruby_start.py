"""What starts a Ruby component: Procfile, Rails, a Rack server, a Sinatra file, a gem's program, a script."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from slimdesk.project.code_search import Hit, files_in
from slimdesk.project.languages.ruby_gems import Gems, executable_of
from slimdesk.project.manifests import read_procfile
from slimdesk.project.model import Evidence
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, join

RAILS_PORT = 3000
RACK_PORT = 9292
SINATRA_PORT = 4567
ANY = "0.0.0.0"  # noqa: S104 - the container has a network of its own
SCRIPTS = ("main.rb", "app.rb", "server.rb", "bot.rb", "worker.rb", "run.rb", "start.rb", "cli.rb")
_SHELL = re.compile(r"[|;&<>`*?()]")
_PUMA_PORT = bounded(
    r"""^[ \t]*(?:port[ (]+(?:ENV(?:\.fetch\(|\[)\s*["'](\w+)["']\s*[\])]?\s*(?:,|\{|\|\|)?\s*["']?)?(\d{2,5})|bind[ (]+["']tcp://[^:"'\n]*:(\d{2,5}))""",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$\{?([A-Z_]{1,40})(?::-([^}]{0,40}))?\}?")


@dataclass(frozen=True, slots=True)
class Start:
    """argv, the kind of thing that says so (a fact's key), its place, and the port if it listens."""

    argv: tuple[str, ...]
    key: str
    evidence: Evidence | None
    port: int | None = None
    port_evidence: Evidence | None = None
    problem: str | None = None


def find_start(
    tree: Tree, gems: Gems, folder: str, hits: dict[str, list[Hit]], own: list[str]
) -> Start | None:
    """Return the best of what starts the component."""
    return (
        _procfile(tree, gems, folder)
        or _rack(tree, gems, folder)
        or _sinatra(gems, folder, hits)
        or _worker(gems)
        or _gem_program(tree, folder)
        or _script(tree, gems, folder, own)
    )


def _bundled(gems: Gems, *words: str) -> tuple[str, ...]:
    return ("bundle", "exec", *words) if gems.gemfile else words


def _procfile(tree: Tree, gems: Gems, folder: str) -> Start | None:
    path = join(folder, "Procfile")
    web = next((one for one in read_procfile(tree, path) if one.name == "web"), None)
    if web is None or _SHELL.search(web.command):
        return None
    port, place = _server_port(tree, gems, folder)

    def value(match: re.Match[str]) -> str:
        if match.group(1) == "PORT":
            return str(port)
        return {"RAILS_ENV": "production", "RACK_ENV": "production"}.get(match.group(1), match.group(2) or "")

    try:
        words = shlex.split(_VARIABLE.sub(value, web.command))
    except ValueError:
        return None
    if not words or "=" in words[0]:
        return None
    if words[0] in ("bin/rails", "./bin/rails", "bin/rake"):
        words = ["ruby", *words]
    elif words[0] == "rails":
        words = ["bundle", "exec", *words]
    if "server" in words and "-b" not in words and "--binding" not in words and "rails" in " ".join(words):
        words += ["-b", ANY]
    stated = re.search(r"(?:-p|--port)[ =]?(\d{2,5})|:(\d{2,5})(?:\s|$)", _VARIABLE.sub(value, web.command))
    if stated:
        port, place = int(stated.group(1) or stated.group(2)), Evidence(path, web.line)
    return Start(tuple(words), "start", Evidence(path, web.line), port, place or Evidence(path, web.line))


def _server_port(tree: Tree, gems: Gems, folder: str) -> tuple[int, Evidence | None]:
    """Return the port that puma's configuration states, else the framework's."""
    for name in ("config/puma.rb", "puma.rb", "config/puma/production.rb"):
        path = join(folder, name)
        text = tree.text(path) or ""
        if match := _PUMA_PORT.search(text):
            number = int(match.group(2) or match.group(3))
            return number, Evidence(path, text.count("\n", 0, match.start()) + 1)
    return (RAILS_PORT if gems.has("rails") else RACK_PORT), None


def _rack(tree: Tree, gems: Gems, folder: str) -> Start | None:
    config = join(folder, "config.ru")
    if not tree.has(config):
        return None
    rails = gems.has("rails")
    port, place = _server_port(tree, gems, folder)
    evidence = Evidence(config)
    if puma := gems.resolved("puma"):
        # With a configuration file puma finds it, and its port, by itself.
        words: tuple[str, ...] = ("puma",) if place else ("puma", "-b", f"tcp://{ANY}:{port}")
        if place and place.path.endswith("/puma.rb") and not place.path.endswith("config/puma.rb"):
            words = ("puma", "-C", "puma.rb")
        return Start(_bundled(gems, *words), "server", puma, port, place or puma)
    if falcon := gems.resolved("falcon"):
        return Start(
            _bundled(gems, "falcon", "serve", "--bind", f"http://{ANY}:{port}"),
            "server",
            falcon,
            port,
            falcon,
        )
    if unicorn := gems.resolved("unicorn"):
        own = join(folder, "config/unicorn.rb")
        words = (
            ("unicorn", "-p", "8080", "-c", "config/unicorn.rb")
            if tree.has(own)
            else ("unicorn", "-p", "8080")
        )
        return Start(_bundled(gems, *words), "server", unicorn, 8080, unicorn)
    if thin := gems.resolved("thin"):
        return Start(_bundled(gems, "thin", "start", "-a", ANY, "-p", str(port)), "server", thin, port, thin)
    if rails:
        return Start(
            ("ruby", "bin/rails", "server", "-b", ANY, "-p", str(port)), "server", rails, port, rails
        )
    problem = None
    if not gems.resolved("rackup") and not gems.resolved("webrick"):
        problem = (
            'config.ru is there, and Gemfile lists no web server: add `gem "puma"` and run `bundle install`'
        )
    words = _bundled(gems, "rackup", "-o", ANY, "-p", str(port), "config.ru")
    return Start(words, "server", evidence, port, evidence, problem)


def _sinatra(gems: Gems, folder: str, hits: dict[str, list[Hit]]) -> Start | None:
    """A file that requires sinatra and is its own server."""
    required = next(iter(hits["sinatra"]), None)
    if required is None:
        return None
    stated = next(iter(hits["sinatra_port"]), None)
    port = int(stated.text) if stated and 0 < int(stated.text) < 65_536 else SINATRA_PORT
    script = required.path if folder == "." else required.path.removeprefix(folder + "/")
    evidence = Evidence(required.path, required.line)
    place = Evidence(stated.path, stated.line) if stated else evidence
    return Start(_bundled(gems, "ruby", script, "-o", ANY, "-p", str(port)), "start", evidence, port, place)


def _worker(gems: Gems) -> Start | None:
    """A folder without a web server whose Gemfile brings one of the job runners."""
    for name, words in (
        ("sidekiq", ("sidekiq",)),
        ("solid_queue", ("rake", "solid_queue:start")),
        ("good_job", ("good_job", "start")),
    ):
        if (evidence := gems.has(name)) is not None:
            return Start(_bundled(gems, *words), "start", evidence)
    return None


def _gem_program(tree: Tree, folder: str) -> Start | None:
    for path in files_in(tree, folder, "*.gemspec"):
        found = executable_of(tree, path)
        for place in ("exe", "bin"):
            if found and tree.has(join(folder, f"{place}/{found[0]}")):
                words = ("bundle", "exec", "ruby", "-Ilib", f"{place}/{found[0]}")
                return Start(words, "start", Evidence(path, found[1]))
    return None


def _script(tree: Tree, gems: Gems, folder: str, own: list[str]) -> Start | None:
    here = [path for path in own if path.rpartition("/")[0] == ("" if folder == "." else folder)]
    named = [join(folder, name) for name in SCRIPTS if join(folder, name) in here]
    scripts = [path for path in here if not path.endswith(("_test.rb", "_spec.rb", "Rakefile"))]
    chosen = named[0] if named else scripts[0] if len(scripts) == 1 else None
    if chosen is None:
        for path in own:
            inside = path if folder == "." else path.removeprefix(folder + "/")
            if inside.startswith("bin/") and re.match(r"#!.{0,60}\bruby", tree.text(path) or ""):
                return Start(_bundled(gems, "ruby", inside), "start", Evidence(path, 1))
        return None
    inside = chosen if folder == "." else chosen.removeprefix(folder + "/")
    return Start(_bundled(gems, "ruby", inside), "start", Evidence(chosen))
