"""Node.js detection: what starts, builds and serves a project, with evidence."""

import json
from pathlib import Path

import pytest

from slimdesk.project.detect import detect

DATA = Path(__file__).parents[2] / "data/projects"


@pytest.fixture
def node(detect_files):
    """Detect a package.json (as a dict) and other files; return the only component."""

    def make(manifest, **files):
        texts = {name.replace("__", "/"): text for name, text in files.pop("files", {}).items()}
        project = detect_files({"package.json": json.dumps(manifest, indent=2), **texts})
        (component,) = project.components
        return component

    return make


def values(component, key):
    return [fact.value for fact in component.all(key)]


def joined(lines):
    return "\n".join(lines)


def messages(component):
    return " ".join(problem.message for problem in component.problems)


def test_express_project():
    (component,) = detect(DATA / "node-express").components
    assert (component.name, component.profile, component.framework) == ("orders-api", "node", "express")
    assert component.entrypoint == ("node", "src/server.js")
    assert (component.port, component.version, component.package_manager) == (3000, ">=22", "npm")
    assert str(component.fact("entrypoint").evidence) == "package.json:7"
    assert str(component.fact("port").evidence) == "src/server.js:4"
    assert component.value("health_path") == "/healthz"
    assert component.value("port_env") == "PORT"
    assert values(component, "env") == ["CURRENCY"]
    assert component.problems == ()


def test_nest_project_starts_what_its_build_makes():
    (component,) = detect(DATA / "node-nest").components
    assert component.framework == "nest"
    assert component.entrypoint == ("node", "dist/main.js")
    assert component.value("build") == "npm run build"
    assert values(component, "output") == ["dist"]
    assert component.value("health_path") == "/api/health"
    assert values(component, "env_required") == ["BILLING_CURRENCY"]
    assert component.version == "24.9.0"
    assert values(component, "hook_script") == ["prepare"]


def test_workspace_members_are_built_from_its_root():
    project = detect(DATA / "node-pnpm-workspace")
    found = {component.name: component for component in project.components}
    assert set(found) == {"api", "web"}
    api = found["api"]
    assert (api.path, api.context, api.package_manager) == ("apps/api", ".", "pnpm")
    assert api.value("package_manager_version") == "10.20.0"
    assert values(api, "workspace_dependency") == ["packages/shared"]
    assert values(api, "workspace_member") == ["apps/api", "apps/web", "packages/shared"]
    assert (api.port, api.framework) == (8080, "fastify")
    assert found["web"].profile == "web"
    assert found["web"].value("output_folder") == "dist"


