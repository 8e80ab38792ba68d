"""Front ends: which folder is served, under which path, with which evidence, and what is no front end."""

import json

import pytest

# Files, then: framework, folder that is served, base path, whether one page answers every path.
SITES = {
    "vite": (
        {
            "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
            "index.html": "",
        },
        ("vite", "dist", "/", True),
    ),
    "vite with a folder and a base": (
        {
            "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
            "vite.config.ts": "export default defineConfig({\n  base: '/shop/',\n  build: { outDir: 'site' },\n})",
        },
        ("vite", "site", "/shop/", True),
    ),
    "vite with a path that is resolved": (
        {
            "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
            "vite.config.js": "export default { build: { outDir: path.resolve(__dirname, 'build/web') } }",
        },
        ("vite", "build/web", "/", True),
    ),
    "vite with a root": (
        {
            "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
            "vite.config.js": "export default {\n  root: 'client',\n  build: { outDir: '../public_html' } }",
        },
        ("vite", "public_html", "/", True),
    ),
    "vite's own options on the line": (
        {
            "package.json": {
                "scripts": {"build": "vite build --outDir www --base /a/"},
                "devDependencies": {"vite": "7"},
            }
        },
        ("vite", "www", "/a/", True),
    ),
    "vite with two pages": (
        {
            "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
            "index.html": "",
            "admin/index.html": "",
        },
        ("vite", "dist", "/", False),
    ),
    "create-react-app": (
        {
            "package.json": {
                "homepage": "https://example.com/board",
                "scripts": {"start": "react-scripts start", "build": "react-scripts build"},
                "dependencies": {"react-scripts": "5"},
            }
        },
        ("create-react-app", "build", "/board/", True),
    ),
    "create-react-app with BUILD_PATH": (
        {
            "package.json": {
                "scripts": {"build": "BUILD_PATH=./www react-scripts build"},
                "dependencies": {"react-scripts": "5"},
            }
        },
        ("create-react-app", "www", "/", True),
    ),
    "angular's application builder": (
        {
            "package.json": {"scripts": {"build": "ng build"}, "devDependencies": {"@angular/cli": "20"}},
            "angular.json": {
                "projects": {
                    "shop": {
                        "projectType": "application",
                        "architect": {"build": {"builder": "@angular/build:application", "options": {}}},
                    }
                }
            },
        },
        ("angular", "dist/shop/browser", "/", True),
    ),
    "angular's older builder": (
        {
            "package.json": {"scripts": {"build": "ng build"}, "devDependencies": {"@angular/cli": "15"}},
            "angular.json": {
                "projects": {
                    "shop": {
                        "architect": {
                            "build": {
                                "builder": "@angular-devkit/build-angular:browser",
                                "options": {"outputPath": "dist/x", "baseHref": "/x/"},
                            }
                        }
                    }
                }
            },
        },
        ("angular", "dist/x", "/x/", True),
    ),
    "angular with an output of two parts": (
        {
            "package.json": {"scripts": {"build": "ng build"}, "devDependencies": {"@angular/cli": "20"}},
            "angular.json": {
                "projects": {
                    "shop": {
                        "architect": {
                            "build": {
                                "builder": "@angular/build:application",
                                "options": {"outputPath": {"base": "out", "browser": ""}},
                            }
                        }
                    }
                }
            },
        },
        ("angular", "out", "/", True),
    ),
    "vue-cli": (
        {
            "package.json": {
                "scripts": {"build": "vue-cli-service build"},
                "devDependencies": {"@vue/cli-service": "5"},
            },
            "vue.config.js": "module.exports = { outputDir: 'www', publicPath: '/app' }",
        },
        ("vue-cli", "www", "/app/", True),
    ),
    "sveltekit's static adapter": (
        {
            "package.json": {
                "scripts": {"build": "vite build"},
                "devDependencies": {"vite": "7", "@sveltejs/kit": "2", "@sveltejs/adapter-static": "3"},
            },
            "svelte.config.js": "import adapter from '@sveltejs/adapter-static';\nexport default { kit: { adapter: adapter({ fallback: 'index.html' }) } };",
        },
        ("sveltekit", "build", "/", True),
    ),
    "astro": (
        {
            "package.json": {"scripts": {"build": "astro build"}, "dependencies": {"astro": "5"}},
            "astro.config.mjs": "export default defineConfig({ base: '/docs', outDir: './site' });",
        },
        ("astro", "site", "/docs/", False),
    ),
    "next's export": (
        {
            "package.json": {"scripts": {"build": "next build"}, "dependencies": {"next": "16"}},
            "next.config.mjs": "export default { output: 'export', basePath: '/a' };",
        },
        ("next", "out", "/a/", False),
    ),
    "nuxt generate": (
        {"package.json": {"scripts": {"build": "nuxt generate"}, "dependencies": {"nuxt": "4"}}},
        ("nuxt", ".output/public", "/", False),
    ),
    "react-router without a server": (
        {
            "package.json": {
                "scripts": {"build": "react-router build"},
                "dependencies": {"react-router": "7"},
                "devDependencies": {"@react-router/dev": "7", "vite": "7"},
            },
            "react-router.config.ts": "export default { ssr: false } satisfies Config;",
        },
        ("react-router", "build/client", "/", True),
    ),
    "gatsby": (
        {"package.json": {"scripts": {"build": "gatsby build"}, "dependencies": {"gatsby": "5"}}},
        ("gatsby", "public", "/", False),
    ),
    "docusaurus": (
        {
            "package.json": {
                "scripts": {"build": "docusaurus build"},
                "dependencies": {"@docusaurus/core": "3"},
            },
            "docusaurus.config.js": "export default { baseUrl: '/handbook/' }",
        },
        ("docusaurus", "build", "/handbook/", False),
    ),
    "vitepress": (
        {
            "package.json": {
                "scripts": {"docs:build": "vitepress build docs", "build": "vitepress build docs"},
                "devDependencies": {"vitepress": "1"},
            },
            "docs/.vitepress/config.mts": "export default { base: '/guide/' }",
        },
        ("vitepress", "docs/.vitepress/dist", "/guide/", False),
    ),
    "eleventy": (
        {"package.json": {"scripts": {"build": "eleventy"}, "devDependencies": {"@11ty/eleventy": "3"}}},
        ("eleventy", "_site", "/", False),
    ),
    "parcel": (
        {
            "package.json": {
                "scripts": {"build": "parcel build index.html --dist-dir www"},
                "devDependencies": {"parcel": "2"},
            }
        },
        ("parcel", "www", "/", True),
    ),
    "webpack": (
        {
            "package.json": {
                "scripts": {"build": "webpack"},
                "devDependencies": {"webpack": "5", "webpack-dev-server": "5"},
            },
            "webpack.config.js": "module.exports = { output: { path: path.resolve(__dirname, 'public/build') } }",
        },
        ("webpack", "public/build", "/", True),
    ),
    "a start script that only serves the files": (
        {
            "package.json": {
                "scripts": {"build": "vite build", "start": "serve -s dist"},
                "dependencies": {"serve": "14"},
                "devDependencies": {"vite": "7"},
            },
            "index.html": "",
        },
        ("vite", "dist", "/", True),
    ),
    "a mock server beside the pages": (
        {
            "package.json": {
                "scripts": {"build": "vite build", "start": "vite"},
                "dependencies": {"socket.io": "4", "react": "19"},
                "devDependencies": {"vite": "7"},
            },
            "index.html": '<script type="module" src="/src/main.tsx"></script>',
        },
        ("vite", "dist", "/", True),
    ),
    "plain HTML": ({"index.html": "<h1>Hello</h1>", "style.css": ""}, ("html", ".", "/", False)),
    "plain HTML with a tool beside it": (
        {"index.html": "<h1>Hello</h1>", "package.json": {"devDependencies": {"prettier": "3"}}},
        ("html", ".", "/", False),
    ),
}


