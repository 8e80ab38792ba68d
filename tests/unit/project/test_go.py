from __future__ import annotations

import time

import pytest

from slimdesk.project.detect import detect
from slimdesk.project.model import Evidence

MAIN = "package main\n\nfunc main() {}\n"
MOD = "module example.com/shop\n\ngo 1.24\n"


def server(body: str = "", imports: str = '"net/http"') -> str:
    return f'package main\n\nimport ({imports})\n\nfunc main() {{\n{body}\n\thttp.ListenAndServe(":8080", nil)\n}}\n'


def only(project):
    (component,) = project.components
    return component


def keys(component, key):
    return [fact.value for fact in component.all(key)]


def test_a_module_with_its_evidence(detect_files):
    component = only(detect_files({"go.mod": MOD + "\ntoolchain go1.24.3\n", "main.go": server()}))
    assert (component.name, component.path, component.context, component.profile) == ("shop", ".", ".", "go")
    assert (component.version, component.framework, component.port) == ("1.24", "net/http", 8080)
    assert component.entrypoint == ("/shop",)
    assert component.package_manager is None
    assert component.fact("version").evidence == Evidence("go.mod", 3)
    assert component.fact("toolchain").value == "go1.24.3"
    assert component.fact("module").value == "example.com/shop"
    assert component.fact("package").value == "."
    assert component.fact("binary").value == "shop"
    assert component.fact("port").evidence == Evidence("main.go", 7)
    assert component.fact("cgo").value is False
    assert not component.problems


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("example.com/a/v2", "a"),
        ("gopkg.in/yaml.v3", "yaml-v3"),
        ("shop", "shop"),
        ("example.com/Ünïcode", "app"),
    ],
)
def test_the_name_comes_from_the_module(detect_files, module, name):
    component = only(detect_files({"go.mod": f'module "{module}"\ngo 1.24\n', "main.go": MAIN}))
    assert component.name in (name, "project")
    assert component.port is None


def test_each_command_is_a_component(detect_files):
    project = detect_files(
        {
            "go.mod": MOD,
            "cmd/api/main.go": server(),
            "cmd/worker/main.go": MAIN,
            "tools/gen/main.go": MAIN,
            "examples/x/main.go": MAIN,
            "cmd/api/main_test.go": "package main\nfunc main() {}\n",
            "internal/store/store.go": "package store\n",
            "testdata/m/main.go": MAIN,
            "gen.go": "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
        }
    )
    assert [(one.name, one.path, one.value("package")) for one in project.components] == [
        ("api", ".", "./cmd/api"),
        ("worker", ".", "./cmd/worker"),
    ]
    assert [one.port for one in project.components] == [8080, None]


def test_one_command_is_named_after_its_module(detect_files):
    component = only(detect_files({"go.mod": MOD, "cmd/server/main.go": MAIN}))
    assert (component.name, component.value("package"), component.entrypoint) == (
        "shop",
        "./cmd/server",
        ("/server",),
    )


def test_helpers_are_shipped_where_there_is_nothing_else(detect_files):
    component = only(detect_files({"go.mod": MOD, "tools/gen/main.go": MAIN}))
    assert component.value("package") == "./tools/gen"


def test_a_library_has_no_component_and_says_so(detect_files):
    project = detect_files({"go.mod": MOD, "shop.go": "package shop\n"})
    assert not project.components
    assert "it is a library" in project.problems[0].message


def test_facts_come_from_what_the_main_reaches(detect_files):
    project = detect_files(
        {
            "go.mod": MOD,
            "cmd/api/main.go": 'package main\nimport "example.com/shop/internal/db"\nfunc main() { db.Open() }\n',
            "cmd/worker/main.go": MAIN,
            "internal/db/db.go": 'package db\nimport "os"\nvar dsn = os.Getenv("DATABASE_URL")\n',
        }
    )
    api, worker = project.components
    assert keys(api, "env") == ["DATABASE_URL"]
    assert api.fact("env").evidence == Evidence("internal/db/db.go", 3)
    assert keys(worker, "env") == []