@pytest.mark.parametrize(
    ("lock", "text", "manager", "version"),
    [
        ("package-lock.json", "{}", "npm", None),
        ("npm-shrinkwrap.json", "{}", "npm", None),
        ("yarn.lock", "# yarn lockfile v1\n", "yarn", "1"),
        ("yarn.lock", "__metadata:\n  version: 8\n", "yarn", "4"),
        ("yarn.lock", "__metadata:\n  version: 6\n", "yarn", "3"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "pnpm", "10"),
        ("pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "pnpm", "8"),
        ("bun.lock", "{}", "bun", None),
    ],
)
def test_package_manager_by_its_lock_file(node, lock, text, manager, version):
    component = node({"scripts": {"start": "node a.js"}}, files={"a.js": "", lock: text})
    assert component.package_manager == manager
    assert component.value("lockfile") == lock
    assert component.value("package_manager_version") == version
    assert (component.value("yarn_linker") == "pnp") == (version in ("3", "4"))


def test_package_manager_field_wins_over_another_lock_file(node):
    component = node(
        {"packageManager": "pnpm@9.1.0+sha256.abc", "scripts": {"start": "node a.js"}},
        files={"a.js": "", "package-lock.json": "{}", "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"},
    )
    assert (component.package_manager, component.value("package_manager_version")) == ("pnpm", "9.1.0")
    assert "package-lock.json is not used" in messages(component)


def test_node_modules_linker_and_yarns_own_program(node):
    component = node(
        {"scripts": {"start": "node a.js"}},
        files={
            "a.js": "",
            "yarn.lock": "__metadata:\n  version: 8\n",
            ".yarnrc.yml": "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.5.0.cjs\n",
        },
    )
    assert component.value("yarn_linker") == "node-modules"
    assert component.value("yarn_path") == ".yarn/releases/yarn-4.5.0.cjs"
    assert component.value("manager_folder") == ".yarn"


@pytest.mark.parametrize(
    ("files", "version", "place"),
    [
        ({".nvmrc": "v22.11.0\n"}, "v22.11.0", ".nvmrc:1"),
        ({".nvmrc": "# ours\nlts/jod\n"}, "lts/jod", ".nvmrc:2"),
        ({".node-version": "24\n"}, "24", ".node-version:1"),
        ({".tool-versions": "python 3.13\nnodejs 24.1.0\n"}, "24.1.0", ".tool-versions:2"),
    ],
)
def test_pins_of_the_version(node, files, version, place):
    component = node(
        {"engines": {"node": ">=20"}, "scripts": {"start": "node a.js"}}, files={"a.js": "", **files}
    )
    assert component.version == version
    assert str(component.fact("version").evidence) == place


def test_versions_that_contradict_each_other(node):
    component = node(
        {"engines": {"node": ">=24"}, "scripts": {"start": "node a.js"}}, files={"a.js": "", ".nvmrc": "22"}
    )
    assert "22 is taken" in messages(component)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("node server.js", ("node", "server.js")),
        ("node ./server", ("node", "server.js")),
        ("node .", ("node", "server.js")),
        ("NODE_ENV=production node server.js --fast", ("node", "server.js", "--fast")),
        ("cross-env NODE_ENV=production node server.js", ("node", "server.js")),
        ("npx dotenv -e .env -- node server.js", ("node", "server.js")),
        ("nodemon server.js", ("node", "server.js")),
        ("nodemon --watch src --exec 'node server.js'", ("node", "server.js")),
        ("node --inspect=0.0.0.0 --watch server.js", ("node", "server.js")),
        ("node --env-file=.env server.js", ("node", "server.js")),
        ("node -r dotenv/config server.js", ("node", "-r", "dotenv/config", "server.js")),
        ("node --max-old-space-size=512 server.js", ("node", "--max-old-space-size=512", "server.js")),
        ("npm run serve", ("node", "server.js")),
        ("yarn serve", ("node", "server.js")),
        ("pnpm run serve", ("node", "server.js")),
        ("mkdir -p logs && node server.js", ("node", "server.js")),
        ("pm2-runtime server.js", ("node", "server.js")),
        ("exec node server.js", ("node", "server.js")),
    ],
)
def test_start_scripts_become_argv(node, script, words):
    component = node(
        {"main": "server.js", "scripts": {"start": script, "serve": "node server.js"}},
        files={"server.js": ""},
    )
    assert component.entrypoint == words


def test_commands_before_the_start_are_told(node):
    component = node(
        {"scripts": {"start": "prisma migrate deploy && node server.js"}}, files={"server.js": ""}
    )
    assert component.entrypoint == ("node", "server.js")
    assert values(component, "also_runs") == ["prisma migrate deploy"]
    assert "prisma migrate deploy" in messages(component)


def test_variables_of_the_start_script_are_kept(node):
    component = node(
        {"scripts": {"start": "MODE=fast TOKEN=$SECRET node server.js"}}, files={"server.js": ""}
    )
    assert values(component, "start_env") == ["MODE=fast"]


def test_a_script_that_only_a_shell_understands_asks_for_the_entry_point(node):
    component = node(
        {"scripts": {"start": "./run.sh"}, "dependencies": {"express": "5"}}, files={"run.sh": ""}
    )
    assert component.entrypoint is None
    assert component.value("start") == "./run.sh"
    assert "Set entrypoint" in messages(component)


def test_endless_scripts_end(node):
    component = node({"scripts": {"start": "npm run b", "b": "npm run start"}}, files={})
    assert component.entrypoint is None


