"""Modules that a language loads into its own process: those that can be loaded, and those broken in each way."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest
from unit.image.images import program
from unit.image.patients import SOUND, USER, examine, libc, machine

from slimdesk.image.doctor import patient

NODE = "app/node_modules/bcrypt/build/Release/bcrypt.node"
SITE = "usr/local/lib/python3.12/site-packages"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A program, and modules that need nothing, this machine's C library, musl's, or libpq, which needs libldap."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("modules")
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    (folder / "one.c").write_text("int one(void) { return 1; }\n")
    (folder / "puts.c").write_text('#include <stdio.h>\nvoid hello(void) { puts("hello"); }\n')

    def run(*words):
        subprocess.run([compiler, "-Wl,--no-as-needed", *words], cwd=folder, check=True)

    def library(name, *words, source="one.c"):
        run("-shared", "-fPIC", "-nostdlib", "-o", name, source, *words)

    run("-o", "node", "main.c")
    library("plain")
    library("libc.musl-x86_64.so.1", "-Wl,-soname,libc.musl-x86_64.so.1")
    library("musl", "./libc.musl-x86_64.so.1")
    library("libldap.so.2", "-Wl,-soname,libldap.so.2")
    library("libpq.so.5", "-Wl,-soname,libpq.so.5", "./libldap.so.2")
    library("libc.so", "-Wl,-soname,libc.so")
    library("rust-musl", "./libc.so")
    library("pq", "./libpq.so.5", "-Wl,--allow-shlib-undefined")
    run("-shared", "-fPIC", "-o", "glibc", "puts.c")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def ask(tmp_path, built):
    """Examine an image whose program is `node app.js` or `python app.py`, with these modules."""

    def run(*members, command=("/usr/local/bin/node", "app.js"), **config):
        return examine(
            tmp_path,
            [*SOUND, *libc(), program("usr/local/bin/node", built["node"]), program("usr/local/bin/python", built["node"]),
             program("usr/local/bin/java", built["node"]), ("app/app.js", 5), ("app/app.py", 5), *members],
            {**USER, "Entrypoint": list(command), "WorkingDir": "/app", "Env": ["PATH=/usr/local/bin:/usr/bin"], **config},
            platform=("linux", machine(), ""),
        )  # fmt: skip

    return run


def other_machine(body):
    return body[:18] + (0x16).to_bytes(2, "little") + body[20:]


def told(found):
    return [(one.severity, one.message, one.fix) for one in found.findings if one.rule == "native-module"]


def test_modules_that_can_be_loaded_are_not_spoken_of(ask, built):
    found = ask((NODE, built["glibc"]), (f"{SITE}/fast/_speed.abi3.so", built["plain"]))
    assert (found.runs, found.findings) == ("likely", ())


def test_a_module_for_another_machine_is_an_error(ask, built):
    found = ask((NODE, other_machine(built["plain"])))
    ((severity, message, fix),) = told(found)
    assert (found.runs, severity) == ("unlikely", "error")
    assert "bcrypt cannot be loaded" in message
    assert "made for s390x" in message
    assert "inside the build" in fix


def test_of_builds_for_several_machines_the_fitting_one_counts(ask, built):
    prebuilt = "app/node_modules/argon2/prebuilds"
    members = [
        (f"{prebuilt}/linux-s390x/argon2.node", other_machine(built["plain"])),
        (f"{prebuilt}/linux/argon2.node", built["glibc"]),
        (f"{prebuilt}/linux/argon2.musl.node", built["musl"]),
        (f"{prebuilt}/darwin-arm64/argon2.node", b"\xcf\xfa\xed\xfe" + b"x" * 99),
    ]
    assert ask(*members).findings == ()


def test_packages_that_are_one_for_each_platform_are_one(ask, built):
    packages = "app/node_modules/@img/sharp"
    musl = (f"{packages}-linuxmusl-x64/lib/sharp.node", built["musl"])
    assert ask((f"{packages}-linux-x64/lib/sharp.node", built["glibc"]), musl).findings == ()
    ((_, message, _),) = told(ask(musl))
    assert message.startswith("The native module of @img/sharp cannot be loaded: ")


def test_a_module_of_the_other_c_library_is_an_error(ask, built):
    assert "built for musl" in told(ask((NODE, built["rust-musl"])))[0][1]
    ((severity, message, fix),) = told(ask((NODE, built["musl"])))
    assert severity == "error"
    assert "built for musl, the image has glibc" in message
    assert "with glibc" in fix


def test_a_missing_library_is_named_with_what_needs_it(ask, built):
    module = (f"{SITE}/psycopg2/_psycopg.cpython-312-x86_64-linux-gnu.so", built["pq"])
    python = ("python", "app.py")
    ((_, message, _),) = told(ask(module, command=python))
    assert "psycopg2 cannot be loaded" in message
    assert "not in the image: libpq.so.5" in message
    libpq = program("usr/lib/libpq.so.5", built["libpq.so.5"])
    ((_, message, _),) = told(ask(module, libpq, command=python))
    assert "libldap.so.2 by way of /usr/lib/libpq.so.5" in message
    libldap = program("usr/lib/libldap.so.2", built["libldap.so.2"])
    assert ask(module, libpq, libldap, command=python).findings == ()


def test_a_library_beside_it_may_be_loaded_first(ask, built):
    module = (f"{SITE}/torch/_C.so", built["pq"])
    beside = (f"{SITE}/nvidia/lib/libpq.so.5", built["libpq.so.5"])
    assert ask(module, beside, command=("python", "app.py")).findings == ()


def test_one_module_of_several_is_a_warning(ask, built):
    found = ask(
        (f"{SITE}/gui/core.so", built["plain"]),
        (f"{SITE}/gui/qt.so", built["pq"]),
        command=("python", "app.py"),
    )
    assert found.runs == "likely"
    assert [one[0] for one in told(found)] == ["warning"]


def test_a_virtual_environment_on_the_path_is_looked_into(ask, built):
    env = {"Env": ["PATH=/opt/venv/bin:/usr/local/bin"]}
    found = ask(
        ("opt/venv/lib/python3.13/site-packages/x/y.so", built["pq"]), command=("python", "app.py"), **env
    )
    assert len(told(found)) == 1


def test_a_symbol_version_newer_than_the_images_is_told(ask, built, monkeypatch):
    original = patient.summarise

    def older(body):
        found = original(body)
        return replace(found, defines_glibc="2.1") if found and found.defines_glibc else found

    monkeypatch.setattr(patient, "summarise", older)
    messages = [message for _, message, _ in told(ask((NODE, built["glibc"])))]
    assert any("or later, the image has 2.1" in message for message in messages)


def test_gems_and_php_extensions_are_packages_too(ask, built):
    gem = "usr/local/bundle/extensions/x86_64-linux/3.4.0/pg-1.5.9/pg_ext.so"
    folder = "usr/local/lib/php/extensions/no-debug-non-zts-20240924"
    found = ask(
        (gem, built["pq"]),
        (f"{folder}/intl.so", built["pq"]),
        (f"{folder}/unused.so", built["pq"]),
        ("usr/local/etc/php/conf.d/intl.ini", b"extension=intl\n"),
        Env=["PATH=/usr/local/bin", "GEM_HOME=/usr/local/bundle"],
    )
    said = " ".join(message for _, message, _ in told(found))
    assert ("of pg cannot" in said, "of intl cannot" in said, "unused" in said) == (True, True, False)
    # PHP goes on without an extension.
    assert [one[0] for one in told(found)] == ["error", "warning"]


def jar(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "/"), body)
    return buffer.getvalue()


def test_libraries_in_jars_are_judged_by_the_best_of_them(ask, built):
    java = ("java", "-jar", "/app/app.jar")
    snappy = jar(**{"native/Linux/x86_64/libsnappyjava.so": built["pq"]})
    found = ask(("app/app.jar", jar(**{"BOOT-INF/lib/snappy-1.1.jar": snappy})), command=java)
    ((severity, message, _),) = told(found)
    assert (found.runs, severity) == ("likely", "warning")
    assert "/app/app.jar!/BOOT-INF/lib/snappy-1.1.jar!/native/Linux/x86_64/libsnappyjava.so" in message
    both = jar(
        **{
            "a/libx.so": built["plain"],
            "b/libx.so": built["musl"],
            "c/libx.so": other_machine(built["plain"]),
        }
    )
    assert ask(("app/app.jar", both), command=java).findings == ()


@pytest.mark.parametrize(
    "body", [b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 4000, b"PK\x05\x06" + b"\xff" * 40]
)
def test_damaged_modules_are_no_crash(ask, body):
    found = ask((NODE, body), ("app/app.jar", body), command=("java", "-jar", "app.jar"))
    assert found.runs in ("likely", "unlikely", "unknown")


def test_many_broken_packages_are_summed_up(ask, built):
    members = [(f"app/node_modules/p{number}/x.node", built["musl"]) for number in range(14)]
    messages = [message for _, message, _ in told(ask(*members))]
    assert len(messages) == 11
    assert any(message.replace("\u2009", " ").startswith("4 other packages") for message in messages)
