"""The Node.js recipe: which families, which Node.js, and Dockerfiles that BuildKit and hadolint accept.

SLIMDESK_UPDATE_GOLDEN=1 writes the golden files anew.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.project.model import Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "node_golden"
DATA = Path(__file__).parents[2] / "data/projects"
SERVED = tuple(family for family in FAMILIES if family not in ("chiselled", "scratch"))
HADOLINT = Path(sys.executable).parent / "hadolint"


def component_of(project, name=None):
    components = [one for one in detect(DATA / project).components if one.profile == "node"]
    return components[0] if name is None else next(one for one in components if one.name == name)


EXPRESS = component_of("node-express")
NEST = component_of("node-nest")
WORKSPACE = component_of("node-pnpm-workspace", "api")


def with_facts(component, *facts, without=(), **fields):
    """The component with these facts instead of its own of the same keys."""
    kept = tuple(fact for fact in component.facts if fact.key not in {*without, *(one.key for one in facts)})
    return replace(component, facts=(*kept, *facts), **fields)


def generated(component, family, catalog, **options):
    return generate(component, family, catalog, Options(**options))


def text_of(component, family, catalog, **options):
    return generated(component, family, catalog, **options).text


def keywords(text):
    return [command.cmd.upper() for command in buildkit.parse_string(text)]


def stage_text(text, name):
    return next(part for part in text.split("\n\n") if f" AS {name}\n" in part)


VARIANTS = [
    (name, component, family)
    for name, component in (("express", EXPRESS), ("nest", NEST), ("pnpm-workspace", WORKSPACE))
    for family in (*SERVED, None)
    # Chainguard's free image is newer than what the other two ask for.
    if family != "chainguard" or component is EXPRESS
]


@pytest.mark.parametrize(("name", "component", "family"), VARIANTS)
def test_golden(name, component, family, catalog):
    text = text_of(component, family, catalog, healthcheck=True)
    path = GOLDEN / f"{name}-{family or 'baseline'}.Dockerfile"
    if os.environ.get("SLIMDESK_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()
    assert keywords(text).count("ENTRYPOINT") == 1


@pytest.mark.skipif(
    not HADOLINT.exists() and not shutil.which("hadolint"), reason="hadolint is not installed"
)
def test_hadolint_warns_of_nothing():
    found = []
    for path in sorted(GOLDEN.glob("*.Dockerfile")):
        tool = str(HADOLINT) if HADOLINT.exists() else "hadolint"
        result = subprocess.run(
            [tool, "--format", "json", str(path)], capture_output=True, text=True, check=False
        )
        found += [
            (path.name, one["line"], one["code"], one["message"])
            for one in json.loads(result.stdout)
            if one["level"] in ("warning", "error")
        ]
    assert found == []


def test_every_instruction_says_why(catalog):
    for _, component, family in VARIANTS:
        for one in generated(component, family, catalog).dockerfile.instructions():
            assert one.reason, one
    lines = generated(EXPRESS, "distroless", catalog).dockerfile.instructions()
    by_keyword = {one.keyword: one for one in lines}
    assert str(by_keyword["ENTRYPOINT"].evidence) == "package.json:7"
    assert str(by_keyword["EXPOSE"].evidence) == "src/server.js:4"


def test_families_and_the_recommended_one(catalog):
    found = fits(EXPRESS, catalog)
    assert tuple(fit.family for fit in found) == FAMILIES
    assert {fit.family for fit in found if not fit.available} == {"chiselled", "scratch"}
    assert all(fit.reason for fit in found)
    assert recommended(found).family == "distroless"
    ranks = [fit.rank for fit in found if fit.available]
    assert len(ranks) == len(set(ranks))


def test_build_and_run_have_one_version_and_one_c_library(catalog):
    for version in (None, ">=22", "22", "24.x", "26", "lts/*"):
        for fit in fits(with_facts(EXPRESS, version=version), catalog):
            if fit.available:
                assert fit.builder.version == fit.base.version
                assert fit.builder.libc == fit.base.libc


@pytest.mark.parametrize(
    ("version", "image"),
    [
        (None, "24"), (">=20", "24"), ("22", "22"), ("22.11.0", "22"), ("^24.0.0", "24"), (">=26", "26"), ("lts/jod", "22"),
        ("22 || 24", "24"), (">=25", "26"),
    ],
)  # fmt: skip
def test_the_version_that_the_project_asks_for(version, image, catalog):
    fit = {fit.family: fit for fit in fits(with_facts(EXPRESS, version=version), catalog)}["distroless"]
    assert fit.base.reference == f"gcr.io/distroless/nodejs{image}-debian13:nonroot"


def test_a_version_that_a_family_does_not_have(catalog):
    found = {fit.family: fit for fit in fits(with_facts(EXPRESS, version="22"), catalog)}
    assert not found["chainguard"].available
    assert "26" in found["chainguard"].reason
    assert "22" in found["chainguard"].reason
    between = {fit.family: fit for fit in fits(with_facts(EXPRESS, version="25"), catalog)}
    assert between["slim"].base.version == "26"
    future = fits(with_facts(EXPRESS, version=">=90"), catalog)
    assert not any(fit.available for fit in future)


def test_an_ended_version_becomes_the_nearest_with_a_warning(catalog):
    old = with_facts(EXPRESS, version="18.x")
    found = {fit.family: fit for fit in fits(old, catalog)}
    assert found["slim"].base.version == "22"
    assert "18.x" in found["slim"].reason
    (finding,) = [one for one in generated(old, "slim", catalog).findings if one.rule == "ended-version"]
    assert finding.severity == "warning"


def test_the_user_is_a_number_and_never_root(catalog):
    users = {"full": "1000:1000", "slim": "1000:1000", "alpine": "1000:1000", "hardened": "1000:1000"}
    for family in SERVED:
        assert f"\nUSER {users.get(family, '65532:65532')}\n" in text_of(EXPRESS, family, catalog)
    assert "USER" not in keywords(text_of(NEST, None, catalog))


def test_no_shell_is_asked_of_an_image_without_one(catalog):
    for family in ("distroless", "hardened"):
        for component in (EXPRESS, NEST, WORKSPACE):
            final = text_of(component, family, catalog, healthcheck=True).split("AS final")[1]
            assert "RUN" not in keywords(f"FROM x AS final{final}")


def test_the_code_is_roots(catalog):
    final = text_of(NEST, "distroless", catalog).split("AS final")[1]
    assert "chown" not in final
    # WORKDIR makes a missing folder its user's, so it comes after what fills it.
    assert final.index("COPY") < final.index("WORKDIR")


def test_cache_mounts_are_an_option(catalog):
    assert "--mount=type=cache,target=/root/.npm " in text_of(EXPRESS, "slim", catalog)
    assert "--mount" not in text_of(EXPRESS, "slim", catalog, cache_mounts=False)
    assert "target=/root/.local/share/pnpm/store" in text_of(WORKSPACE, "slim", catalog)


def test_without_a_lock_file(catalog):
    component = with_facts(EXPRESS, without=("lockfile",))
    made = generated(component, "slim", catalog)
    assert "npm install --omit=dev" in made.text
    assert "package-lock.json" not in made.text
    (finding,) = [one for one in made.findings if one.rule == "no-lock-file"]
    assert finding.severity == "warning"
    reasons = [one.reason for one in made.dockerfile.instructions() if one.keyword == "RUN"]
    assert any("no lock file" in reason for reason in reasons)


def test_without_packages_nothing_is_installed(catalog):
    component = with_facts(EXPRESS, Fact("dependencies", 0), Fact("development_dependencies", 0))
    text = text_of(component, "distroless", catalog)
    assert "npm" not in text
    assert keywords(text).count("FROM") == 1


def test_a_lone_script(catalog, tmp_path):
    (tmp_path / "server.js").write_text('require("http").createServer().listen(8000);\n')
    (component,) = detect(tmp_path).components
    text = text_of(component, "distroless", catalog)
    assert 'ENTRYPOINT ["/nodejs/bin/node", "server.js"]' in text
    assert "npm" not in text


@pytest.mark.parametrize(
    ("facts", "base", "words", "absent"),
    [
        ({"yarn_linker": None, "package_manager_version": "1"}, "node:24", ["yarn install --production --frozen-lockfile"], ["npm install --global"]),
        ({"yarn_linker": "pnp", "package_manager_version": "4.5.0"}, "node:24",
         ["npm install --global --force @yarnpkg/cli-dist@4.5.0", 'YARN_NODE_LINKER="node-modules"', "yarn workspaces focus --production --all"], ["corepack"]),
        ({"yarn_linker": "pnp", "package_manager_version": "3.8.1"}, "node:24", ["plugin import workspace-tools"], []),
        ({"yarn_linker": "node-modules", "yarn_path": ".yarn/releases/yarn-4.5.0.cjs", "manager_folder": ".yarn"}, "node:24",
         ["node .yarn/releases/yarn-4.5.0.cjs workspaces focus", "COPY .yarn ./.yarn"], ["npm install --global"]),
    ],
)  # fmt: skip
def test_yarn(facts, base, words, absent, catalog):
    given = [Fact("lockfile", "yarn.lock"), *(Fact(key, value) for key, value in facts.items())]
    text = text_of(with_facts(EXPRESS, *given, package_manager="yarn"), "slim", catalog)
    assert base in text
    for word in words:
        assert word in text
    for word in absent:
        assert word not in text
    buildkit.parse_string(text)


def test_yarn_1_is_installed_where_the_image_has_none(catalog):
    given = (Fact("lockfile", "yarn.lock"), Fact("package_manager_version", "1"))
    component = with_facts(EXPRESS, *given, package_manager="yarn", version="26")
    assert "npm install --global yarn@1.22.22" in text_of(component, "slim", catalog)


def test_bun_as_a_package_manager_and_as_a_runtime(catalog):
    component = with_facts(EXPRESS, Fact("lockfile", "bun.lock"), package_manager="bun")
    assert "bun install --production --frozen-lockfile" in text_of(component, "slim", catalog)
    program = with_facts(component, entrypoint=("bun", "src/index.ts"))
    assert "FROM oven/bun:1-slim AS final" in text_of(program, "slim", catalog)
    with pytest.raises(UnavailableFamily, match="C library"):
        generated(program, "scratch", catalog)


def test_native_packages(catalog):
    place = Evidence("package.json", 9)
    component = with_facts(
        EXPRESS, Fact("native", "sqlite3", place), Fact("native_compiled", "sqlite3", place)
    )
    found = {fit.family: fit for fit in fits(component, catalog)}
    assert found["distroless"].builder.reference == "node:24-trixie"
    assert "sqlite3 (package.json:9)" in found["alpine"].reason
    assert "apk add --no-cache python3 make g++" in text_of(component, "alpine", catalog)
    final = stage_text(text_of(component, "alpine", catalog), "final")
    assert "apk" not in final
    assert 'npm_package_config_node_gyp_nodedir="/usr/local"' in text_of(component, "slim", catalog)
    assert "npm pkg set --json 'allowScripts[sqlite3]=true' && " in stage_text(
        text_of(component, "slim", catalog), "production"
    )


def test_scripts_are_allowed_where_the_project_has_not_decided(catalog):
    facts = [Fact("native", "sqlite3"), Fact("native", "bcrypt"), Fact("decided_script", "bcrypt")]
    text = text_of(with_facts(EXPRESS, *facts), "slim", catalog)
    assert "npm pkg set --json 'allowScripts[sqlite3]=true' && " in text
    assert "allowScripts[bcrypt]" not in text
    # The baseline is built with the same npm.
    assert "allowScripts[sqlite3]=true" in text_of(with_facts(EXPRESS, *facts), None, catalog)


def test_tools_that_npm_keeps_as_optional_peers_are_taken_out(catalog):
    component = with_facts(EXPRESS, Fact("development_peer", "prisma", Evidence("package.json", 9)))
    production = stage_text(text_of(component, "distroless", catalog), "production")
    assert "npm pkg delete devDependencies && " in production.replace("\\\n    ", "")
    assert production.rstrip().endswith("npm prune --omit=dev --no-audit --no-fund")
    reasons = [one.reason for one in generated(component, "distroless", catalog).dockerfile.instructions()]
    assert any("prisma as an optional peer" in one for one in reasons)
    others = with_facts(component, package_manager="pnpm")
    assert "npm prune" not in text_of(others, "distroless", catalog)


def test_a_server_among_the_packages_ships_what_the_build_made_alone(catalog):
    component = with_facts(
        EXPRESS,
        Fact("build", "npm run build"),
        Fact("output", "build"),
        entrypoint=("node", "node_modules/@react-router/serve/dist/cli.js", "./build/server/index.js"),
    )
    final = stage_text(text_of(component, "distroless", catalog), "final")
    assert "COPY --from=build /app/build /app/build" in final
    assert "/app/ /app/" not in final


def test_a_program_that_calls_a_shell_gets_one(catalog):
    component = with_facts(EXPRESS, Fact("shell", True, Evidence("src/run.js", 5)))
    found = fits(component, catalog)
    assert recommended(found).base.shell
    assert "src/run.js:5" in {fit.family: fit for fit in found}["distroless"].reason


def test_a_correction_may_say_no(catalog):
    component = with_facts(EXPRESS, Fact("shell", False), Fact("native", False))
    assert fits(component, catalog) == fits(EXPRESS, catalog)


def test_browsers_need_an_image_that_can_install_their_libraries(catalog):
    component = with_facts(EXPRESS, Fact("browser", "puppeteer", Evidence("package.json", 8)))
    found = {fit.family: fit for fit in fits(component, catalog)}
    assert not found["distroless"].available
    assert found["slim"].available
    assert [one.rule for one in generated(component, "slim", catalog).findings].count(
        "browser-libraries"
    ) == 1


def test_prisma(catalog):
    facts = (
        Fact("prisma", "6.1.0", Evidence("package.json", 8)),
        Fact("prisma_schema", "prisma/schema.prisma", Evidence("prisma/schema.prisma")),
        Fact("development_dependencies", 1),
    )
    component = with_facts(EXPRESS, *facts)
    slim = text_of(component, "slim", catalog)
    assert "RUN npx prisma generate" in slim
    assert "COPY --from=build /app/node_modules/.prisma /app/node_modules/.prisma" in slim
    assert "openssl" in stage_text(slim, "final")
    assert "openssl" not in stage_text(text_of(component, "distroless", catalog), "final")
    pnpm = text_of(
        with_facts(component, Fact("lockfile", "pnpm-lock.yaml"), package_manager="pnpm"), "slim", catalog
    )
    assert "COPY --from=build /app/node_modules /app/node_modules" in pnpm


def test_install_scripts_of_the_project(catalog):
    component = with_facts(NEST, Fact("development_script", "postinstall"), Fact("install_file", "prisma"))
    text = text_of(component, "slim", catalog)
    assert "npm pkg delete scripts.prepare && \\\n    npm ci --no-audit" in stage_text(text, "dependencies")
    assert "npm pkg delete scripts.prepare scripts.postinstall" in stage_text(text, "production")
    assert "COPY prisma ./prisma" in text
    everything = text_of(with_facts(component, Fact("install_file", ".")), "slim", catalog)
    assert "COPY . ./" in stage_text(everything, "dependencies")


def test_a_registrys_settings_stay_out_of_the_image(catalog):
    component = with_facts(EXPRESS, Fact("npmrc", ".npmrc"))
    text = text_of(component, "distroless", catalog)
    assert "COPY package.json package-lock.json .npmrc ./" in text
    assert "rm -rf" in stage_text(text, "build")
    assert "/app/.npmrc" in stage_text(text, "build")
    assert "COPY --from=build /app/ /app/" in stage_text(text, "final")


def test_a_build_whose_output_is_not_where_the_program_starts(catalog):
    component = with_facts(
        EXPRESS,
        Fact("build", "npm run build"),
        Fact("output", "public/assets"),
        Fact("development_dependencies", 2),
    )
    text = text_of(component, "slim", catalog)
    assert "RUN rm -rf /app/node_modules" in text
    final = stage_text(text, "final")
    assert final.index("/app/node_modules") < final.index("COPY --from=build /app/ /app/")


def test_typescript_that_is_run_as_it_stands_keeps_its_tools(catalog):
    facts = (Fact("typescript_runner", "tsx"), Fact("development_runner", "tsx"))
    component = with_facts(EXPRESS, *facts, entrypoint=("node", "--import", "tsx", "src/index.ts"))
    text = text_of(component, "distroless", catalog)
    assert "npm ci --no-audit" in text
    assert "--omit=dev" not in text
    assert 'ENTRYPOINT ["/nodejs/bin/node", "--import", "tsx", "src/index.ts"]' in text


NEXT = with_facts(
    NEST,
    Fact("output", ".next"),
    Fact("asset", "public"),
    Fact("host_env", "HOSTNAME"),
    Fact("dependencies", 3),
    framework="next",
)


def test_next_standalone(catalog):
    component = with_facts(NEXT, Fact("layout", "next-standalone"), entrypoint=("node", "server.js"))
    text = text_of(component, "distroless", catalog)
    assert " AS production" not in text
    assert "COPY --from=build /app/.next/standalone/ /app/" in text
    assert "COPY --from=build --chown=65532:65532 /app-next /app/.next" in text
    assert "COPY --from=build /app/public /app/public" in text
    assert 'HOSTNAME="0.0.0.0"' in text
    assert 'ENTRYPOINT ["/nodejs/bin/node", "server.js"]' in text
    baseline = text_of(component, None, catalog)
    assert "mv " not in baseline
    assert '"/app/.next/standalone/server.js"' in baseline


def test_next_standalone_in_a_workspace(catalog):
    component = with_facts(
        WORKSPACE,
        Fact("layout", "next-standalone"),
        Fact("output", ".next"),
        entrypoint=("node", "server.js"),
    )
    text = text_of(component, "slim", catalog)
    assert "mv .next/standalone/apps/api/.next /app-next" in text
    assert "COPY --from=build --chown=1000:1000 /app-next /app/apps/api/.next" in text
    assert 'ENTRYPOINT ["/usr/local/bin/node", "apps/api/server.js"]' in text
    assert "\nWORKDIR /app\nUSER" in text


def test_next_with_its_packages(catalog):
    start = ("node", "node_modules/next/dist/bin/next", "start")
    component = with_facts(NEXT, Fact("layout", "next"), entrypoint=start)
    made = generated(component, "distroless", catalog)
    assert "COPY --from=build --chown=65532:65532 /app/.next /app/.next" in made.text
    assert "COPY --from=production /app/node_modules /app/node_modules" in made.text
    assert "next-standalone" in [one.rule for one in made.findings]


def test_nuxt_ships_its_output_alone(catalog):
    component = with_facts(
        NEST,
        Fact("layout", "nuxt"),
        Fact("output", ".output"),
        entrypoint=("node", ".output/server/index.mjs"),
    )
    final = stage_text(text_of(component, "distroless", catalog), "final")
    assert "COPY --from=build /app/.output /app/.output" in final
    assert "node_modules" not in final


def test_npm_workspaces(catalog):
    component = with_facts(
        WORKSPACE, Fact("lockfile", "package-lock.json"), Fact("build", "npm run build"), package_manager="npm",
        without=("package_manager_version", "manager_file"),
    )  # fmt: skip
    text = text_of(component, "distroless", catalog)
    assert "npm ci --omit=dev --workspace=apps/api" in text
    assert "COPY packages/shared/package.json ./packages/shared/" in text
    assert text.index("WORKDIR /app/packages/shared") < text.index("WORKDIR /app/apps/api")
    assert "COPY --from=production /app /app" in text


def test_a_start_that_only_npm_understands(catalog):
    component = with_facts(EXPRESS, Fact("start", "./run.sh", Evidence("package.json", 7)), entrypoint=None)
    found = {fit.family: fit for fit in fits(component, catalog)}
    assert not found["distroless"].available
    assert "package.json:7" in found["distroless"].reason
    assert 'ENTRYPOINT ["npm", "start"]' in text_of(component, "slim", catalog)


def test_health_checks_ask_with_node(catalog):
    text = text_of(EXPRESS, "distroless", catalog, healthcheck=True)
    assert 'HEALTHCHECK CMD ["/nodejs/bin/node", "-e", ' in text
    assert "/healthz" in text
    assert "HEALTHCHECK" not in text_of(EXPRESS, "distroless", catalog)


def test_the_debug_variant_keeps_what_starts_the_program(catalog):
    text = text_of(EXPRESS, "distroless", catalog, debug=True)
    assert "gcr.io/distroless/nodejs24-debian13:debug-nonroot" in text
    assert 'ENTRYPOINT ["/nodejs/bin/node", "src/server.js"]' in text


def test_ignored_files(catalog):
    assert "\ndist\n" in generated(NEST, "slim", catalog).dockerignore
    assert "\n**/*.test.js\n" in generated(EXPRESS, "slim", catalog).dockerignore
    tests = with_facts(EXPRESS, entrypoint=("node", "test/server.js"))
    assert "\ntest\n" not in generated(tests, "slim", catalog).dockerignore


HOSTILE = [
    '"; RUN rm -rf /',
    "a\nRUN touch /owned\nUSER 0",
    "\x1b[31m\u202e",
    "$(touch /x) ${PATH} `id`",
    "--from=scratch",
    "'\"\\ \\",
    "x" * 4_000,
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("family", ["distroless", "slim", "alpine", None])
@pytest.mark.parametrize("component", [EXPRESS, NEST, WORKSPACE], ids=["express", "nest", "workspace"])
def test_hostile_facts_never_become_an_instruction(component, family, value, catalog):
    place = Evidence(value, 1)
    keys = [
        fact.key
        for fact in component.facts
        if fact.key not in ("runtime", "output", "dependencies", "development_dependencies")
    ]
    extra = (
        "start_env",
        "asset",
        "npmrc",
        "manager_folder",
        "port_env",
        "host_env",
        "install_file",
        "native",
        "hook_script",
        "yarn_path",
    )
    facts = [Fact(key, f"A={value}" if key == "start_env" else value, place) for key in (*keys, *extra)]
    hostile = with_facts(
        component,
        *facts,
        Fact("output", value, place),
        entrypoint=("node", value),
        name=value,
        framework=value,
    )
    text = text_of(hostile, family, catalog, healthcheck=True)
    found = buildkit.parse_string(text)
    assert {command.cmd.upper() for command in found} <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "LABEL", "HEALTHCHECK", "ENTRYPOINT",
    }  # fmt: skip
    users = [command.value for command in found if command.cmd.upper() == "USER"]
    assert all(user[0].startswith(("1000:", "65532:")) for user in users)
    assert "\x1b" not in text
    for command in found:
        if command.cmd.upper() == "RUN":
            script = subprocess.run(["sh", "-n", "-c", command.value[0]], capture_output=True, check=False)
            assert script.returncode == 0, command.value[0][:300]
            lexer = shlex.shlex(command.value[0], posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            assert {word for word in lexer if word and set(word) <= set(";&|<>()")} <= {"&&"}