@pytest.mark.parametrize(
    ("manifest", "files", "words"),
    [
        ({"main": "lib/go.js"}, {"lib/go.js": ""}, ("node", "lib/go.js")),
        ({"bin": {"x": "cli.js"}}, {"cli.js": ""}, ("node", "cli.js")),
        ({}, {"server.js": ""}, ("node", "server.js")),
        ({}, {"Procfile": "web: node web.js\n", "web.js": ""}, ("node", "web.js")),
        ({"scripts": {"dev": "node --watch app.mjs"}}, {"app.mjs": ""}, ("node", "app.mjs")),
    ],
)
def test_start_without_a_start_script(node, manifest, files, words):
    assert node({"name": "x", **manifest}, files=files).entrypoint == words


def test_typescript_without_a_framework(node):
    component = node(
        {
            "type": "module",
            "scripts": {"build": "tsc", "start": "tsx src/index.ts"},
            "devDependencies": {"typescript": "5", "tsx": "4"},
        },
        files={
            "tsconfig.json": '{ /* ours */ "compilerOptions": { "outDir": "./out", }, "include": ["src/**/*"] }',
            "src/index.ts": 'import { createServer } from "node:http";\ncreateServer().listen(4000);\n',
        },
    )
    assert component.entrypoint == ("node", "out/index.js")
    assert (component.port, component.framework) == (4000, "http")
    assert component.value("module_type") == "esm"
    assert values(component, "output") == ["out"]


def test_typescript_that_is_never_compiled_keeps_its_runner(node):
    component = node(
        {"scripts": {"start": "tsx watch src/index.ts"}, "devDependencies": {"tsx": "4"}},
        files={"src/index.ts": "console.log(1);\n"},
    )
    assert component.entrypoint == ("node", "--import", "tsx", "src/index.ts")
    assert component.value("development_runner") == "tsx"


@pytest.mark.parametrize(
    ("config", "layout", "words"),
    [
        ('export default { output: "standalone" }', "next-standalone", ("node", "server.js")),
        ("export default {}", "next", ("node", "node_modules/next/dist/bin/next", "start", "-p", "4000")),
    ],
)
def test_next(node, config, layout, words):
    component = node(
        {
            "scripts": {"build": "next build", "start": "next start -p 4000"},
            "dependencies": {"next": "15", "react": "19"},
        },
        files={
            "next.config.mjs": config,
            "app/page.jsx": "",
            "app/api/health/route.js": "",
            "public/a.txt": "",
        },
    )
    assert (component.framework, component.value("layout")) == ("next", layout)
    assert component.entrypoint == words
    assert component.port == 4000
    assert values(component, "output") == [".next"]
    assert component.value("health_path") == "/api/health"
    assert component.value("host_env") == "HOSTNAME"


def test_next_that_is_exported_is_a_front_end(node):
    component = node(
        {"scripts": {"build": "next build"}, "dependencies": {"next": "15"}},
        files={"next.config.js": 'module.exports = { output: "export" };'},
    )
    assert component.profile == "web"


@pytest.mark.parametrize(
    ("dependency", "code", "framework", "port"),
    [
        ("express", 'const app = require("express")();\napp.listen(8081);\n', "express", 8081),
        ("fastify", 'app.listen({ host: "0.0.0.0", port: 8082 });\n', "fastify", 8082),
        ("koa", "const PORT = 8083;\nnew Koa().listen(PORT);\n", "koa", 8083),
        ("@hapi/hapi", 'const server = Hapi.server({ port: 8084, host: "0.0.0.0" });\n', "hapi", 8084),
        ("hono", "serve({ fetch: app.fetch, port: 8085 });\n", "hono", 8085),
        ("express", "app.listen(Number(process.env.PORT ?? 8086));\n", "express", 8086),
        ("express", "app.listen(parseInt(process.env.PORT || '8087', 10));\n", "express", 8087),
        ("express", "const { PORT = 8088 } = process.env;\napp.listen(PORT);\n", "express", 8088),
        (
            "express",
            "const port = process.env.PORT ? Number(process.env.PORT) : 8089;\napp.listen(port);\n",
            "express",
            8089,
        ),
        (
            "express",
            "const env = z.object({ PORT: z.coerce.number().default(8090) }).parse(process.env);\n",
            "express",
            8090,
        ),
        ("@nestjs/core", "await app.listen(config.get('PORT', 8091));\n", "nest", 8091),
        ("express", "app.listen(process.env.PORT);\n", "express", 3000),
    ],
)
def test_frameworks_and_ports(node, dependency, code, framework, port):
    component = node({"main": "server.js", "dependencies": {dependency: "*"}}, files={"server.js": code})
    assert (component.framework, component.port) == (framework, port)


