"""Which components can become one image, and from which folder the back end serves."""

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.project.joining import common, joined
from slimdesk.project.model import Component
from slimdesk.project.walk import walk

FRONT = Component("web", "client", "web", "client")
VITE = '{"name": "web", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "8.0.0"}}'


def host(profile, path="server", **more):
    return Component("api", path, profile, path, port=8080, **more)


def folder(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return walk(tmp_path)


@pytest.mark.parametrize(
    ("profile", "file", "text", "expected", "embedded"),
    [
        ("node", "server/index.js", "app.use(express.static('public'))", "server/public", False),
        (
            "node",
            "server/src/app.js",
            "app.use(express.static(path.join(__dirname, '..', '..', 'client', 'dist')))",
            "client/dist",
            False,
        ),
        (
            "node",
            "server/app.ts",
            "fastify.register(fastifyStatic, { root: path.join(__dirname, 'public') })",
            "server/public",
            False,
        ),
        (
            "python",
            "server/main.py",
            'app.mount("/", StaticFiles(directory="static", html=True))',
            "server/static",
            False,
        ),
        (
            "python",
            "server/app.py",
            "app = Flask(__name__, static_folder='../client/dist')",
            "client/dist",
            False,
        ),
        (
            "go",
            "server/main.go",
            'http.Handle("/", http.FileServer(http.Dir("./public")))',
            "server/public",
            False,
        ),
        ("go", "server/web/web.go", "//go:embed all:dist\nvar files embed.FS", "server/web/dist", True),
        ("go", "server/main.go", 'r.Static("/assets", "./web/dist")', "server/web/dist", False),
        (
            "rust",
            "server/src/main.rs",
            'Router::new().fallback_service(ServeDir::new("dist"))',
            "server/dist",
            False,
        ),
        ("java", "server/pom.xml", "<project/>", "server/src/main/resources/static", True),
        ("dotnet", "server/api.csproj", "<Project/>", "server/wwwroot", False),
    ],
)
def test_the_folder_that_a_back_end_serves_from(tmp_path, profile, file, text, expected, embedded):
    tree = folder(tmp_path, {file: text})
    (found,) = joined(tree, (FRONT, host(profile)))
    assert found.name == "web+api"
    assert found.value("static_folder") == expected
    assert bool(found.value("static_embedded")) is embedded
    assert (found.profile, found.port, found.path, found.context) == (profile, 8080, ".", ".")
    assert [part.name for part in found.parts] == ["web", "api"]


@pytest.mark.parametrize(
    "text",
    [
        "app.use(express.static('/srv/files'))",
        "app.use(express.static(`${home}/public`))",
        "app.use(express.static(path.join(__dirname, '../../../public')))",
        "app.use(express.static(process.env.FILES))",
        "const words = 'express.static';",
        "app.use(express.static('uploads'))",
    ],
)
def test_a_folder_outside_or_not_stated_joins_nothing(tmp_path, text):
    assert joined(folder(tmp_path, {"server/index.js": text}), (FRONT, host("node"))) == ()


def test_what_does_not_serve_is_not_joined(tmp_path):
    tree = folder(tmp_path, {"server/index.js": "express.static('public')"})
    command = Component("tool", "server", "node", "server")
    assert joined(tree, (FRONT, command)) == ()
    assert joined(tree, (host("node"),)) == ()
    assert joined(tree, (FRONT, host("php"))) == ()


def test_the_dockerfile_of_one_part_is_not_that_of_both(tmp_path):
    from slimdesk.project.model import Fact

    tree = folder(tmp_path, {"server/index.js": "express.static('public')"})
    own = host("node", facts=(Fact("dockerfile", "server/Dockerfile"), Fact("dockerfile", "Dockerfile")))
    (found,) = joined(tree, (FRONT, own))
    assert [fact.value for fact in found.all("dockerfile")] == ["Dockerfile"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("a/web", "a/api"), "a"),
        (("web", "api"), "."),
        ((".", "web"), "."),
        (("apps/web", "apps/web"), "apps/web"),
    ],
)
def test_the_folder_that_holds_both(paths, expected):
    assert common(*paths) == expected


class TestNamed:
    @pytest.fixture
    def project(self, tmp_path):
        folder(
            tmp_path,
            {
                "client/package.json": VITE,
                "client/index.html": "<div id=root></div>",
                "server/package.json": '{"name": "api", "main": "index.js", "dependencies": {"express": "5.1.0"}}',
                "server/index.js": "const app = require('express')();\napp.listen(3000);\n",
                "worker/main.py": "print(1)\n",
            },
        )
        return tmp_path

    def test_a_folder_that_nothing_states_is_asked_for(self, project):
        with pytest.raises(BadInput, match="static_folder"):
            choose_component(open_project(project), "web+api")

    def test_what_a_person_states_joins_them(self, project):
        found = choose_component(open_project(project, {"api.static_folder": "server/public"}), "api+web")
        assert found.name == "web+api"
        assert found.value("static_folder") == "server/public"

    def test_a_stated_folder_in_the_file_joins_them(self, project):
        (project / "slimdesk.toml").write_text('[components.api]\nstatic_folder = "server/public"\n')
        found = choose_component(open_project(project), "web+api")
        assert str(found.fact("static_folder").evidence) == "slimdesk.toml:2"

    @pytest.mark.parametrize("name", ["web+nothing", "web+api+web", "web+"])
    def test_names_that_are_no_pair(self, project, name):
        with pytest.raises(BadInput):
            choose_component(open_project(project), name)

    def test_two_programs_are_not_one_image(self, project):
        (project / "server2").mkdir()
        (project / "server2/package.json").write_text('{"name": "two", "main": "i.js"}')
        (project / "server2/i.js").write_text("require('http').createServer().listen(3001)")
        with pytest.raises(BadInput, match="only a front end"):
            choose_component(open_project(project), "api+two")
