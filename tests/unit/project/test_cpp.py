"""C and C++ projects: build systems, programs, libraries, ports, and code that belongs to other languages."""

from __future__ import annotations

import time

import pytest

from slimdesk.project.model import Evidence

MAIN = '#include <stdio.h>\nint main(void)\n{\n    puts("hi");\n    return 0;\n}\n'


def only(project):
    (component,) = project.components
    return component


def keys(component, key):
    return [fact.value for fact in component.all(key)]


def said(thing):
    return " ".join(problem.message for problem in thing.problems)


def test_a_cmake_project_with_its_evidence(detect_files):
    files = {
        "CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(shop LANGUAGES CXX)\nset(CMAKE_CXX_STANDARD 20)\n"
        "find_package(ZLIB REQUIRED)\nfind_package(Boost REQUIRED COMPONENTS filesystem program_options)\nfind_package(Threads)\n"
        "# find_package(CURL)\nadd_subdirectory(src)\nadd_subdirectory(tests)\n",
        "src/CMakeLists.txt": "add_executable(${PROJECT_NAME} main.cpp)\ntarget_link_libraries(shop ZLIB::ZLIB sqlite3)\ninstall(TARGETS shop)\n",
        "src/main.cpp": '#include <httplib.h>\nint main() {\n  httplib::Server s;\n  s.listen("0.0.0.0", 8080);\n}\n',
        "tests/CMakeLists.txt": "find_package(GTest REQUIRED)\nfind_package(CURL)\nadd_executable(shop_tests t.cpp)\n",
        "tests/t.cpp": "int main() {}\n",
    }
    component = only(detect_files(files))
    assert (component.name, component.profile, component.package_manager) == ("shop", "cpp", "cmake")
    assert (component.version, component.framework, component.port) == ("C++20", "cpp-httplib", 8080)
    assert component.entrypoint == ("/shop",)
    assert component.value("cxx") is True
    assert keys(component, "binary") == ["shop"]
    assert keys(component, "system_library") == ["zlib", "boost-filesystem", "boost-program-options"]
    assert component.fact("system_library").evidence == Evidence("CMakeLists.txt", 4)
    assert component.fact("port").evidence == Evidence("src/main.cpp", 4)
    assert component.fact("binary").evidence == Evidence("src/CMakeLists.txt", 1)


def test_several_programs_are_a_choice_and_the_installed_one_comes_first(detect_files):
    files = {
        "CMakeLists.txt": "project(tools C)\nadd_executable(one one.c)\nadd_executable(two two.c)\nset_target_properties(two PROPERTIES OUTPUT_NAME second)\ninstall(TARGETS two)\n",
        "one.c": MAIN,
        "two.c": MAIN,
    }
    component = only(detect_files(files))
    assert keys(component, "binary") == ["second", "one"]
    assert component.value("cxx") is False


def test_meson(detect_files):
    files = {
        "meson.build": "project('clock', 'cpp', default_options: ['cpp_std=c++20'])\n# dependency('libcurl')\nz = dependency('zlib')\nsubdir('src')\n",
        "src/meson.build": "executable('clockd', 'main.cpp', dependencies: [z, dependency('sqlite3')], install: true)\n",
        "src/main.cpp": "int main() { }\n",
    }
    component = only(detect_files(files))
    assert (component.package_manager, component.entrypoint) == ("meson", ("/clockd",))
    assert keys(component, "system_library") == ["zlib", "sqlite3"]
    assert keys(component, "build_tool") == ["pkg-config"]
    assert component.port is None


@pytest.mark.parametrize("prepared", [True, False])
def test_autotools_with_and_without_a_configure_script(detect_files, prepared):
    files = {
        "configure.ac": "AC_INIT([tally], [1.0])\nAC_PROG_CC\nAC_CHECK_LIB([z], [inflate])\nPKG_CHECK_MODULES([CURL], [libcurl >= 7])\n",
        "Makefile.am": "bin_PROGRAMS = tally\ntally_SOURCES = main.c\ntally_LDADD = -lm\n",
        "main.c": MAIN,
    }
    if prepared:
        files["configure"] = "#!/bin/sh\n"
    component = only(detect_files(files))
    assert (component.package_manager, component.entrypoint) == ("autotools", ("/tally",))
    assert component.value("configure") is prepared
    assert keys(component, "system_library") == ["zlib", "libcurl"]