def test_a_workspace_builds_from_its_root(detect_files):
    project = detect_files(
        {
            "go.work": "go 1.24\n\nuse (\n\t./api // the service\n\t./shared\n)\n",
            "api/go.mod": "module example.com/api\ngo 1.24\n",
            "api/main.go": 'package main\nimport "example.com/shared"\nfunc main() { shared.Do() }\n',
            "shared/go.mod": "module example.com/shared\ngo 1.24\n",
            "shared/shared.go": 'package shared\nimport "time"\nvar z, _ = time.LoadLocation("Europe/Berlin")\n',
            "other/go.mod": "module example.com/other\ngo 1.24\n",
            "other/main.go": MAIN,
        }
    )
    api, other = project.components
    assert (api.name, api.path, api.context) == ("api", "api", ".")
    assert api.fact("workspace").evidence == Evidence("go.work", 4)
    assert api.fact("time_zones").evidence == Evidence("shared/shared.go", 3)
    assert (other.path, other.context) == ("other", "other")


@pytest.mark.parametrize(
    ("module", "work", "version", "file"),
    [
        ("1.24", "1.26.1", "1.26.1", "go.work"),
        ("1.26", "1.24", "1.26", "api/go.mod"),
        ("1.9", "1.10", "1.10", "go.work"),
        ("1.26rc1", "1.26", "1.26", "go.work"),
    ],
)
def test_a_later_workspace_decides_the_version(detect_files, module, work, version, file):
    component = only(
        detect_files(
            {
                "go.work": f"go {work}\nuse ./api\n",
                "api/go.mod": f"module x.y/api\ngo {module}\n",
                "api/main.go": MAIN,
            }
        )
    )
    assert component.version == version
    assert component.fact("version").evidence.path == file


def test_a_local_replacement_widens_the_context(detect_files):
    project = detect_files(
        {
            "services/api/go.mod": "module x.y/api\ngo 1.24\nreplace x.y/lib => ../../libs/lib\n",
            "services/api/main.go": MAIN,
            "libs/lib/go.mod": "module x.y/lib\n",
            "libs/lib/lib.go": "package lib\n",
        }
    )
    component = only(project)
    assert (component.path, component.context) == ("services/api", ".")
    assert component.fact("replace").value == "libs/lib"


def test_a_replacement_outside_of_the_project_is_a_problem(detect_files):
    component = only(detect_files({"go.mod": MOD + "replace a.b/c => ../c\n", "main.go": MAIN}))
    assert component.problems[0].message.startswith("go.mod replaces a module by a folder outside")
    assert component.problems[0].evidence == Evidence("go.mod", 4)


def test_a_lone_program_without_a_module(detect_files):
    component = only(detect_files({"hello/main.go": server("", '"net/http"\n"github.com/go-chi/chi/v5"')}))
    assert (component.name, component.path, component.version) == ("hello", "hello", None)
    assert component.fact("module") is None
    assert "go mod init hello" in component.problems[0].message
    assert keys(component, "import") == ["github.com/go-chi/chi/v5"]


def test_a_go_mod_of_the_future_is_read(detect_files):
    text = "module example.com/shop\n\ngo 2.7.1\n\nhologram on\nwarp (\n\tspeed 9 // fast\n)\nrequire a.b/c v1.0.0\n"
    component = only(detect_files({"go.mod": text, "go.sum": "", "main.go": MAIN}))
    assert component.version == "2.7.1"
    assert not component.problems


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "has no module line", None),
        ("module example.com/x\nrequire (\n\ta.b/c v1", "never closed", 2),
        ("module example.com/x\ngo banana\n", "go line", 2),
        ('module "a\\nRUN rm -rf /"\n', "does not hold a module path", 1),
        ('module example.com/x"; RUN rm -rf /\n', "does not hold a module path", 1),
        ("\x00\xff\x1b[31m", "has no module line", None),
    ],
)
def test_a_damaged_go_mod_is_a_problem(detect_files, text, message, line):
    component = only(detect_files({"go.mod": text, "main.go": MAIN, "go.sum": ""}))
    problem = next(one for one in component.problems if message in one.message)
    assert problem.evidence == Evidence("go.mod", line)
    assert component.version is None
    assert component.entrypoint is not None