def test_a_port_that_nobody_can_read_is_asked_for(node):
    component = node(
        {"main": "server.js", "dependencies": {"express": "5"}},
        files={"server.js": "app.listen(settings.port());\n"},
    )
    assert component.port is None
    assert "Set port" in messages(component)


def test_the_port_of_an_own_dockerfile(node):
    component = node(
        {"main": "server.js", "dependencies": {"express": "5"}},
        files={"server.js": "app.listen(settings.port());\n", "Dockerfile": "FROM node:24\nEXPOSE 7070\n"},
    )
    assert component.port == 7070
    assert str(component.fact("port").evidence) == "Dockerfile:2"


@pytest.mark.parametrize(
    "code",
    [
        "fastify().listen({ port: 3000 });\n",
        "app.listen(3000, '127.0.0.1');\n",
        "app.listen(3000, 'localhost');\n",
        "const server = Hapi.server({ port: 3000, host: 'localhost' });\nserver.listen();\n",
        "serve({ fetch: app.fetch, hostname: '127.0.0.1' });\nx.listen();\n",
    ],
)
def test_servers_that_nobody_outside_can_reach(node, code):
    component = node({"main": "server.js", "dependencies": {"fastify": "5"}}, files={"server.js": code})
    assert "0.0.0.0" in messages(component)


@pytest.mark.parametrize(
    "code",
    [
        "mysql.createConnection({ host: 'localhost', user: 'root' });\napp.listen(3000);\n",
        "http.request({ host: 'localhost', port: 3000, path: '/healthz' });\napp.listen(3000);\n",
    ],
)
def test_a_client_that_asks_localhost_is_no_server(node, code):
    component = node({"main": "server.js", "dependencies": {"express": "5"}}, files={"server.js": code})
    assert "0.0.0.0" not in messages(component)


def test_a_bundle_beside_the_sources_says_nothing_of_the_server(node):
    bundle = f"var a='{'x' * 6_000}';app.listen(3000, 'localhost')"
    files = {"server.js": "app.listen(3000);\n", "views/socket.io.js": bundle}
    component = node({"main": "server.js", "dependencies": {"express": "5"}}, files=files)
    assert "0.0.0.0" not in messages(component)


def test_environment_variables(node):
    component = node(
        {"main": "a.js"},
        files={
            "a.js": joined(
                [
                    "const { REDIS_URL, LOG_LEVEL = 'info' } = process.env;",
                    "// process.env.COMMENTED",
                    "const url = process.env.DATABASE_URL;",
                    "if (!url) { throw new Error('DATABASE_URL is not set'); }",
                    "if (!process.env.API_KEY) process.exit(1);",
                    "const other = process.env['OTHER'] ?? 'x';",
                    "const must = requireEnv('SIGNING_KEY');",
                    "const env = z.object({",
                    "  STRIPE_KEY: z.string().min(1),",
                    "  FLAG: z.string().optional(),",
                    "  LEVEL: z",
                    "    .string()",
                    "    .default('x'),",
                    "}).parse(process.env);",
                    "process.env.NODE_ENV;",
                ]
            )
        },
    )
    assert set(values(component, "env")) == {
        "REDIS_URL", "LOG_LEVEL", "DATABASE_URL", "API_KEY", "OTHER", "SIGNING_KEY", "STRIPE_KEY", "FLAG", "LEVEL",
    }  # fmt: skip
    assert set(values(component, "env_required")) == {"DATABASE_URL", "API_KEY", "SIGNING_KEY", "STRIPE_KEY"}
    place = next(fact.evidence for fact in component.all("env_required") if fact.value == "API_KEY")
    assert str(place) == "a.js:5"


