"""Two components in one Dockerfile: both builds, one small runtime, each from its own folder."""

import dockerfile
import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.project.joining import join
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.generate import fits, generate
from slimdesk.recipes.model import Options

WEB = {
    "package.json": '{"name": "web", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "8.3.4"}}',
    "package-lock.json": '{"name": "web", "lockfileVersion": 3, "packages": {"": {"name": "web"}}}',
    "index.html": "<div id=root></div>",
}
EXPRESS = {
    "package.json": '{"name": "api", "main": "index.js", "dependencies": {"express": "5.1.0"}}',
    "package-lock.json": '{"name": "api", "lockfileVersion": 3, "packages": {"": {"name": "api"}}}',
    "index.js": "const path = require('path');\n"
    "app.use(express.static(path.join(__dirname, '../web/dist')));\napp.listen(3000);\n",
}
SPRING = {
    "pom.xml": "<project><modelVersion>4.0.0</modelVersion><parent><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-parent</artifactId><version>3.5.7</version></parent>"
    "<groupId>e</groupId><artifactId>api</artifactId><version>1</version>"
    "<properties><java.version>21</java.version></properties><dependencies><dependency>"
    "<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>"
    "</dependencies></project>",
    "src/main/java/e/App.java": "package e;\n@SpringBootApplication\npublic class App {\n"
    "  public static void main(String[] a) { SpringApplication.run(App.class, a); }\n}\n",
}
EMBEDDED_GO = {
    "go.mod": "module example.com/api\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport (\n\t"embed"\n\t"net/http"\n)\n\n//go:embed all:dist\nvar files embed.FS\n\n'
    'func main() { http.ListenAndServe(":8080", http.FileServerFS(files)) }\n',
}
SERVING_GO = {
    "go.mod": "module example.com/api\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "net/http"\n\n'
    'func main() { http.ListenAndServe(":8080", http.FileServer(http.Dir("./dist"))) }\n',
}
FASTAPI = {
    "requirements.txt": "fastapi==0.121.0\nuvicorn==0.38.0\n",
    "main.py": "from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\n\napp = FastAPI()\n"
    'app.mount("/", StaticFiles(directory="static", html=True))\n',
}


def project(folder, host, front=WEB, places=("api", "web")):
    for place, files in zip(places, (host, front), strict=True):
        for name, text in files.items():
            path = folder / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return open_project(folder)


def written(folder, catalog, host, family="distroless", **more):
    component = choose_component(project(folder, host, **more), "web+api")
    return generate(component, family, catalog, Options())


def lines(generated, word):
    """The instructions of one stage, as they are written."""
    (stage,) = (stage for stage in generated.dockerfile.stages if stage.name == word)
    return [" ".join((one.keyword, *one.flags, *one.arguments)) for one in stage.instructions]


def place(found, start):
    return next(at for at, line in enumerate(found) if line.startswith(start))


HOSTS = {"node": EXPRESS, "java": SPRING, "go": SERVING_GO, "embedded": EMBEDDED_GO, "python": FASTAPI}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("family", ["full", "slim", "alpine", "distroless", None])
def test_every_pair_is_a_dockerfile_that_buildkit_reads(tmp_path, catalog, host, family):
    generated = written(tmp_path, catalog, HOSTS[host], family)
    assert dockerfile.parse_string(generated.text)
    assert generated.context == "."
    final = generated.dockerfile.stages[-1]
    start = next(one for one in final.instructions if one.keyword == "ENTRYPOINT")
    assert start.form == "exec"
    users = [one.arguments[0] for one in final.instructions if one.keyword == "USER"]
    assert bool(users) is (family is not None)


def test_what_the_program_holds_is_there_before_it_is_built_and_after_its_dependencies(tmp_path, catalog):
    found = lines(written(tmp_path, catalog, SPRING), "build")
    taken = place(found, "COPY --from=web /app/dist/ ./src/main/resources/static/")
    assert place(found, "COPY api/pom.xml ./") < place(found, "COPY api/ .") < taken
    assert any("go-offline" in line for line in found[:taken])
    assert any(" package " in line and line.startswith("RUN") for line in found[taken:])