def written(files):
    return {
        name: text if isinstance(text, str) else json.dumps(text, indent=1) for name, text in files.items()
    }


@pytest.mark.parametrize("name", list(SITES))
def test_sites(detect_files, name):
    files, expected = SITES[name]
    (component,) = detect_files(written(files)).components
    found = tuple(component.value(key) for key in ("output_folder", "base_path", "spa"))
    assert (component.profile, component.framework, *found) == ("web", *expected)
    assert component.port == 8080
    assert component.fact("output_folder").evidence is not None


@pytest.mark.parametrize(
    ("files", "profile"),
    [
        (
            {
                "package.json": {
                    "scripts": {"build": "next build", "start": "next start"},
                    "dependencies": {"next": "16"},
                }
            },
            "node",
        ),
        ({"package.json": {"scripts": {"build": "nuxt build"}, "devDependencies": {"nuxt": "4"}}}, "node"),
        (
            {
                "package.json": {
                    "scripts": {"build": "vite build"},
                    "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-node": "5", "vite": "7"},
                }
            },
            "node",
        ),
        (
            {
                "package.json": {
                    "scripts": {"build": "astro build"},
                    "dependencies": {"astro": "5", "@astrojs/node": "9"},
                },
                "astro.config.mjs": "export default { output: 'server' }",
            },
            "node",
        ),
        (
            {
                "package.json": {
                    "scripts": {
                        "build": "react-router build",
                        "start": "react-router-serve ./build/server/index.js",
                    },
                    "dependencies": {"@react-router/serve": "7", "react-router": "7"},
                    "devDependencies": {"vite": "7", "@react-router/dev": "7"},
                }
            },
            "node",
        ),
        (
            {
                "package.json": {
                    "scripts": {"build": "vite build", "start": "node server.js"},
                    "dependencies": {"express": "5"},
                    "devDependencies": {"vite": "7"},
                },
                "server.js": 'require("express")().listen(3000);',
                "index.html": "",
            },
            "node",
        ),
        (
            {
                "package.json": {
                    "scripts": {"start": "ng serve", "build": "ng build"},
                    "dependencies": {"express": "5", "@angular/ssr": "20"},
                    "devDependencies": {"@angular/cli": "20"},
                },
                "angular.json": {
                    "projects": {
                        "shop": {
                            "architect": {
                                "build": {
                                    "builder": "@angular/build:application",
                                    "options": {"outputMode": "server", "ssr": {"entry": "src/server.ts"}},
                                }
                            }
                        }
                    }
                },
            },
            "node",
        ),
    ],
)
def test_what_a_server_renders_is_no_front_end(detect_files, files, profile):
    (component,) = detect_files(written(files)).components
    assert component.profile == profile
    assert component.entrypoint is not None


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": "", "go.mod": "module x\n", "main.go": "package main\nfunc main() {}\n"},
        {"templates/index.html": "<h1>", "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
        {"index.html": "---\nlayout: default\n---\n"},
        {"index.html": "<h1>{{ title }}</h1>"},
        {"docs/index.html": "<h1>"},
    ],
)
def test_pages_of_others_are_no_site(detect_files, files):
    assert all(component.profile != "web" for component in detect_files(files).components)


