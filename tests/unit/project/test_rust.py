"""Cargo packages and workspaces: programs, versions, ports, native crates, and what is not Rust's to ship."""

from __future__ import annotations

import time

import pytest

from slimdesk.project.model import Evidence

PACKAGE = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'
MAIN = "fn main() {}\n"


def only(project):
    (component,) = project.components
    return component


def keys(component, key):
    return [fact.value for fact in component.all(key)]


def said(thing):
    return " ".join(problem.message for problem in thing.problems)


def locked(*packages: str) -> str:
    """A Cargo.lock: `name` or `name: needs needs`."""
    parts = ["version = 4\n"]
    for text in packages:
        name, _, needs = text.partition(":")
        listed = ", ".join(f'"{need}"' for need in needs.split())
        parts.append(f'[[package]]\nname = "{name}"\nversion = "1.0.0"\ndependencies = [{listed}]\n')
    return "\n".join(parts)


def server(line: str) -> str:
    return f"use tokio::net::TcpListener;\n#[tokio::main]\nasync fn main() {{\n    {line}\n}}\n"


def test_a_package_with_its_evidence(detect_files):
    files = {
        "Cargo.toml": PACKAGE
        + 'rust-version = "1.85"\n[dependencies]\naxum = "0.8"\n[profile.release]\nlto = true\n',
        "Cargo.lock": locked("shop: axum", "axum"),
        "src/main.rs": server('let l = TcpListener::bind("0.0.0.0:3000").await?;'),
    }
    component = only(detect_files(files))
    assert (component.name, component.profile, component.path, component.context) == (
        "shop",
        "rust",
        ".",
        ".",
    )
    assert (component.version, component.package_manager, component.framework) == ("1.85", "cargo", "axum")
    assert (component.entrypoint, component.port) == (("/shop",), 3000)
    assert component.fact("version").evidence == Evidence("Cargo.toml", 5)
    assert component.fact("framework").evidence == Evidence("Cargo.toml", 7)
    assert component.fact("port").evidence == Evidence("src/main.rs", 4)
    assert component.value("lock_file") == "Cargo.lock"
    assert component.value("profile_lto") is True
    assert not component.problems


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ('let l = TcpListener::bind("0.0.0.0:3000").await?;', 3000),
        ('HttpServer::new(|| App::new()).bind(("0.0.0.0", 8080))?.run().await', 8080),
        ("let addr = SocketAddr::from(([0, 0, 0, 0], 4000)); TcpListener::bind(addr);", 4000),
        ("warp::serve(routes).run(([0, 0, 0, 0], 3030)).await; TcpListener", 3030),
        ("let a = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5000); TcpListener::bind(a);", 5000),
        ("let a = (Ipv4Addr::UNSPECIFIED, 5001); TcpListener::bind(a);", 5001),
        ('let s = Server::http("0.0.0.0:8000").unwrap();', 8000),
        (
            'let port = std::env::var("PORT").unwrap_or_else(|_| "7000".to_string()); TcpListener::bind(p);',
            7000,
        ),
        (
            'let port: u16 = env::var("PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(7100); TcpListener',
            7100,
        ),
        ('let a: SocketAddr = "0.0.0.0:6000".parse()?; TcpListener::bind(a);', 6000),
        ("const PORT: u16 = 6100; TcpListener::bind(p);", 6100),
        ('let l = TcpListener::bind("127.0.0.1:0");', None),
        ('let p = PgConnection::connect("postgres://db:5432/x"); let l = TcpListener::bind(a);', None),
    ],
)
def test_ports_that_code_says(detect_files, line, port):
    component = only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": server(line)}))
    assert component.port == port


@pytest.mark.parametrize(
    "line",
    [
        'let l = TcpListener::bind("127.0.0.1:3000").await?;',
        "let a = SocketAddr::from(([127, 0, 0, 1], 3000)); TcpListener::bind(a);",
        'HttpServer::new(app).bind(("localhost", 3000))?;',
        "let a = (Ipv4Addr::LOCALHOST, 3000); TcpListener::bind(a);",
    ],
)
def test_an_address_of_this_machine_alone_is_a_problem(detect_files, line):
    component = only(
        detect_files({"Cargo.toml": PACKAGE, "Cargo.lock": locked("shop"), "src/main.rs": server(line)})
    )
    assert component.port == 3000
    (problem,) = component.problems
    assert "nobody outside of the container reaches" in problem.message
    assert "0.0.0.0:3000" in problem.message
    assert problem.evidence == Evidence("src/main.rs", 4)


def test_comments_and_tests_say_nothing(detect_files):
    code = server('// TcpListener::bind("0.0.0.0:1111")\n    let l = TcpListener::bind("0.0.0.0:2222");')
    code += '#[cfg(test)]\nmod tests { fn t() { TcpListener::bind("0.0.0.0:3333"); } }\n'
    component = only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": code}))
    assert component.port == 2222
    assert keys(component, "other_port") == []