def test_hostile_values_stay_out_of_facts(detect_files):
    hostile = '1.24"; RUN rm -rf /'
    text = f"module {'x' * 1_000_000}\ngo {hostile}\ntoolchain go1\x1b[31m\n"
    component = only(detect_files({"go.mod": text, "main.go": MAIN}))
    assert component.version is None
    assert component.fact("module") is None
    assert component.name == "project"
    assert all("RUN" not in str(fact.value) and "\x1b" not in str(fact.value) for fact in component.facts)


def test_a_missing_go_sum_is_told(detect_files):
    component = only(detect_files({"go.mod": MOD + "require a.b/c v1.2.3\n", "main.go": MAIN}))
    assert "go mod tidy" in component.problems[0].message


def test_vendored_modules_need_no_go_sum(detect_files):
    component = only(
        detect_files(
            {
                "go.mod": MOD + "require a.b/c v1\n",
                "main.go": MAIN,
                "vendor/modules.txt": "",
                "vendor/a.b/c/m.go": MAIN,
            }
        )
    )
    assert component.value("vendored") is True
    assert not component.problems


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ('import "C"', True),
        ('import _ "github.com/mattn/go-sqlite3"', True),
        ('import (\n"net/http"\nk "github.com/confluentinc/confluent-kafka-go/v2/kafka"\n)', True),
        ('import _ "modernc.org/sqlite"', False),
        ('// import "C"\nimport "fmt"', False),
    ],
)
def test_cgo(detect_files, imports, expected):
    component = only(
        detect_files({"go.mod": MOD, "main.go": f"package main\n\n{imports}\n\nfunc main() {{}}\n"})
    )
    assert component.fact("cgo").value is expected
    assert component.fact("cgo").evidence.path == "main.go"


def test_cgo_with_a_pure_go_twin_is_not_needed(detect_files):
    component = only(
        detect_files(
            {
                "go.mod": MOD,
                "main.go": 'package main\nimport "example.com/shop/x"\nfunc main() { x.X() }\n',
                "x/fast.go": '//go:build cgo\n\npackage x\nimport "C"\n',
                "x/slow.go": "//go:build !cgo\n\npackage x\n",
            }
        )
    )
    assert component.fact("cgo").value is False


def test_cgo_names_its_libraries(detect_files):
    text = 'package main\n\n// #cgo pkg-config: vips\n// #cgo LDFLAGS: -lz -lm -lstdc++\nimport "C"\n\nfunc main() {}\n'
    component = only(detect_files({"go.mod": MOD, "main.go": text}))
    assert keys(component, "system_library") == ["vips", "z"]
    assert component.value("cgo_cxx") is True


def test_code_for_other_systems_is_not_read(detect_files):
    component = only(
        detect_files(
            {
                "go.mod": MOD,
                "main.go": MAIN,
                "service_windows.go": 'package main\nimport "C"\n',
                "x_darwin_arm64.go": 'package main\nimport "C"\n',
                "y.go": '//go:build (windows || darwin) && !linux\n\npackage main\nimport "C"\n',
                "z_linux_amd64.go": 'package main\nimport "os/user"\nvar u, _ = user.Current()\n',
            }
        )
    )
    assert component.fact("cgo").value is False
    assert component.value("user_lookup") is True