def test_an_embedded_folder_is_beside_the_source_that_embeds_it(tmp_path, catalog):
    generated = written(tmp_path, catalog, EMBEDDED_GO)
    found = lines(generated, "build")
    taken = place(found, "COPY --from=web /app/dist/ ./dist/")
    assert place(found, "COPY api/ .") < taken < len(found) - 1
    assert not any("--from=web" in line for line in lines(generated, "final"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (EXPRESS, "COPY --from=web /app/dist/ /web/dist/"),
        (FASTAPI, "COPY --from=web /app/dist/ /app/static/"),
        (SERVING_GO, "COPY --from=web /app/dist/ /app/dist/"),
    ],
)
def test_what_the_program_serves_lies_where_it_looks(tmp_path, catalog, host, expected):
    found = lines(written(tmp_path, catalog, host), "final")
    taken = place(found, expected)
    assert place(found, "WORKDIR /app") < taken < place(found, "USER 65532:65532")


def test_only_the_front_end_needs_its_toolchain(tmp_path, catalog):
    generated = written(tmp_path, catalog, SPRING)
    bases = {stage.name: stage.base for stage in generated.dockerfile.stages}
    assert bases["web-dependencies"].startswith("node:")
    assert bases["final"] == "gcr.io/distroless/java21-debian13:nonroot"
    assert not any("node" in line for line in lines(generated, "final"))


def test_the_baseline_is_one_stage_with_both_toolchains(tmp_path, catalog):
    generated = written(tmp_path, catalog, SPRING, None)
    assert len(generated.dockerfile.stages) == 1
    found = lines(generated, "final")
    build = place(found, "RUN cd /app-web")
    assert place(found, "COPY --from=node:24-trixie-slim /usr/local/ /usr/local/") < build
    assert "cp -r dist/. /app/src/main/resources/static/" in found[build]
    assert build < place(found, "RUN mvn")


def test_a_back_end_of_node_brings_node_itself(tmp_path, catalog):
    found = lines(written(tmp_path, catalog, EXPRESS, None), "final")
    assert not any("--from=node" in line for line in found)


def test_plain_files_are_copied_without_a_build(tmp_path, catalog):
    component = choose_component(
        project(tmp_path, {**SERVING_GO}, {"index.html": "<h1>Shop</h1>", "style.css": "h1 {}"}), "web+api"
    )
    for family in ("distroless", None):
        generated = generate(component, family, catalog, Options())
        assert "npm" not in generated.text
        assert dockerfile.parse_string(generated.text)


def test_a_back_end_at_the_root_keeps_its_paths(tmp_path, catalog):
    host = {**EXPRESS, "index.js": "app.use(express.static('web/dist'));\napp.listen(3000);\n"}
    found = project(tmp_path, host, places=(".", "web"))
    component = next(one for one in found.joined)
    generated = generate(component, "distroless", catalog, Options())
    final = lines(generated, "final")
    assert any(line.endswith("/app/web/dist/") for line in final)
    assert dockerfile.parse_string(generated.text)


def test_folders_are_moved_for_mounts_and_patterns_too(tmp_path, catalog):
    generated = written(
        tmp_path,
        catalog,
        {
            "pyproject.toml": '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["fastapi", "uvicorn"]\n',
            "uv.lock": 'version = 1\nrequires-python = ">=3.13"\n',
            "main.py": FASTAPI["main.py"],
        },
    )
    assert "source=uv.lock" not in generated.text
    assert "\ntests\n" not in generated.dockerignore
    assert "\napi/tests\n" in generated.dockerignore


def test_a_folder_that_no_dockerfile_can_hold_is_refused(catalog):
    front = Component(
        "web", "my web", "web", "my web", package_manager="npm", facts=(Fact("build", "npm run build"),)
    )
    host = Component(
        "api",
        "api",
        "node",
        "api",
        entrypoint=("node", "i.js"),
        port=80,
        facts=(Fact("static_folder", "api/public"),),
    )
    with pytest.raises(UnavailableFamily, match="name that a joined Dockerfile cannot hold"):
        generate(join(front, host), "distroless", catalog, Options())


def test_families_fit_as_they_do_for_the_back_end(tmp_path, catalog):
    found = project(tmp_path, SPRING)
    both, host = choose_component(found, "web+api"), choose_component(found, "api")
    assert [one.available for one in fits(both, catalog)] == [one.available for one in fits(host, catalog)]
