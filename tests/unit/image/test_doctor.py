"""Whether an image is likely to run: images that do, and one broken in each way."""

import shutil
import subprocess

import pytest
from unit.image.images import Picture, layer, member, old_save, program
from unit.image.patients import SOUND, USER, examine, libc, machine, rules
from unit.image.records import elf

from slimdesk.operations.doctor import examine_here


def test_a_sound_image_is_likely_to_run(tmp_path):
    found = examine(
        tmp_path,
        [*SOUND, program("app/run", b"#!/bin/sh\necho hello\n")],
        {**USER, "Entrypoint": ["/app/run"], "WorkingDir": "/app", "ExposedPorts": {"8080/tcp": {}}},
    )
    assert (found.runs, found.findings) == ("likely", ())


@pytest.mark.parametrize(
    ("members", "config", "rule"),
    [
        ([], {"Entrypoint": ["/app/run"]}, "entrypoint-missing"),
        ([], {"Cmd": ["run"]}, "entrypoint-missing"),
        ([("app/run/", 0o755)], {"Entrypoint": ["/app/run"]}, "entrypoint-missing"),
        ([("app/run", "->nowhere")], {"Entrypoint": ["/app/run"]}, "entrypoint-missing"),
        ([("app/run", "->run")], {"Entrypoint": ["/app/run"]}, "entrypoint-missing"),
        ([("app/run", b"x")], {"Entrypoint": ["/app/run"]}, "entrypoint-not-executable"),
        ([member("app/run", b"x", mode=0o700)], {"Entrypoint": ["/app/run"]}, "entrypoint-not-permitted"),
        ([("root/", 0o700), program("root/run")], {"Entrypoint": ["/root/run"]}, "entrypoint-not-permitted"),
        ([program("app/run", b"#!/bin/bash\n")], {"Entrypoint": ["/app/run"]}, "interpreter-missing"),
        ([program("app/run", b"#!/usr/bin/env python3\n"), program("usr/bin/env")], {"Entrypoint": ["/app/run"]}, "interpreter-missing"),
        ([program("app/run", b"#!/bin/sh\r\necho\r\n")], {"Entrypoint": ["/app/run"]}, "script-crlf"),
        ([], {"Entrypoint": ["/bin/sh", "-c", "exec /app/run --port 1"]}, "entrypoint-missing"),
        ([program("usr/bin/tini")], {"Entrypoint": ["tini", "-g", "--", "/app/run"]}, "entrypoint-missing"),
        ([program("usr/bin/python3")], {"Entrypoint": ["python3", "main.py"], "WorkingDir": "/app"}, "program-file-missing"),
        ([program("usr/bin/python3")], {"Entrypoint": ["/usr/bin/python3"], "Cmd": ["-u", "/app/main.py"]}, "program-file-missing"),
        ([program("usr/bin/java")], {"Entrypoint": ["java", "-Xmx1g", "-jar", "/app.jar"]}, "program-file-missing"),
        ([program("usr/bin/node")], {"Entrypoint": ["node", "-r", "./a.js", "server"]}, "program-file-missing"),
        ([program("app/run")], {"Entrypoint": ["/app/run"], "User": "nobody"}, "user-missing"),
        ([program("app/run")], {"Entrypoint": ["/app/run"], "User": "app:web"}, "user-missing"),
        ([program("app/run"), ("work", b"")], {"Entrypoint": ["/app/run"], "WorkingDir": "/work"}, "working-dir-no-folder"),
        ([program("app/run"), ("work/", 0o700)], {"Entrypoint": ["/app/run"], "WorkingDir": "/work"}, "working-dir-barred"),
    ],
)  # fmt: skip
def test_what_keeps_an_image_from_starting_is_an_error(tmp_path, members, config, rule):
    found = examine(tmp_path, [*SOUND, *members], {**USER, **config})
    assert found.runs == "unlikely"
    assert {finding.rule for finding in found.findings if finding.severity == "error"} == {rule}
    assert all(finding.message and finding.fix for finding in found.findings)