@pytest.mark.parametrize(
    ("code", "port"),
    [
        ('http.ListenAndServe(":9000", nil)', 9000),
        ('http.ListenAndServeTLS("0.0.0.0:8443", "c", "k", nil)', 8443),
        ('s := &http.Server{Addr: ":7000"}; s.ListenAndServe()', 7000),
        ('r := gin.Default(); r.Run(":5000")', 5000),
        ('e := echo.New(); e.Start(":1323")', 1323),
        ('app := fiber.New(); app.Listen(":3000")', 3000),
        ('l, _ := net.Listen("tcp", ":50051"); grpc.NewServer().Serve(l)', 50051),
        (
            'port := os.Getenv("PORT")\nif port == "" {\n\tport = "8081"\n}\nhttp.ListenAndServe(":"+port, nil)',
            8081,
        ),
        ('port := cmp.Or(os.Getenv("PORT"), "8082"); http.ListenAndServe(":"+port, nil)', 8082),
        ('port := getEnv("PORT", "8083"); http.ListenAndServe(":"+port, nil)', 8083),
        ('addr := flag.String("addr", ":8084", "where"); http.ListenAndServe(*addr, nil)', 8084),
        ('port := flag.Int("port", 8085, "p"); http.ListenAndServe(fmt.Sprintf(":%d", *port), nil)', 8085),
        ('type C struct { Port int `env:"PORT" envDefault:"8086"` }\nhttp.ListenAndServe(a, nil)', 8086),
        ("const port = 8087\nhttp.ListenAndServe(a, nil)", 8087),
        ('viper.SetDefault("server.port", 8088); http.ListenAndServe(a, nil)', 8088),
        ('http.ListenAndServe(":6060", nil) // pprof\nhttp.ListenAndServe(":8089", nil)', 8089),
        ('go http.ListenAndServe(":9090", metrics)\nhttp.ListenAndServe(":8090", nil)', 8090),
        (
            'if v := os.Getenv("PORT"); v != "" {\n\treturn v\n}\nreturn "8091"\nhttp.ListenAndServe(a, nil)',
            8091,
        ),
        ("http.ListenAndServe(address, nil)", None),
        ("const redisPort = 6379\nhttp.ListenAndServe(address, nil)", None),
        ('redis.Dial("tcp", ":6379")', None),
        ('http.ListenAndServe(":99999", nil)', None),
    ],
)
def test_ports(detect_files, code, port):
    text = f"package main\n\nfunc main() {{\n{code}\n}}\n"
    assert only(detect_files({"go.mod": MOD, "main.go": text})).port == port


def test_gin_without_an_address(detect_files):
    text = 'package main\nimport "github.com/gin-gonic/gin"\nfunc main() { r := gin.Default(); r.Run() }\n'
    component = only(detect_files({"go.mod": MOD, "main.go": text}))
    assert (component.port, component.framework) == (8080, "gin")


def test_other_ports_are_kept(detect_files):
    component = only(
        detect_files({"go.mod": MOD, "main.go": server('go http.ListenAndServe(":9090", metrics)')})
    )
    assert component.port == 8080
    assert keys(component, "other_port") == [9090]


def test_listening_on_this_machine_only_is_told(detect_files):
    text = 'package main\nfunc main() { http.ListenAndServe("127.0.0.1:8080", nil) }\n'
    component = only(detect_files({"go.mod": MOD, "main.go": text}))
    assert "nobody outside of the container" in component.problems[0].message


def test_a_port_that_nothing_says_is_asked_for(detect_files):
    text = "package main\nfunc main() { http.ListenAndServe(config.Address, nil) }\n"
    component = only(detect_files({"go.mod": MOD, "main.go": text}))
    assert component.port is None
    assert "set port in slimdesk.toml" in component.problems[0].message


