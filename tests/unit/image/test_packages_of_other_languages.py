"""Packages of PHP, Ruby and .NET, what each of them and of the others says it needs, and the chains that come of it."""

import io
import json
import zipfile
import zlib

import pytest
from unit.image.images import Picture, layer, old_save, program
from unit.image.records import elf

from slimdesk.image.findings.chains import Chains
from slimdesk.image.packages.java import needs_of_pom
from slimdesk.image.read import Wanted, read_path
from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence


def read(folder, members):
    (folder / "image.tar").write_bytes(old_save([Picture([layer(members)])]))
    return read_path(folder / "image.tar", Wanted())


def by_name(image):
    return {one.name: one for one in image.packages}


def chain(image, name, kind, path, line, to, *, indirect=False):
    asked = Declared(name, kind, Evidence(path, line), indirect=indirect)
    chains = Chains(image.packages, [asked])
    return chains.words(next(index for index, one in enumerate(image.packages) if one.name == to))


INSTALLED = {
    "packages": [
        {
            "name": "monolog/monolog", "version": "3.7.0", "license": ["MIT"], "install-path": "../monolog/monolog",
            "require": {"php": ">=8.1", "psr/log": "^3"},
        },
        {"name": "psr/log", "version": "v3.0.2", "install-path": "../psr/log"},
        {"name": "evil/above", "version": "1", "install-path": "../.."},
        {"name": 5, "version": "1"}, "x", {"name": "no/version"},
    ],
    "dev": False,
}  # fmt: skip


def test_composer_packages_own_the_folder_that_they_were_installed_into(tmp_path):
    image = read(
        tmp_path,
        [
            ("app/vendor/composer/installed.json", json.dumps(INSTALLED).encode()),
            ("app/vendor/monolog/monolog/src/Logger.php", 900),
            ("app/vendor/psr/log/src/LoggerInterface.php", 70),
            ("app/public/index.php", 30),
        ],
    )
    found = by_name(image)
    assert {name: one.size for name, one in found.items()} == {
        "monolog/monolog": 900, "psr/log": 70, "evil/above": 0,
    }  # fmt: skip
    assert (found["psr/log"].purl, found["monolog/monolog"].licence) == ("pkg:composer/psr/log@3.0.2", "MIT")
    said = chain(image, "monolog/monolog", "composer", "composer.json", 8, "psr/log")
    assert said == "composer.json:8 → monolog/monolog → psr/log"


GEM = """# -*- encoding: utf-8 -*-
# stub: {0} {1} ruby lib

Gem::Specification.new do |s|
  s.name = "{0}".freeze
  s.version = "{1}".freeze
  s.licenses = ["MIT".freeze]
  s.add_runtime_dependency(%q<{2}>.freeze, ["~> 3.0".freeze])
  s.add_development_dependency(%q<minitest>.freeze, [">= 0"])
end
"""


def test_gems_own_their_folder_and_their_specification(tmp_path):
    sinatra, rack = GEM.format("sinatra", "4.1.1", "rack"), GEM.format("rack", "3.1.8", "bigdecimal")
    base = "usr/local/bundle"
    image = read(
        tmp_path,
        [
            (f"{base}/specifications/sinatra-4.1.1.gemspec", sinatra.encode()),
            (f"{base}/specifications/rack-3.1.8.gemspec", rack.encode()),
            (f"{base}/specifications/broken.gemspec", b"Gem::Specification.new"),
            (f"{base}/gems/sinatra-4.1.1/lib/sinatra.rb", 500),
            (f"{base}/gems/rack-3.1.8/lib/rack.rb", 200),
            (f"{base}/extensions/x86_64-linux/3.3.0/rack-3.1.8/rack.so", 4000),
            (f"{base}/extensions/x86_64-linux/3.3.0/gem.build_complete", 9),
            # A gem carries its own, which installs nothing.
            (f"{base}/gems/rack-3.1.8/rack.gemspec", rack.encode()),
        ],
    )
    found = by_name(image)
    assert set(found) == {"sinatra", "rack"}
    assert found["sinatra"].size == 500 + len(sinatra)
    # What was compiled for it, and the specification that it carries.
    assert found["rack"].size == 200 + 4000 + 2 * len(rack)
    assert (found["rack"].purl, found["rack"].licence) == ("pkg:gem/rack@3.1.8", "MIT")
    assert found["sinatra"].requires == ("rack",)
    assert chain(image, "sinatra", "gem", "Gemfile", 2, "rack") == "Gemfile:2 → sinatra → rack"