def test_a_front_end_and_a_back_end_are_two_components(detect_files):
    files = {
        "package.json": {"private": True, "workspaces": ["apps/*"]},
        "apps/web/package.json": {
            "name": "web",
            "scripts": {"build": "vite build"},
            "devDependencies": {"vite": "7"},
        },
        "apps/api/package.json": {
            "name": "api",
            "scripts": {"start": "node a.js"},
            "dependencies": {"express": "5"},
        },
        "apps/api/a.js": "app.listen(3000)",
    }
    found = {one.name: one.profile for one in detect_files(written(files)).components}
    assert found == {"web": "web", "api": "node"}


def test_variables_that_the_build_writes_into_the_files(detect_files):
    files = {
        "package.json": {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}},
        "src/a.ts": "\nfetch(import.meta.env.VITE_API_URL);\nimport.meta.env.MODE;",
        "index.html": "<title>%VITE_TITLE%</title>",
        ".env.production": "VITE_API_URL=https://api",
    }
    (component,) = detect_files(written(files)).components
    places = {fact.value: str(fact.evidence) for fact in component.all("build_variable")}
    assert places == {"VITE_API_URL": "src/a.ts:2", "VITE_TITLE": "index.html:1"}
    text = " ".join(problem.message for problem in component.problems)
    assert "--build-arg" in text
    assert ".env.production" in text