@pytest.mark.parametrize(
    ("members", "config", "rule"),
    [
        ([], {"User": ""}, "runs-as-root"),
        ([], {"User": "app"}, "user-by-name"),
        ([], {"ExposedPorts": {"80/tcp": {}}}, "low-port"),
        ([], {"Env": ["TZ=Europe/Paris"]}, "time-zone-missing"),
        ([], {"Healthcheck": {"Test": ["CMD", "curl", "-f", "http://localhost"]}}, "health-check-missing"),
        (
            [],
            {"Healthcheck": {"Test": ["CMD-SHELL", "wget -q http://localhost || exit 1"]}},
            "health-check-missing",
        ),
        ([], {"WorkingDir": "/nowhere"}, "working-dir-missing"),
        ([("tmp/", 0o755)], {}, "tmp-not-writable"),
        ([("usr/share/.wh.zoneinfo", b"")], {}, "no-time-zones"),
    ],
)
def test_what_may_go_wrong_is_told_but_the_image_is_likely_to_run(tmp_path, members, config, rule):
    if rule == "no-time-zones":
        sound = [one for one in SOUND if "zoneinfo" not in str(one[0])]
        members = []
    else:
        sound = SOUND
    found = examine(
        tmp_path,
        [*sound, program("app/run", b"#!/bin/sh\n"), *members],
        {**USER, "Entrypoint": ["/app/run"], **config},
    )
    assert found.runs == "likely"
    assert rules(found) == {rule}