def test_a_command_has_no_port(detect_files):
    files = {
        "Cargo.toml": PACKAGE + '[dependencies]\nclap = "4"\n',
        "src/main.rs": "struct Args { #[arg(default_value_t = 8080)] port: u16 }\nfn main() {}\n",
    }
    component = only(detect_files(files))
    assert (component.framework, component.port) == ("clap", None)
    assert keys(component, "port") == []


@pytest.mark.parametrize(
    ("settings", "port"),
    [(None, 8000), ("[default]\nport = 9000\naddress = '0.0.0.0'\n", 9000), ("port = [", 8000)],
)
def test_rocket_has_a_port_of_its_own(detect_files, settings, port):
    files = {
        "Cargo.toml": PACKAGE + '[dependencies]\nrocket = "0.5"\n',
        "src/main.rs": "#[launch]\nfn rocket() {}\n",
    }
    if settings is not None:
        files["Rocket.toml"] = settings
    component = only(detect_files(files))
    assert (component.framework, component.port) == ("rocket", port)


def test_a_virtual_workspace_ships_each_member_with_a_program(detect_files):
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*", "services/api"]\nexclude = ["crates/old"]\n[workspace.package]\nedition = "2024"\nrust-version = "1.90"\n',
        "Cargo.lock": locked("api: shared", "worker: shared", "shared"),
        "crates/shared/Cargo.toml": '[package]\nname = "shared"\nversion = "0.1.0"\n',
        "crates/shared/src/lib.rs": 'pub fn at() -> &\'static str { "0.0.0.0:4444" }\n',
        "crates/worker/Cargo.toml": '[package]\nname = "worker"\nversion = "0.1.0"\nrust-version.workspace = true\nedition.workspace = true\n',
        "crates/worker/src/main.rs": MAIN,
        "services/api/Cargo.toml": '[package]\nname = "api"\nversion = "0.1.0"\n[dependencies]\nshared = { path = "../../crates/shared" }\n',
        "services/api/src/main.rs": server('TcpListener::bind("0.0.0.0:8081");'),
        "crates/xtask/Cargo.toml": '[package]\nname = "xtask"\nversion = "0.1.0"\n',
        "crates/xtask/src/main.rs": MAIN,
    }
    project = detect_files(files)
    assert {(one.name, one.path, one.context) for one in project.components} == {
        ("api", "services/api", "."),
        ("worker", "crates/worker", "."),
    }
    worker = project.component("worker")
    assert (worker.version, worker.value("edition")) == ("1.90", "2024")
    assert worker.fact("version").evidence.path == "Cargo.toml"
    assert project.component("api").port == 8081
    assert project.component("api").value("lock_file") == "Cargo.lock"


def test_default_members_come_before_others(detect_files):
    files = {"Cargo.toml": '[workspace]\nmembers = ["a", "b"]\ndefault-members = ["b"]\n'}
    for name in ("a", "b"):
        files[f"{name}/Cargo.toml"] = f'[package]\nname = "{name}"\n'
        files[f"{name}/src/main.rs"] = MAIN
    assert only(detect_files(files)).name == "b"


def test_several_programs_are_a_choice(detect_files):
    files = {
        "Cargo.toml": PACKAGE.replace("edition", 'default-run = "serve"\nedition')
        + '[[bin]]\nname = "serve"\npath = "src/serve.rs"\nrequired-features = ["web"]\n',
        "src/serve.rs": MAIN,
        "src/bin/migrate.rs": MAIN,
        "src/bin/import/main.rs": MAIN,
        "src/main.rs": MAIN,
    }
    component = only(detect_files(files))
    assert component.entrypoint == ("/serve",)
    assert keys(component, "binary") == ["serve", "shop", "import", "migrate"]
    assert component.value("features") == ("web",)
    assert component.name == "shop"


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.90.0"\n', "1.90.0"),
        ("rust-toolchain", "nightly-2026-01-01\n", "nightly-2026-01-01"),
        ("rust-toolchain", '[toolchain]\nchannel = "stable"\n', "stable"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = 5\n", None),
        ("rust-toolchain", "$(reboot)\n", None),
    ],
)
def test_the_toolchain_file_says_the_version(detect_files, name, text, version):
    component = only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": MAIN, name: text}))
    assert component.version == version
    assert component.value("toolchain") == version