def test_nuget_packages_own_what_was_published_of_them(tmp_path):
    document = {
        "targets": {
            "net9.0": {
                "shop/1.0.0": {"dependencies": {"Serilog": "4.0.0"}, "runtime": {"shop.dll": {}}},
                "Serilog/4.0.0": {
                    "dependencies": {"Serilog.Sinks.File": "6.0.0"},
                    "runtime": {"lib/net8.0/Serilog.dll": {}},
                    "resources": {"lib/net8.0/de/Serilog.resources.dll": {"locale": "de"}},
                },
                "Serilog.Sinks.File/6.0.0": {"runtimeTargets": {"runtimes/linux/lib/File.dll": {}}},
            }
        },
        "libraries": {
            "shop/1.0.0": {"type": "project"},
            "Serilog/4.0.0": {"type": "package"},
            "Serilog.Sinks.File/6.0.0": {"type": "package"},
            "x": 3,
        },
    }
    image = read(
        tmp_path,
        [
            ("app/shop.deps.json", json.dumps(document).encode()),
            ("app/shop.dll", 90),
            ("app/Serilog.dll", 400),
            ("app/de/Serilog.resources.dll", 10),
            ("app/runtimes/linux/lib/File.dll", 50),
        ],
    )
    assert {name: one.size for name, one in by_name(image).items()} == {
        "Serilog": 410,
        "Serilog.Sinks.File": 50,
    }
    said = chain(image, "serilog", "nuget", "shop.csproj", 9, "Serilog.Sinks.File")
    assert said == "shop.csproj:9 → Serilog → Serilog.Sinks.File"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("app/vendor/composer/installed.json", b"["),
        ("app/vendor/composer/installed.json", b'{"packages": [[], {"name": "a/b", "version": "1", "install-path": 5, "require": 1, "license": {}}]}'),
        ("app/vendor/composer/installed.json", b'{"packages": [{"name": "a/b", "version": "1", "install-path": "../../../../../../etc"}]}'),
        ("gems/specifications/a.gemspec", b"\xff\xfe# stub: a"),
        ("app/a.deps.json", b'{"libraries": {"a/1": {"type": "package"}}, "targets": {"x": {"a/1": {"runtime": 5, "dependencies": []}}}}'),
        ("app/a.deps.json", b'{"libraries": {"/": {"type": "package"}}, "targets": []}'),
    ],
)  # fmt: skip
def test_records_that_lie_never_raise(tmp_path, path, body):
    image = read(tmp_path, [(path, body), ("etc/passwd", 20)])
    assert all(one.size in (0, None) or one.type == "gem" for one in image.packages)


APK = """P:musl
V:1.2
p:so:libc.musl-x86_64.so.1=1

P:curl
V:8.1
D:so:libc.musl-x86_64.so.1 so:libcurl.so.4 !wget ca-certificates>=2024
p:cmd:curl=8.1

P:libcurl
V:8.1
D:so:libc.musl-x86_64.so.1
p:so:libcurl.so.4=4.8.0

P:ca-certificates-bundle
V:2025
p:ca-certificates=2025

P:wget
V:1
"""


def test_alpine_needs_are_resolved_by_what_is_provided(tmp_path):
    image = read(tmp_path, [("lib/apk/db/installed", APK.encode())])
    assert by_name(image)["curl"].requires == ("musl", "libcurl", "ca-certificates-bundle")
    assert chain(image, "curl", "apk", "Dockerfile", 3, "libcurl") == "Dockerfile:3 → curl → libcurl"


def test_a_virtual_debian_package_is_those_that_provide_it(tmp_path):
    record = "Package: {}\nStatus: install ok installed\nVersion: 1\n{}\n"
    status = record.format("mailer", "Depends: mail-transport-agent\n") + record.format(
        "msmtp-mta", "Provides: mail-transport-agent (= 1)\n"
    )
    image = read(tmp_path, [("var/lib/dpkg/status", status.encode())])
    assert by_name(image)["mailer"].requires == ("msmtp-mta",)


def test_crates_name_what_they_need_by_its_number(tmp_path):
    crates = {
        "packages": [
            {"name": "app", "version": "0.1.0", "root": True, "dependencies": [1]},
            {"name": "serde_json", "version": "1", "dependencies": [2, 99, True, "x"]},
            {"name": "itoa", "version": "1", "dependencies": "none"},
        ]
    }
    body = elf({b".dep-v0": zlib.compress(json.dumps(crates).encode())})
    image = read(tmp_path, [program("usr/bin/app", body)])
    assert chain(image, "serde_json", "cargo", "Cargo.toml", 7, "itoa") == "Cargo.toml:7 → serde_json → itoa"


POM = """<project><artifactId>web</artifactId>
<dependencyManagement><dependencies><dependency><artifactId>managed</artifactId></dependency></dependencies></dependencyManagement>
<!-- <dependency><artifactId>commented</artifactId></dependency> -->
<dependencies>
 <dependency><groupId>org.acme</groupId><artifactId>core</artifactId><exclusions><exclusion><artifactId>no</artifactId></exclusion></exclusions></dependency>
 <dependency><artifactId>driver</artifactId><scope>runtime</scope></dependency>
 <dependency><artifactId>junit</artifactId><scope>test</scope></dependency>
 <dependency><artifactId>extra</artifactId><optional>true</optional></dependency>
 <dependency><artifactId>${made.up}</artifactId></dependency>
</dependencies>
<build><plugins><plugin><dependencies><dependency><artifactId>tool</artifactId></dependency></dependencies></plugin></plugins></build>
</project>"""


def test_a_pom_needs_what_runs_with_it():
    assert needs_of_pom(POM.encode()) == ("core", "driver")
    assert needs_of_pom(b"<dependency>" * 50_000) == ()
    assert needs_of_pom(b"\xff\x00<!-- <dependency><artifactId>a") == ()


def jar(name, needs=""):
    folder = f"META-INF/maven/org.acme/{name}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{folder}/pom.xml", f"<project><dependencies>{needs}</dependencies></project>")
        archive.writestr(f"{folder}/pom.properties", f"groupId=org.acme\nartifactId={name}\nversion=1.0\n")
    return buffer.getvalue()


def test_jars_name_what_their_pom_asks_for(tmp_path):
    image = read(
        tmp_path,
        [
            ("app/lib/web-1.0.jar", jar("web", "<dependency><artifactId>core</artifactId></dependency>")),
            ("app/lib/core-1.0.jar", jar("core")),
        ],
    )
    assert chain(image, "web", "maven", "pom.xml", 20, "core") == "pom.xml:20 → web → core"


def test_a_module_that_go_mod_only_records_is_said_to_be_indirect(tmp_path):
    image = read(tmp_path, [("lib/apk/db/installed", APK.encode())])
    assert chain(image, "wget", "apk", "go.mod", 7, "wget", indirect=True) == "go.mod:7 (indirect) → wget"