def test_a_missing_folder_for_temporary_files_is_told(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(
        old_save([Picture([layer([program("run")])], config={"Entrypoint": ["/run"], "User": "1"})])
    )
    assert "no-tmp" in rules(examine_here(path))


def test_nothing_to_start_is_not_known(tmp_path):
    found = examine(tmp_path, SOUND, USER)
    assert (found.runs, rules(found)) == ("unknown", {"no-command"})


def test_an_image_for_windows_is_not_known(tmp_path):
    found = examine(tmp_path, SOUND, {"Entrypoint": ["cmd"]}, platform=("windows", "amd64", ""))
    assert found.runs == "unknown"


def test_root_may_execute_what_anybody_may(tmp_path):
    found = examine(tmp_path, [*SOUND, member("run", b"x", mode=0o010)], {"Entrypoint": ["/run"]})
    assert rules(found) == {"runs-as-root"}


def test_python_runs_a_module_and_node_completes_a_name(tmp_path):
    members = [*SOUND, program("usr/bin/python3"), program("usr/bin/node"), ("app/server.js", b"")]
    for words in (
        ["python3", "-m", "flask", "run"],
        ["node", "server"],
        ["node", "--env-file", "x", "/app/server.js"],
    ):
        assert examine(tmp_path, members, {**USER, "Cmd": words, "WorkingDir": "/app"}).findings == ()


@pytest.mark.parametrize(
    "words",
    [
        ["tini", "-g", "-p", "SIGTERM", "--", "/app/run"],
        ["tini", "/app/run"],
        ["dumb-init", "--rewrite", "15:2", "/app/run", "--", "x"],
        ["env", "-u", "A", "B=1", "/app/run"],
        ["gosu", "app", "/app/run"],
        ["/bin/sh", "-c", "A=1 exec /app/run"],
        ["/bin/sh", "-c", "cd /app && ./run"],
        ["/bin/sh", "-c", "/nowhere || true"],
        ["/bin/sh", "-lc", "run"],
        ["/bin/sh", "-c", "echo hello"],
        ["/bin/sh", "-c", ""],
        ["/bin/sh", "/app/run"],
    ],
)
def test_what_a_wrapper_or_shell_starts_is_found(tmp_path, words):
    wrappers = [program(f"usr/bin/{name}") for name in ("tini", "dumb-init", "env", "gosu")]
    found = examine(tmp_path, [*SOUND, *wrappers, program("app/run")], {**USER, "Entrypoint": words})
    assert (found.runs, found.findings) == ("likely", ())


def test_a_script_that_hands_on_its_words_is_followed(tmp_path):
    for script, runs in (
        (b'#!/bin/sh\nset -e\nexec "$@"\n', "unlikely"),
        (b'#!/bin/sh\nset -- node "$@"\nexec "$@"\n', "likely"),
        (b'#!/bin/sh\nif [ "$1" = x ]; then echo; fi\nexec "$@"\n', "likely"),
        (b"#!/bin/sh\nexec /somewhere\n", "likely"),
    ):
        members = [*SOUND, program("entry.sh", script)]
        found = examine(
            tmp_path, members, {**USER, "Entrypoint": ["/entry.sh"], "Cmd": ["gunicorn", "app:app"]}
        )
        assert found.runs == runs, script
    assert (
        examine(
            tmp_path,
            [*SOUND, program("entry.sh", b'#!/bin/sh\nexec "$@"\n'), program("bin/gunicorn")],
            {**USER, "Entrypoint": ["/entry.sh"], "Cmd": ["gunicorn", "app:app"]},
        ).runs
        == "likely"
    )


def test_a_finding_names_the_line_of_the_dockerfile(tmp_path):
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text('FROM a AS build\nUSER root\nFROM scratch\nUSER nobody\nENTRYPOINT ["/run"]\n')
    found = examine(tmp_path, SOUND, {"User": "nobody", "Entrypoint": ["/run"]}, dockerfile=dockerfile)
    assert {(one.rule, one.path, one.line) for one in found.findings} == {
        ("user-missing", str(dockerfile), 4),
        ("entrypoint-missing", str(dockerfile), 5),
    }


# Programs made here


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A program that needs libgreet, which needs the C library; for this machine."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("built")
    (folder / "greet.c").write_text('#include <stdio.h>\nvoid greet(void) { puts("hello"); }\n')
    (folder / "main.c").write_text("void greet(void);\nint main(void) { greet(); return 0; }\n")

    def run(*words):
        subprocess.run([compiler, *words], cwd=folder, check=True)

    run("-shared", "-fPIC", "-o", "libgreet.so", "greet.c")
    run("-o", "main", "main.c", "-L.", "-lgreet")
    run("-o", "main-origin", "main.c", "-L.", "-lgreet", "-Wl,-rpath,$ORIGIN/../lib")
    run(
        "-o",
        "static",
        "-static",
        "-nostdlib",
        "-Wl,-e,greet",
        "greet.c",
        "-Wl,--unresolved-symbols=ignore-all",
    )
    return folder


def of_program(tmp_path, built, name, members, **config):
    body = (built / name).read_bytes()
    return examine(
        tmp_path,
        [*SOUND, *members, program("app/main", body)],
        {**USER, "Entrypoint": ["/app/main"], **config},
        platform=("linux", machine(), ""),
    )


def test_a_linked_program_needs_its_loader(tmp_path, built):
    found = of_program(tmp_path, built, "main", [])
    assert (found.runs, rules(found)) == ("unlikely", {"loader-missing"})
    assert "glibc" in found.findings[0].message


def test_a_library_that_is_missing_is_named_and_found_where_the_loader_looks(tmp_path, built):
    library = (built / "libgreet.so").read_bytes()
    found = of_program(tmp_path, built, "main", libc())
    assert (found.runs, rules(found)) == ("unlikely", {"library-missing"})
    assert "libgreet.so" in found.findings[0].message
    somewhere = program("opt/lib/libgreet.so", library)
    for members, config in (
        ([somewhere], {"Env": ["LD_LIBRARY_PATH=/none:/opt/lib"]}),
        (
            [
                somewhere,
                ("etc/ld.so.conf", b"include /etc/ld.so.conf.d/*.conf\n"),
                ("etc/ld.so.conf.d/own.conf", b"/opt/lib\n"),
            ],
            {},
        ),
        ([program("usr/lib/libgreet.so", library)], {}),
        ([program("usr/lib/libgreet.so.1", library), ("usr/lib/libgreet.so", "->libgreet.so.1")], {}),
    ):
        found = of_program(tmp_path, built, "main", [*libc(), *members], **config)
        assert (found.runs, found.findings) == ("likely", ()), members[1:]
    found = of_program(tmp_path, built, "main-origin", [*libc(), program("lib/libgreet.so", library)])
    assert found.runs == "likely"
    # What is needed by a library is looked for too.
    no_libc = [one for one in libc() if "libc.so" not in one[0].name]
    found = of_program(tmp_path, built, "main", [*no_libc, program("usr/lib/libgreet.so", library)])
    assert "libc.so.6" in found.findings[0].message


def test_a_program_for_another_machine_is_told(tmp_path, built):
    body = bytearray((built / "static").read_bytes())
    body[18:20] = (0x16).to_bytes(2, "little")
    found = examine(
        tmp_path,
        [*SOUND, program("app/main", bytes(body))],
        {**USER, "Entrypoint": ["/app/main"]},
        platform=("linux", machine(), ""),
    )
    assert rules(found) == {"wrong-architecture"}
    assert "s390x" in found.findings[0].message


@pytest.mark.parametrize(("platform", "runs"), [("amd64", True), ("arm64", False), ("386", True)])
def test_a_processor_that_runs_programs_of_another_is_no_fault(tmp_path, platform, runs):
    body = bytearray(elf(wide=False))
    # e_type EXEC, e_machine EM_386.
    body[16:20] = bytes((2, 0, 3, 0))
    found = examine(
        tmp_path,
        [*SOUND, program("app/main", bytes(body))],
        {**USER, "Entrypoint": ["/app/main"]},
        platform=("linux", platform, ""),
    )
    assert ("wrong-architecture" not in rules(found)) is runs


def test_a_c_library_that_is_too_old_is_told(tmp_path, built, monkeypatch):
    from dataclasses import replace

    from slimdesk.image.doctor import patient

    def older(body):
        found = original(body)
        return replace(found, defines_glibc="2.1") if found and found.defines_glibc else found

    original = patient.summarise
    monkeypatch.setattr(patient, "summarise", older)
    library = program("usr/lib/libgreet.so", (built / "libgreet.so").read_bytes())
    found = of_program(tmp_path, built, "main", [*libc(), library])
    assert (found.runs, rules(found)) == ("unlikely", {"glibc-too-old"})
    assert "the image has 2.1" in found.findings[0].message


@pytest.mark.parametrize("how", ["entry", "user", "env", "names"])
def test_a_hostile_image_is_no_crash(tmp_path, how):
    config = {"Entrypoint": ["/a"], "User": "1"}
    members = [program("a", b"#! \n")]
    if how == "entry":
        config["Entrypoint"] = ["\x1b[2J/../..", "-c", "'unclosed"]
        members = [program("b", b"#!" + b"/" * 5000)]
    elif how == "user":
        config["User"] = "٣" * 5000 + ":" + "9" * 400
    elif how == "env":
        config["Env"] = ["PATH=" + ":" * 100_000, "LD_LIBRARY_PATH=" + "/x:" * 10_000, "TZ=../../etc/shadow"]
        config["Entrypoint"] = ["run"]
    else:
        members = [("l" * 200, "->" + "../" * 1000), program("a", b"\x7fELF" + b"\xff" * 4000)]
        config["Entrypoint"] = ["/" + "l" * 200]
    found = examine(tmp_path, members, config)
    text = " ".join(f"{one.message} {one.path} {one.fix}" for one in found.findings)
    assert found.runs in ("likely", "unlikely", "unknown")
    assert "\x1b" not in text
