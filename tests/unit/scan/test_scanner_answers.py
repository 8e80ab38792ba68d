"""What scanners answer: recorded answers of theirs, and answers that are none."""

import json

import pytest
from unit.scan.scan_files import answer

from slimdesk.scan import scanner_named, scanners
from slimdesk.scan.model import (
    Scan,
    Unreadable,
    Vulnerability,
    difference,
    gathered,
    package_key,
    severity_of,
)


def parse(scanner, name):
    return scanner_named(scanner).parse(answer(name))


def test_trivy_names_package_version_layer_and_mend():
    scan = parse("trivy", "trivy-fluentd-gems.json")
    gem = next(one for one in scan.vulnerabilities if one.type == "gem")
    assert (gem.id, gem.severity, gem.package, gem.version) == (
        "CVE-2020-8165",
        "high",
        "activesupport",
        "6.0.2.1",
    )
    assert gem.fixed == "6.0.3.1, 5.2.4.3"
    assert gem.path == "/var/lib/gems/2.5.0/specifications/activesupport-6.0.2.1.gemspec"
    assert gem.layer == "sha256:75e43d55939745950bc3f8fad56c5834617c4339f0f54755e69a0dd5372624e9"
    assert gem.url.startswith("https://avd.aquasec.com/")
    assert scan.version == "dev"
    assert scan.fixable == 2
    assert sum(scan.counts.values()) == len(scan.vulnerabilities) == 2


def test_trivy_of_a_distroless_image_reads_debian_packages():
    scan = parse("trivy", "trivy-distroless-base.json")
    assert {one.type for one in scan.vulnerabilities} == {"deb"}
    assert scan.vulnerabilities[0].severity == min(
        (one.severity for one in scan.vulnerabilities),
        key=("critical", "high", "medium", "low", "negligible", "unknown").index,
    )
    assert scan.names("deb", "libssl1.1")


def test_trivys_list_of_packages_is_what_it_sees():
    scan = parse("trivy", "trivy-npm.json")
    assert scan.seen is not None
    assert scan.names("npm", "asap")
    assert not scan.names("npm", "never-heard-of")
    assert not scan.names("deb", "libc6")


def test_grype_names_fix_and_severity():
    scan = parse("grype", "grype-image.json")
    first, second = scan.vulnerabilities
    assert (first.id, first.severity, first.type, first.fixed) == ("CVE-1999-0002", "critical", "deb", None)
    assert (second.id, second.severity, second.type) == ("CVE-1999-0001", "low", "rpm")
    assert second.fixed == "1.2.1, 2.1.3, 3.4.0"
    assert scan.seen is None
    assert scan.names("npm", "anything")
    assert not scan.names("generic", "anything")


def test_grypes_database_has_a_date():
    whole = json.loads(answer("grype-image.json"))
    whole["descriptor"]["db"] = {"status": {"built": "2026-11-01T08:00:00Z"}}
    assert scanner_named("grype").parse(json.dumps(whole).encode()).database == "2026-11-01T08:00:00Z"


def test_scout_says_each_package_of_a_rule_for_itself():
    scan = parse("scout", "scout.json")
    found = {(one.id, one.package): one for one in scan.vulnerabilities}
    assert found["CVE-2023-44487", "nghttp2"].fixed == "1.43.0-1+deb11u1"
    assert found["CVE-2023-44487", "nghttp2"].version == "1.43.0-1"
    assert found["CVE-2023-44487", "stdlib"].fixed is None
    assert found["CVE-2024-0001", "@scope/lib"].severity == "unknown"
    assert found["CVE-2024-0001", "@scope/lib"].version == "4.17.1"


@pytest.mark.parametrize("name", ["trivy", "grype", "scout"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not JSON",
        b"[]",
        b"null",
        b"{}",
        b'{"SchemaVersion": 1}',
        b'{"matches": 3}',
        b'{"runs": [{"tool": 3}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_never_zero(name, data):
    with pytest.raises(Unreadable):
        scanner_named(name).parse(data)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        (
            "trivy",
            {
                "SchemaVersion": 2,
                "Results": [3, {"Class": "os-pkgs", "Vulnerabilities": [None, {"PkgIdentifier": 7}]}],
            },
        ),
        (
            "grype",
            {
                "descriptor": {"db": 3},
                "matches": [
                    3,
                    {"vulnerability": [], "artifact": {"locations": "x", "purl": 1}},
                    {"vulnerability": {"fix": {"versions": 3}}, "artifact": {"version": []}},
                ],
            },
        ),
        (
            "scout",
            {
                "runs": [
                    {
                        "tool": {"driver": {"name": "docker scout", "rules": [4]}},
                        "results": [{"message": 3, "ruleId": {}}],
                    }
                ]
            },
        ),
    ],
)
def test_wrong_types_inside_are_no_exception(name, whole):
    assert isinstance(scanner_named(name).parse(json.dumps(whole).encode()), Scan)