def test_the_projects_own_nginx_configuration(detect_files):
    conf = "server {\n  listen 3000;\n  root /srv/site;\n  location /api { proxy_pass http://api:8000; }\n  location /b {\n    proxy_pass http://b:1;\n  }\n}\n"
    files = {"index.html": "<h1>", "nginx.conf": conf}
    (component,) = detect_files(files).components
    assert component.port == 3000
    assert str(component.fact("port").evidence) == "nginx.conf:2"
    assert component.value("nginx_root") == "/srv/site"
    assert str(component.fact("nginx_proxy").evidence) == "nginx.conf:6"


@pytest.mark.parametrize(
    "hostile",
    [
        {"angular.json": "[]"},
        {"angular.json": '{"projects": {"a": {"architect": {"build": {"options": {"outputPath": ["x"]}}}}}}'},
        {"angular.json": '{"projects": {"a": 1}}'},
        {"angular.json": '{"projects": []}'},
        {"vite.config.ts": "outDir: '../../../../etc'"},
        {"vite.config.ts": "outDir: '/etc'"},
        {"vite.config.ts": "base: '//evil/\x1b[31m'"},
        {"nginx.conf": "server { listen 99999; }"},
    ],
)
def test_hostile_configurations_never_lead_outside(detect_files, hostile):
    tool = "@angular/cli" if "angular.json" in hostile else "vite"
    files = {"package.json": {"scripts": {"build": "x"}, "devDependencies": {tool: "*"}}, **hostile}
    (component,) = detect_files(written(files)).components
    folder = component.value("output_folder")
    assert not folder.startswith(("/", ".."))
    assert "\x1b" not in str(component)
    assert component.value("base_path") == "/"
    assert component.port == 8080


def test_applications_of_an_nx_workspace(detect_files):
    def project(name, executor, **options):
        return {
            "name": name,
            "projectType": "application",
            "targets": {"build": {"executor": executor, "options": options}},
        }

    files = {
        "package.json": {
            "name": "all",
            "dependencies": {"express": "5", "react": "19"},
            "devDependencies": {"nx": "22", "vite": "7"},
        },
        "nx.json": {},
        "apps/api/project.json": project(
            "api", "@nx/esbuild:esbuild", outputPath="dist/apps/api", platform="node"
        ),
        "apps/api/src/main.ts": "const port = process.env.PORT || 3333;\napp.listen(port);",
        "apps/web/project.json": project("web", "@nx/vite:build", outputPath="dist/apps/web"),
        "apps/admin/project.json": project(
            "admin", "@angular/build:application", outputPath="dist/apps/admin"
        ),
        "libs/shared/project.json": {
            "name": "shared",
            "projectType": "library",
            "targets": {"build": {"executor": "@nx/js:tsc"}},
        },
        "apps/odd/project.json": project("../odd", "@nx/vite:build", outputPath="../../etc"),
    }
    found = {one.name: one for one in detect_files(written(files)).components}
    assert {name: one.profile for name, one in found.items()} == {"api": "node", "web": "web", "admin": "web"}
    assert found["api"].entrypoint == ("node", "dist/apps/api/main.js")
    assert found["api"].value("build") == "npx nx build api"
    assert found["api"].port == 3333
    assert found["web"].value("output_folder") == "dist/apps/web"
    assert found["admin"].value("output_folder") == "dist/apps/admin/browser"
    assert str(found["web"].fact("output_folder").evidence).startswith("apps/web/project.json:")


@pytest.mark.parametrize(
    ("adapter", "entry"), [("adapter()", "build/index.js"), ("adapter({ out: 'server' })", "server/index.js")]
)
def test_what_sveltekit_writes_is_what_ships(detect_files, adapter, entry):
    files = {
        "package.json": {
            "scripts": {"build": "vite build"},
            "devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-node": "5", "vite": "7"},
        },
        "svelte.config.js": f"export default {{ kit: {{ adapter: {adapter} }} }}",
    }
    (component,) = detect_files(written(files)).components
    assert component.entrypoint == ("node", entry)
    assert [fact.value for fact in component.all("output")] == [entry.partition("/")[0]]