@pytest.mark.parametrize(
    ("makefile", "program"),
    [
        (
            "CC = gcc\nTARGET = bin/server\nall: $(TARGET)\n$(TARGET): main.o\n\t$(CC) -o $@ main.o -lsqlite3\n",
            "server",
        ),
        ("all: server\nserver: main.c\n\tgcc -o server main.c -lsqlite3\nclean:\n\trm -f server\n", "server"),
        ("server: main.c\n\t$(CC) main.c -o server -lsqlite3\n", "server"),
    ],
)
def test_a_makefile_that_compiles(detect_files, makefile, program):
    component = only(detect_files({"Makefile": makefile, "main.c": MAIN}))
    assert (component.package_manager, component.entrypoint) == ("make", (f"/{program}",))
    assert keys(component, "system_library") == ["sqlite3"]
    assert not component.problems


def test_a_makefile_whose_program_is_not_clear_says_so(detect_files):
    component = only(detect_files({"Makefile": "include rules.mk\n.c.o:\n\t$(CC) -c $<\n", "main.c": MAIN}))
    assert "set binary" in said(component)


@pytest.mark.parametrize(("name", "cxx"), [("main.c", False), ("main.cpp", True), ("hello.c", False)])
def test_a_lone_program(detect_files, name, cxx):
    component = only(detect_files({name: MAIN, "helper.c": "int help(void) { return 1; }\n"}))
    assert component.value("build_system") == "compiler"
    assert component.package_manager is None
    assert component.value("cxx") is cxx
    assert set(keys(component, "source")) == {name, "helper.c"}
    assert component.entrypoint == (("/project",) if name.startswith("main.") else ("/hello",))


@pytest.mark.parametrize(
    "files",
    [
        {"go.mod": "module x\n", "main.go": "package main\nfunc main() {}\n", "Makefile": "all:\n\tgo build\n", "c/x.c": MAIN},
        {"Cargo.toml": '[package]\nname = "x"\n', "src/main.rs": "fn main() {}\n", "build.rs": "", "c/main.c": MAIN, "c/CMakeLists.txt": "project(c)\nadd_executable(c main.c)\n"},
        {"setup.py": "from setuptools import setup\n", "ext/main.c": MAIN, "Makefile": "all:\n\tgcc -o x ext/main.c\n"},
        {"pyproject.toml": '[build-system]\nrequires = ["scikit-build-core"]\n', "CMakeLists.txt": "project(x)\nadd_executable(x main.c)\n", "main.c": MAIN},
        {"package.json": '{"name": "x", "main": "i.js"}', "binding.gyp": "{}", "src/main.cc": MAIN, "Makefile": "all:\n\tg++ -o x src/main.cc\n"},
        {"package.json": '{"name": "x"}', "Makefile": "build:\n\tgcc -o x main.c\n", "main.c": MAIN},
        {"Makefile": "obj-m += driver.o\n\t$(CC)\n", "driver.c": MAIN},
        {"Makefile": "CC = arm-none-eabi-gcc\nfw: main.c\n\t$(CC) -o fw main.c\n", "main.c": MAIN},
        {"Makefile": "up:\n\tdocker compose up\n", "main.py": "print(1)\n", "main.c": MAIN},
        {"platformio.ini": "", "src/main.cpp": MAIN, "CMakeLists.txt": "project(x)\nadd_executable(x src/main.cpp)\n"},
    ],
    ids=["cgo", "build.rs", "setup.py", "scikit-build", "node-gyp", "node", "kernel", "device", "other", "platformio"],
)  # fmt: skip
def test_code_of_others_is_not_claimed(detect_files, files):
    assert [one.name for one in detect_files(files).components if one.profile == "cpp"] == []