def test_texts_of_an_image_are_harmless_in_the_answer():
    whole = {
        "SchemaVersion": 2,
        "Results": [
            {
                "Class": "lang-pkgs",
                "Type": "node-pkg",
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": "CVE-1\x1b[31m",
                        "PkgName": "a\u202eb",
                        "PrimaryURL": "javascript:alert(1)",
                    }
                ],
            }
        ],
    }
    one = scanner_named("trivy").parse(json.dumps(whole).encode()).vulnerabilities[0]
    assert one.id == "CVE-1\\x1b[31m"
    assert one.package == "a\\u202eb"
    assert one.url == ""
    assert one.type == "npm"


@pytest.mark.parametrize(
    ("scanner", "said", "reason"),
    [
        (
            "trivy",
            "FATAL Fatal error --skip-db-update cannot be specified on the first run",
            "trivy has no database here",
        ),
        (
            "trivy",
            "ERROR The first run cannot skip downloading Java DB",
            "trivy has no index of Java archives here",
        ),
        (
            "trivy",
            "FATAL failed to download vulnerability DB: TOOMANYREQUESTS",
            "trivy could not fetch its database",
        ),
        ("grype", "vulnerability database error: database does not exist", "grype has no database here"),
        (
            "grype",
            "the vulnerability database was built 3 weeks ago (max allowed age is 5 days)",
            "grype's database is too old",
        ),
        (
            "scout",
            "ERROR Status: Log in with your Docker ID or email address",
            "docker scout wants a login at Docker",
        ),
        (
            "scout",
            "dial tcp: lookup api.scout.docker.com: no such host",
            "docker scout could not reach Docker's service",
        ),
    ],
)
def test_why_there_is_no_answer_is_said_in_words(scanner, said, reason):
    told, todo = scanner_named(scanner).refusal(1, f"some line\n{said}\n")
    assert told == reason
    assert todo


@pytest.mark.parametrize("scanner", scanners(), ids=lambda one: one.name)
def test_what_nobody_foresaw_is_told_with_its_last_words(scanner):
    reason, todo = scanner.refusal(7, "first\n\x1b[31mboom\x1b[0m\n")
    assert "status 7" in reason
    assert "\x1b" not in reason
    assert todo == ""


def test_one_fault_in_two_places_counts_once():
    one = Vulnerability("CVE-1", "low", "a", "1", path="/x")
    two = Vulnerability("CVE-1", "high", "a", "1", fixed="2", path="/y")
    (found,) = gathered([one, two])
    assert (found.places, found.severity, found.fixed, found.path) == (2, "high", "2", "/x")


def test_the_difference_looks_at_fault_and_package():
    def scan(*keys):
        return Scan("x", "1", tuple(Vulnerability(a, "low", b, c) for a, b, c in keys))

    changed = difference(
        scan(("CVE-1", "a", "1"), ("CVE-2", "a", "1")), scan(("CVE-1", "a", "2"), ("CVE-3", "b", "1"))
    )
    assert [one.id for one in changed.added] == ["CVE-3"]
    assert [one.id for one in changed.removed] == ["CVE-2"]
    assert changed.kept == 1


@pytest.mark.parametrize(
    ("purl", "key"),
    [
        ("pkg:deb/debian/libssl1.1@1.1.0k-1~deb9u1?arch=amd64", ("deb", "libssl1.1")),
        ("pkg:npm/%40babel/core@7.1.0", ("npm", "@babel/core")),
        ("pkg:npm/@babel/core@7.1.0", ("npm", "@babel/core")),
        ("pkg:npm/@babel/core", ("npm", "@babel/core")),
        ("pkg:golang/github.com/Foo/bar@v1.2.3#sub", ("golang", "github.com/foo/bar")),
        ("pkg:maven/org.x/y@1", ("maven", "org.x/y")),
        ("pkg:pypi/Flask_Login@1", ("pypi", "flask-login")),
        ("nonsense", None),
        ("pkg:", None),
    ],
)
def test_packages_are_known_by_type_and_name(purl, key):
    assert package_key(purl) == key


@pytest.mark.parametrize(
    ("word", "meant"), [("HIGH", "high"), ("Important", "high"), (None, "unknown"), ("odd", "unknown")]
)
def test_words_for_severity(word, meant):
    assert severity_of(word) == meant