@pytest.mark.parametrize(
    ("code", "names", "required"),
    [
        ('a := os.Getenv("A_B")', ["A_B"], []),
        ('if os.Getenv("A") == "" {\n\tlog.Fatal("A is not set")\n}', ["A"], ["A"]),
        ('a := os.Getenv("A")\nif a == "" {\n\tpanic("no A")\n}', ["A"], ["A"]),
        ('cfg.A = os.Getenv("A")\nif cfg.A == "" {\n\treturn fmt.Errorf("A must be set")\n}', ["A"], ["A"]),
        ('a, ok := os.LookupEnv("A")\nif !ok {\n\tos.Exit(1)\n}', ["A"], ["A"]),
        ('if a := os.Getenv("A"); a == "" {\n\tslog.Error("x")\n\tos.Exit(2)\n}', ["A"], ["A"]),
        ('a := os.Getenv("A")\nif a == "" {\n\ta = "x"\n}\nif err != nil {\n\tlog.Fatal(err)\n}', ["A"], []),
        ('a := mustGetenv("API_KEY")', ["API_KEY"], ["API_KEY"]),
        ('type C struct {\n A string `env:"A,required"`\n B string `env:"B"`\n}', ["A", "B"], ["A"]),
        ('type C struct {\n A string `envconfig:"A" required:"true"`\n}', ["A"], ["A"]),
        ('os.Setenv("A", "1"); os.Unsetenv("B")', [], []),
        ('// os.Getenv("A")', [], []),
        ('viper.BindEnv("db.url", "DB_URL")', ["DB_URL"], []),
    ],
)
def test_variables(detect_files, code, names, required):
    component = only(
        detect_files({"go.mod": MOD, "main.go": f"package main\n\nfunc main() {{\n{code}\n}}\n"})
    )
    assert keys(component, "env") == names
    assert keys(component, "env_required") == required


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('mux.HandleFunc("GET /healthz", ok)', "/healthz"),
        ('r.GET("/ready", ok)\nr.GET("/api/health", ok)', "/api/health"),
        ('r.Get("/livez", ok)', "/livez"),
        ('http.Get("http://other/health")', None),
        ('log.Print("/health")', None),
    ],
)
def test_health_paths(detect_files, code, path):
    component = only(detect_files({"go.mod": MOD, "main.go": server(code)}))
    assert component.value("health_path") == path


@pytest.mark.parametrize(
    ("code", "key", "value"),
    [
        ("resp, _ := http.Get(url)", "ca_certificates", True),
        ("c := &http.Client{}", "ca_certificates", True),
        ('time.LoadLocation("Asia/Tokyo")', "time_zones", True),
        ('os.CreateTemp("", "x")', "writes_tmp", True),
        ('os.WriteFile("/tmp/x", b, 0o600)', "writes_tmp", True),
        ('exec.Command("sh", "-c", x)', "shell", True),
        ('exec.CommandContext(ctx, "ffmpeg", x)', "program", "ffmpeg"),
        ('flag.Bool("healthcheck", false, "")', "healthcheck", ("-healthcheck",)),
        ('if os.Args[1] == "healthcheck" {}', "healthcheck", ("healthcheck",)),
    ],
)
def test_what_the_code_needs(detect_files, code, key, value):
    component = only(detect_files({"go.mod": MOD, "main.go": server(code)}))
    assert component.fact(key).value == value
    assert component.fact(key).evidence == Evidence("main.go", 6)


@pytest.mark.parametrize(
    ("imports", "reaches"),
    [('"net/http"', True), ('"net"', True), ('"crypto/tls"', True), ('"net/url"', None), ('"fmt"', None)],
)
def test_whether_it_can_reach_others(detect_files, imports, reaches):
    main = f"package main\n\nimport {imports}\n\nfunc main() {{}}\n"
    component = only(detect_files({"go.mod": MOD, "main.go": main}))
    assert component.value("network") is reaches


def test_embedded_time_zones(detect_files):
    component = only(detect_files({"go.mod": MOD, "main.go": server("", '"net/http"; _ "time/tzdata"')}))
    assert component.value("time_zones_embedded") is True


def test_files_that_are_read_when_it_runs(detect_files):
    code = 'template.ParseGlob("templates/*.html")\nos.ReadFile("config.yaml")\nos.ReadFile("absent.yaml")\nmigrate.New("file://migrations")'
    component = only(
        detect_files(
            {
                "go.mod": MOD,
                "main.go": server(code),
                "templates/a.html": "",
                "config.yaml": "",
                "migrations/1.sql": "",
            }
        )
    )
    assert sorted(keys(component, "runtime_file")) == ["config.yaml", "migrations", "templates"]


def test_embedded_files_and_the_makefile_are_shown(detect_files):
    text = 'package main\n\nimport _ "embed"\n\n//go:embed static/*\nvar static string\n\nfunc main() {}\n'
    make = "build: ## all\n\t@go build -tags netgo,osusergo -o bin/shop ./...\n"
    component = only(detect_files({"go.mod": MOD, "main.go": text, "Makefile": make}))
    assert component.fact("embed").evidence == Evidence("main.go", 5)
    assert component.value("build_tags") == "netgo,osusergo"
    assert component.fact("makefile_build").evidence == Evidence("Makefile", 2)