@pytest.mark.parametrize(
    ("lock", "libraries", "tools"),
    [
        (
            ("shop: openssl-sys", "openssl-sys: cc pkg-config", "pkg-config", "cc"),
            ["openssl"],
            ["pkg-config"],
        ),
        (("shop: openssl-sys", "openssl-sys: openssl-src", "openssl-src"), [], ["perl", "make"]),
        (("shop: libsqlite3-sys", "libsqlite3-sys: cc pkg-config"), [], []),
        (("shop: libsqlite3-sys", "libsqlite3-sys: pkg-config"), ["sqlite3"], []),
        (("shop: pq-sys", "pq-sys"), ["libpq"], []),
        (("shop: prost-build", "prost-build"), [], ["protoc"]),
        (("shop: prost-build", "prost-build", "protoc-bin-vendored"), [], []),
        (("shop", "other: openssl-sys", "openssl-sys"), [], []),
    ],
)
def test_native_crates_that_are_really_built(detect_files, lock, libraries, tools):
    component = only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": MAIN, "Cargo.lock": locked(*lock)}))
    assert keys(component, "system_library") == libraries
    assert [tool for tool in keys(component, "build_tool") if tool != "pkg-config" or tool in tools] == tools
    for fact in component.all("system_library"):
        assert fact.evidence.path == "Cargo.lock"
        assert fact.evidence.line is not None


def test_a_missing_lock_file_is_a_problem(detect_files):
    component = only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": MAIN}))
    assert "Cargo.lock is missing" in said(component)


def test_files_that_are_opened_and_are_there(detect_files):
    code = 'fn main() { let a = ServeDir::new("static"); let b = read_to_string("config.toml"); let c = File::open("gone.txt"); }\n'
    files = {"Cargo.toml": PACKAGE, "src/main.rs": code, "static/index.html": "hi", "config.toml": "x = 1\n"}
    assert keys(only(detect_files(files)), "runtime_file") == ["static", "config.toml"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"Cargo.toml": PACKAGE, "src/lib.rs": ""}, "is a library"),
        ({"Cargo.toml": PACKAGE + "[dependencies]\ntauri = '2'\n", "src/main.rs": MAIN}, "desktop program"),
        ({"Cargo.toml": PACKAGE, "Trunk.toml": "", "src/main.rs": MAIN}, "WebAssembly"),
        ({"Cargo.toml": PACKAGE, "src/main.rs": "#![no_std]\n#![no_main]\n"}, "without an operating system"),
        ({"Cargo.toml": "[package\n", "src/main.rs": MAIN}, "could not be read as TOML"),
    ],
)
def test_what_is_not_shipped_says_why(detect_files, files, words):
    project = detect_files(files)
    assert project.components == ()
    assert words in said(project)


def test_vendored_crates_are_no_components(detect_files):
    files = {
        "Cargo.toml": PACKAGE,
        "src/main.rs": MAIN,
        "vendor/tool/Cargo.toml": '[package]\nname = "tool"\n',
        "vendor/tool/src/main.rs": MAIN,
        "vendor/tool/.cargo-checksum.json": "{}",
    }
    component = only(detect_files(files))
    assert component.value("vendored") is True
    assert component.value("vendor_folder") == "vendor"


@pytest.mark.parametrize(
    "manifest",
    [
        "[package]\nname = 5\n",
        '[package]\nname = "a\\u0007b\\nRUN reboot"\n',
        '[package]\nname = "x"\nedition = []\nrust-version = {}\ndefault-run = 1\nbuild = 7\n[[bin]]\nname = 4\n[dependencies]\na = 4\nb = []\n',
        '[package]\nname = "x"\nrust-version = "1.0; rm"\n[dependencies]\nup = { path = "../../../etc" }\n',
        '[workspace]\nmembers = ["../outside", 5, "*", "loop"]\n[package]\nname = "x"\n[lib]\n[profile]\nrelease = 3\n',
        'bin = 5\n[package]\nname = "x"\nworkspace = "."\n[workspace]\npackage = []\ndependencies = 1\n[patch.crates-io]\nx = { path = "/abs" }\n',
    ],
)
def test_hostile_manifests_give_problems(detect_files, manifest):
    project = detect_files(
        {"Cargo.toml": manifest, "Cargo.lock": "package = [5, {name = 4}]\n", "src/main.rs": MAIN}
    )
    for component in project.components:
        for fact in component.facts:
            assert not any(ord(sign) < 32 for sign in str(fact.value))
            assert ".." not in component.context


def test_workspaces_that_name_each_other_end(detect_files):
    files = {}
    for name, other in (("a", "b"), ("b", "a")):
        files[f"{name}/Cargo.toml"] = (
            f'[workspace]\nmembers = ["../{other}"]\n[package]\nname = "{name}"\n[dependencies]\n{other} = {{ path = "../{other}" }}\n'
        )
        files[f"{name}/src/main.rs"] = MAIN
    assert {one.name for one in detect_files(files).components} == {"a", "b"}


@pytest.mark.parametrize(
    "junk", ['r#"' * 20_000, "/*" * 50_000, '"' + "\\" * 90_000, "env::var(" * 20_000, "bind(" * 40_000]
)
def test_hostile_sources_take_no_time(detect_files, junk):
    begun = time.process_time()
    only(detect_files({"Cargo.toml": PACKAGE, "src/main.rs": MAIN + junk}))
    assert time.process_time() - begun < 5