def test_a_library_says_that_there_is_nothing_to_ship(detect_files):
    files = {
        "CMakeLists.txt": "project(lib C)\nadd_library(lib lib.c)\nadd_executable(lib_test t.c)\n",
        "lib.c": "int f(void) { return 1; }\n",
        "t.c": MAIN,
    }
    project = detect_files(files)
    assert project.components == ()
    assert "library and no program" in said(project)


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("address.sin_port = htons(9000); listen(fd, 5);", 9000),
        ("app.port(18080).multithreaded().run();", 18080),
        ('const char *p = getenv("PORT"); int port = p ? atoi(p) : 7000; listen(fd, 5);', None),
        ('int port = getenv("PORT") ? atoi(getenv("PORT")) : 7001; listen(fd, 5);', 7001),
        ("tcp::acceptor a(io, tcp::endpoint(tcp::v4(), 8088));", 8088),
        ("peer.sin_port = htons(9000); connect(fd, peer);", None),
    ],
)
def test_ports(detect_files, line, port):
    assert only(detect_files({"main.cpp": f"int main() {{\n    {line}\n}}\n"})).port == port


def test_an_address_of_this_machine_alone_is_a_problem(detect_files):
    code = "int main() {\n  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);\n  a.sin_port = htons(9000);\n  listen(fd, 5);\n}\n"
    component = only(detect_files({"main.c": code}))
    assert component.problems[0].evidence == Evidence("main.c", 2)
    assert "127.0.0.1 only" in said(component)


def test_what_the_program_calls(detect_files):
    code = 'int main(void) {\n  getaddrinfo(0, 0, 0, 0);\n  system("ls");\n  fopen("config.ini", "r");\n  getenv("HOME");\n}\n'
    component = only(detect_files({"main.c": code, "config.ini": "a=1\n"}))
    assert component.fact("name_lookup").evidence == Evidence("main.c", 2)
    assert component.value("shell") is True
    assert keys(component, "runtime_file") == ["config.ini"]
    assert keys(component, "env") == ["HOME"]


def test_static_linking_downloads_managers_and_submodules(detect_files):
    files = {
        "CMakeLists.txt": "project(x CXX)\ninclude(FetchContent)\nFetchContent_Declare(fmt GIT_REPOSITORY https://x)\nadd_executable(x main.cpp)\ntarget_link_options(x PRIVATE -static)\n",
        "main.cpp": "int main() {}\n",
        "vcpkg.json": "{}",
        ".gitmodules": '[submodule "json"]\n\tpath = external/json\n\turl = https://x\n',
    }
    component = only(detect_files(files))
    assert component.value("static") is True
    assert component.value("fetches") == "fmt"
    assert component.value("cpp_manager") == "vcpkg"
    assert "git submodule update" in said(component)


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("CMakeLists.txt", "add_executable(" * 20_000),
        ("CMakeLists.txt", "#[" + "=" * 50_000),
        ("CMakeLists.txt", "project(a)\nset(A ${A})\n" + "set(B ${A}${A})\nset(A ${B}${B})\n" * 500),
        (
            "CMakeLists.txt",
            'project(x\u0007\u001b[2J)\nadd_executable($(reboot) a.c)\nadd_executable("a\nRUN b" a.c)\nadd_subdirectory(../..)\nadd_subdirectory(.)\n',
        ),
        ("meson.build", "executable('" * 20_000),
        ("meson.build", "project('\u0007', 'c')\nexecutable('../../x', 'a.c')\n"),
        ("configure.ac", "AC_INIT([" * 20_000),
        ("Makefile", "$(CC)\n" + "a " * 100_000 + ":\n\tgcc\n"),
        ("Makefile", "TARGET = " + "a/" * 50_000 + "\n\tgcc -o " + "x/" * 50_000),
    ],
)
def test_hostile_build_files_take_no_time_and_raise_nothing(detect_files, name, junk):
    begun = time.process_time()
    project = detect_files({name: junk, "main.c": MAIN})
    assert time.process_time() - begun < 5
    for component in project.components:
        for fact in component.facts:
            assert not any(ord(sign) < 32 for sign in str(fact.value))
        assert all(".." not in str(value) and " " not in str(value) for value in keys(component, "binary"))


@pytest.mark.parametrize(
    "junk",
    ["/*" * 100_000, '"' + "\\" * 100_000, "'" * 100_000, 'getenv("PORT")' * 20_000, "int main " * 30_000],
)
def test_hostile_sources_take_no_time(detect_files, junk):
    begun = time.process_time()
    detect_files({"main.c": MAIN + junk})
    assert time.process_time() - begun < 5