def test_native_packages_browsers_and_shells(node):
    component = node(
        {
            "main": "a.js",
            "dependencies": {
                "better-sqlite3": "12",
                "sharp": "0.34",
                "puppeteer": "24",
                "@prisma/client": "6.1.0",
            },
            "devDependencies": {"prisma": "6.1.0"},
        },
        files={
            "a.js": 'const { exec } = require("node:child_process");\nexec("ls -l");\n',
            "prisma/schema.prisma": 'datasource db {\n  url = env("DATABASE_URL")\n}\n',
        },
    )
    assert {"better-sqlite3", "sharp"} <= set(values(component, "native"))
    assert values(component, "native_compiled") == ["better-sqlite3"]
    assert values(component, "browser") == ["puppeteer"]
    assert str(component.fact("shell").evidence) == "a.js:2"
    assert component.value("prisma_schema") == "prisma/schema.prisma"
    assert "DATABASE_URL" in values(component, "env_required")


def test_native_packages_that_only_the_lock_file_names(node):
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"express": "5"}},
            "node_modules/sqlite3": {"version": "5.1.7"},
            "node_modules/canvas": {"version": "3", "dev": True},
        },
    }
    component = node(
        {"main": "a.js", "dependencies": {"express": "5"}},
        files={"a.js": "", "package-lock.json": json.dumps(lock, indent=2)},
    )
    assert values(component, "native") == ["sqlite3"]
    assert component.fact("native").evidence.path == "package-lock.json"


def test_a_lock_file_that_does_not_fit(node):
    lock = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"express": "4"}}}}
    component = node(
        {"main": "a.js", "dependencies": {"express": "5"}},
        files={"a.js": "", "package-lock.json": json.dumps(lock)},
    )
    assert "npm ci will refuse" in messages(component)


def test_a_lock_file_that_is_not_json(node):
    component = node(
        {"main": "a.js", "dependencies": {"express": "5"}},
        files={"a.js": "", "package-lock.json": "<<<<<<< HEAD"},
    )
    assert component.package_manager == "npm"
    assert "cannot be read" in messages(component)


def test_tokens_in_npmrc(node):
    component = node(
        {"main": "a.js"}, files={"a.js": "", ".npmrc": "registry=https://x\n//x/:_authToken=abc\n"}
    )
    assert "token" in messages(component)
    assert "abc" not in repr(component)
    fine = node({"main": "a.js"}, files={"a.js": "", ".npmrc": "//x/:_authToken=${NPM_TOKEN}\n"})
    assert "token" not in messages(fine)


def test_install_scripts(node):
    component = node(
        {
            "main": "a.js",
            "scripts": {"prepare": "husky", "postinstall": "prisma generate", "preinstall": "node check.js"},
            "devDependencies": {"prisma": "6", "husky": "9"},
        },
        files={"a.js": "", "check.js": "", "prisma/schema.prisma": ""},
    )
    assert values(component, "hook_script") == ["prepare"]
    assert values(component, "development_script") == ["postinstall"]
    assert set(values(component, "install_file")) == {".", "prisma"}


def test_a_lone_script(detect_files):
    project = detect_files({"server.js": 'require("http").createServer().listen(8000);\n'})
    (component,) = project.components
    assert (component.name, component.package_manager, component.port) == ("server", None, 8000)
    assert component.entrypoint == ("node", "server.js")


def test_a_script_of_a_web_page_is_none(detect_files):
    (component,) = detect_files(
        {"index.html": "", "index.js": 'import x from "x";\ndocument.title = x;\n'}
    ).components
    assert (component.profile, component.framework) == ("web", "html")