def test_embedded_files_that_something_else_makes_are_told(detect_files):
    text = 'package main\n\nimport "embed"\n\n//go:embed all:dist/* here.txt\nvar files embed.FS\n\nfunc main() {}\n'
    component = only(detect_files({"go.mod": MOD, "main.go": text, "here.txt": ""}))
    (problem,) = component.problems
    assert problem.message.startswith("The code embeds all:dist/*, which is not in the folder")
    assert problem.evidence == Evidence("main.go", 5)


def test_generated_code_and_deep_constraints_do_no_harm(detect_files):
    project = detect_files(
        {
            "go.mod": MOD,
            "main.go": MAIN,
            "a.go": "//go:build " + "(" * 5000 + "linux\n\npackage main\n",
            "b.go": "//go:build " + "!" * 5000 + "linux\n\npackage main\n",
            "c.go": "//go:build || && ) (\n\npackage main\n",
            "d.pb.go": '// Code generated by protoc. DO NOT EDIT.\npackage main\nvar x = os.Getenv("GENERATED")\n',
        }
    )
    assert keys(only(project), "env") == []


def test_the_bundled_sample(request):
    root = request.config.rootpath / "resources" / "sample" / "harbour"
    api = detect(root).component("api")
    assert (api.version, api.framework, api.port, api.value("health_path")) == (
        "1.26",
        "chi",
        8080,
        "/healthz",
    )


HOSTILE = {
    "spaces": "port" + " " * 125_000,
    "lines": "\n" * 125_000,
    "port lines": "port" + "\n" * 100_000,
    "one long word": "Env" * 40_000,
    "a long quoted word": 'flag.String("' + "port" * 25_000,
    "tags": '`env:"PORT' * 11_000,
    "one tag line": "`" + 'env:"PORT' * 12_000,
    "imports": "import (\n" * 12_000,
    "cgo comments": "// #cgo" + " a" * 50_000,
    "if": "if a=" * 22_000,
    "getenv": 'os.Getenv("PORT")' * 7_000,
    "listen": 'http.ListenAndServe(":8080"' * 4_000,
    "paths": '"/' + "a/" * 50_000,
    "quotes": '"' * 100_000,
    "open comment": "/*" * 50_000,
    "reads": "os.Open(" * 15_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_code_takes_no_time(detect_files, text):
    before = time.process_time()
    detect_files(
        {
            "go.mod": MOD,
            "main.go": MAIN + text,
            "b.go": f"package main\nfunc f() {{ http.ListenAndServe() }}\n{text}",
        }
    )
    # Quadratic patterns take minutes here; the bound leaves room for a slow machine.
    assert time.process_time() - before < 5


PORTLESS = (
    'package main\n\nimport ("net/http"; "os")\n\nfunc main() {\n\tport := os.Getenv("PORT")\n\tif port == "" {\n\t\tpanic("PORT")\n\t}\n'
    '\thttp.ListenAndServe(":"+port, nil)\n}\n'
)


def test_a_port_that_only_the_environment_says_is_given_by_the_image(detect_files):
    component = only(detect_files({"go.mod": MOD, "main.go": PORTLESS}))
    assert component.port == 8080
    assert component.fact("port_env").evidence == Evidence("main.go", 6)
    assert not component.problems
    stated = only(detect_files({"go.mod": MOD, "main.go": PORTLESS, "Dockerfile": "FROM a\nEXPOSE 9000\n"}))
    assert (stated.port, stated.value("port_env")) == (9000, "PORT")


def test_a_folder_called_src_names_no_program(detect_files):
    component = only(detect_files({"go.mod": MOD, "src/server.go": server()}))
    assert (component.entrypoint, component.value("package")) == (("/shop",), "./src")


def test_go_files_within_a_project_of_another_language_are_no_components(detect_files):
    package = '{"name": "desk", "scripts": {"start": "node server.js"}}'
    project = detect_files(
        {"package.json": package, "server.js": "require('http')\n", "extra/push/main.go": server()}
    )
    assert [component.profile for component in project.components] == ["node"]