def test_bun_and_deno_are_named(node):
    assert node({"scripts": {"start": "bun run src/x.ts"}}, files={"src/x.ts": ""}).value("runtime") == "bun"
    assert node({"scripts": {"start": "deno run -A x.ts"}}, files={"x.ts": ""}).value("runtime") == "deno"


def test_a_deno_project_without_a_package_json(detect_files):
    project = detect_files(
        {
            "deno.jsonc": '{\n  // ours\n  "tasks": { "start": "deno run --allow-net main.ts" }\n}\n',
            "deno.lock": "{}",
            "main.ts": "Deno.serve({ port: 8000 }, () => new Response());\n",
        }
    )
    (component,) = project.components
    assert (component.profile, component.package_manager) == ("node", "deno")
    assert component.entrypoint == ("deno", "run", "--allow-net", "main.ts")
    assert component.port == 8000
    assert component.value("lockfile") == "deno.lock"


@pytest.mark.parametrize("tool", ["vite", "react-scripts", "@angular/cli"])
def test_front_ends(node, tool):
    component = node({"scripts": {"start": tool, "build": f"{tool} build"}, "devDependencies": {tool: "*"}})
    assert component.profile == "web"


def test_packages_that_are_not_deployed(detect_files):
    project = detect_files(
        {
            "package.json": '{"name": "tooling", "devDependencies": {"prettier": "3"}}',
            "electron/package.json": '{"main": "a.js", "devDependencies": {"electron": "30"}}',
            "electron/a.js": "",
        }
    )
    assert project.components == ()
    assert any("desktop" in problem.message for problem in project.problems)


def test_examples_are_left_out_beside_something_else(detect_files):
    start = '{"scripts": {"start": "node a.js"}}'
    files = {"examples/one/package.json": start, "examples/one/a.js": ""}
    assert [one.path for one in detect_files(files).components] == ["examples/one"]
    both = detect_files({**files, "api/package.json": start, "api/a.js": ""})
    assert [one.path for one in both.components] == ["api"]


def test_npm_workspaces_in_the_order_in_which_they_are_built(detect_files):
    def package(name, *uses, **more):
        return json.dumps({"name": name, "dependencies": dict.fromkeys(uses, "*"), **more})

    build = {"scripts": {"build": "tsc"}}
    project = detect_files(
        {
            "package.json": '{"workspaces": ["packages/*", "apps/**", "!apps/old"]}',
            "packages/a/package.json": package("a", **build),
            "packages/b/package.json": package("b", "a", **build),
            "apps/site/api/package.json": package(
                "api", "b", "express", main="x.js", scripts={"start": "node x.js"}
            ),
            "apps/site/api/x.js": "app.listen(3000)",
            "apps/old/package.json": package("old", "express", scripts={"start": "node x.js"}),
            "apps/old/x.js": "",
        }
    )
    api = next(component for component in project.components if component.path == "apps/site/api")
    assert values(api, "workspace_dependency") == ["packages/a", "packages/b"]
    assert api.context == "."
    old = next(component for component in project.components if component.path == "apps/old")
    assert old.context == "apps/old"


def test_members_that_need_each_other(detect_files):
    project = detect_files(
        {
            "package.json": '{"workspaces": ["*"]}',
            "a/package.json": '{"name": "a", "dependencies": {"b": "*"}, "scripts": {"start": "node x.js"}}',
            "a/x.js": "",
            "b/package.json": '{"name": "b", "dependencies": {"a": "*"}}',
        }
    )
    (component,) = project.components
    assert values(component, "workspace_dependency") == ["b"]


HOSTILE = [
    '"; RUN rm -rf /',
    "a\nRUN touch /owned\n",
    "\x1b[31mred\x1b[0m\u202e",
    "../" * 50,
    "x" * 1_000_000,
    "$(touch /owned) `id` ${PATH}",
    "--from=scratch",
    "'quote' \"quote\" \\",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_manifests_never_raise(detect_files, value):
    project = detect_files({
        "package.json": json.dumps({
            "name": value, "main": value, "packageManager": value, "engines": {"node": value}, "bin": {value: value},
            "workspaces": [value, value + "/*"], "volta": {"node": value}, "type": value,
            "scripts": {"start": f"node {value}", "build": value, value: value, "prepare": value},
            "dependencies": {value: value, "express": value}, "devDependencies": {"typescript": value},
        }),
        "tsconfig.json": json.dumps({"extends": value, "compilerOptions": {"outDir": value, "rootDir": value}}),
        ".nvmrc": value, ".npmrc": value, "pnpm-workspace.yaml": value, "yarn.lock": value, ".yarnrc.yml": value,
        "server.js": f"app.listen({json.dumps(value)});\nprocess.env.{value}\n", "Procfile": f"web: {value}\n",
    })  # fmt: skip
    text = repr(project)
    assert "\x1b" not in text
    for component in project.components:
        for word in component.entrypoint or ():
            assert "\n" not in word


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", "{", '{"scripts": []}', '{"scripts": {"start": 1}}', '{"workspaces": {}}', "[" * 100_000],
)
def test_damaged_manifests_are_problems_or_nothing(detect_files, manifest):
    project = detect_files({"package.json": manifest})
    assert project.components == ()
    assert project.problems


def test_a_large_project_is_read_quickly_enough_to_be_bounded(detect_files):
    files = {f"src/f{number}.js": "const x = process.env.A;\n" * 200 for number in range(300)}
    project = detect_files({"package.json": '{"scripts": {"start": "node src/f0.js"}}', **files})
    assert values(project.components[0], "env") == ["A"]


@pytest.mark.parametrize(
    ("start", "name", "text", "words"),
    [
        ("pm2 start ecosystem.config.json --no-daemon", "ecosystem.config.json", '{"apps": [{"name": "a", "script": "src/run.js"}]}',
         ("node", "src/run.js")),
        ("pm2-runtime start ecosystem.config.js --env production", "ecosystem.config.js",
         "module.exports = {apps: [{script: './src/run.js', args: '--fast 1'}, {script: 'b.js', args: 'no'}]}",
         ("node", "src/run.js", "--fast", "1")),
        ("pm2-runtime ecosystem.config.cjs", "ecosystem.config.cjs", "module.exports = {apps: [{script: 'npm', args: 'run real'}]}",
         ("node", "src/run.js")),
        ("pm2 start src/run.js --no-daemon", "ecosystem.config.js", "", ("node", "src/run.js")),
    ],
)  # fmt: skip
def test_pm2_is_left_out_and_what_it_starts_is_started(node, start, name, text, words):
    scripts = {"start": start, "real": "node src/run.js"}
    component = node({"scripts": scripts}, files={name: text, "src/run.js": "require('http')\n"})
    assert component.entrypoint == words


@pytest.mark.parametrize("text", ["", "module.exports = {}", "script: '", "{" * 5000])
def test_a_pm2_file_that_says_nothing_starts_nothing(node, text):
    component = node(
        {"main": "app.js", "scripts": {"start": "pm2 start ecosystem.config.js"}},
        files={"ecosystem.config.js": text, "app.js": ""},
    )
    assert component.entrypoint == ("node", "app.js")


def test_a_command_goes_before_the_development_script(node):
    manifest = {"bin": {"tool": "bin/tool.js"}, "scripts": {"dev": "node --watch src/dev.js"}}
    component = node(manifest, files={"bin/tool.js": "", "src/dev.js": ""})
    assert component.entrypoint == ("node", "bin/tool.js")


def test_packages_in_folders_for_examples_are_not_deployed(detect_files):
    package = '{"scripts": {"start": "node index.js"}}'
    files = {
        f"{folder}package.json": package for folder in ("", "extra/push-examples/a/", "extra/bot/", "worker/")
    }
    files |= {f"{folder}index.js": "" for folder in ("", "extra/push-examples/a/", "extra/bot/", "worker/")}
    assert [component.path for component in detect_files(files).components] == [".", "worker"]


@pytest.mark.parametrize(
    "script",
    [
        {"postinstall": "nuxt prepare"},
        {"prepare": "svelte-kit sync || echo ''"},
        {"postinstall": "npx react-router typegen && lefthook install"},
        {"prepare": "git config core.hooksPath .githooks"},
    ],
)
def test_what_is_written_for_a_checkout_needs_no_sources_when_packages_are_installed(node, script):
    component = node({"main": "a.js", "scripts": script}, files={"a.js": ""})
    assert values(component, "hook_script") == list(script)
    assert values(component, "install_file") == []


def test_a_tool_that_also_does_something_else_keeps_its_script(node):
    component = node({"main": "a.js", "scripts": {"postinstall": "nuxt build"}}, files={"a.js": ""})
    assert (values(component, "hook_script"), values(component, "install_file")) == ([], ["."])


def test_scripts_that_the_project_has_decided_about(node):
    component = node(
        {
            "main": "a.js",
            "dependencies": {"bcrypt": "6", "sharp": "0.34", "@prisma/client": "7"},
            "allowScripts": {"bcrypt": False, "@prisma/client@7.1.0": True, "left-pad": True},
        },
        files={"a.js": ""},
    )
    assert values(component, "decided_script") == ["bcrypt", "@prisma/client"]
    hostile = node(
        {"main": "a.js", "dependencies": {"bcrypt": "6"}, "allowScripts": ["bcrypt"]}, files={"a.js": ""}
    )
    assert values(hostile, "decided_script") == []


def test_tools_of_development_that_npm_keeps_as_optional_peers(node):
    packages = {
        "": {"dependencies": {"@prisma/client": "7.1.0"}, "devDependencies": {"prisma": "7.1.0", "tsx": "4"}},
        "node_modules/prisma": {"version": "7.1.0", "devOptional": True},
        "node_modules/tsx": {"version": "4.0.0", "dev": True},
    }
    lock = json.dumps({"lockfileVersion": 3, "packages": packages})
    manifest = {"main": "a.js", "dependencies": {"@prisma/client": "7.1.0"}, "devDependencies": {"prisma": "7.1.0", "tsx": "4"}}  # fmt: skip
    component = node(manifest, files={"a.js": "", "package-lock.json": lock})
    assert values(component, "development_peer") == ["prisma"]
    assert str(component.fact("development_peer").evidence) == "package.json:7"
    for broken in ('{"packages": []}', '{"packages": {"node_modules/prisma": 1}}', "{"):
        component = node(manifest, files={"a.js": "", "package-lock.json": broken})
        assert values(component, "development_peer") == []


@pytest.mark.parametrize(
    ("package", "file", "path"),
    [
        ("nuxt", "server/api/health.ts", "/api/health"),
        ("nuxt", "server/routes/healthz.get.ts", "/healthz"),
        ("@sveltejs/adapter-node", "src/routes/healthz/+server.js", "/healthz"),
        ("next", "app/api/health/route.ts", "/api/health"),
    ],
)
def test_health_routes_that_are_files(node, package, file, path):
    component = node(
        {"scripts": {"build": "vite build"}, "dependencies": {package: "1"}}, files={file: "export {}"}
    )
    assert (component.value("health_path"), component.fact("health_path").evidence.path) == (path, file)


@pytest.mark.parametrize(
    ("package", "script", "words"),
    [
        (
            "@react-router/serve",
            "react-router-serve ./build/server/index.js",
            ("node", "node_modules/@react-router/serve/dist/cli.js", "./build/server/index.js"),
        ),
        (
            "json-server",
            "json-server --port 3000 db.json",
            ("node", "node_modules/json-server/lib/cli/bin.js", "--port", "3000", "db.json"),
        ),
    ],
)
def test_commands_of_packages_are_started_by_their_file(node, package, script, words):
    component = node(
        {"scripts": {"start": script, "build": "react-router build"}, "dependencies": {package: "7"}}
    )
    assert component.entrypoint == words
