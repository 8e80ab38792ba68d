"""What packages cost: apt's records read, hostile ones too, and the reason of each package."""

import pytest

from slimdesk.operations.packages import costs, measured

RECORDS = """\
Package: libldap2
Version: 2.6.10+dfsg-1
Installed-Size: 576
Depends: libc6 (>= 2.38), libsasl2-2 (>= 2.1.28), libssl3t64 (>= 3.0.0)
Size: 193576

Package: libpq5
Version: 17.12-0+deb13u1
Installed-Size: 1099
Depends: libc6 (>= 2.38), libldap2 (>= 2.6.2)
Size: 235572

Package: libsasl2-2
Version: 2.1.28+dfsg1-9
Installed-Size: 156
Provides: libsasl2
Size: 57512
"""


def test_the_asked_for_come_first_and_each_names_what_needs_it():
    found = costs(RECORDS, ("libpq5",))
    assert [(one.name, one.because) for one in found] == [
        ("libpq5", ""),
        ("libldap2", "libpq5"),
        ("libsasl2-2", "libldap2"),
    ]
    assert found[0].version == "17.12-0+deb13u1"
    assert (found[0].download, found[0].unpacked) == (235572, 1099 * 1024)


def test_a_virtual_package_leads_to_the_one_that_provides_it():
    text = RECORDS.replace("libsasl2-2 (>= 2.1.28)", "libsasl2 | other")
    assert {one.name: one.because for one in costs(text, ("libpq5",))}["libsasl2-2"] == "libldap2"


def test_a_circle_ends():
    text = "Package: aa\nDepends: bb\n\nPackage: bb\nDepends: aa\n"
    assert [(one.name, one.because, one.unpacked) for one in costs(text, ("aa",))] == [
        ("aa", "", None),
        ("bb", "aa", None),
    ]


def test_a_package_that_only_recommends_lead_to_is_laid_to_the_first_name():
    assert costs("Package: zz\nSize: 5\n", ("aa",))[0].because == "aa"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "Package: \x1b[31m\nSize: 5\n",
        "no colon",
        "Package: ../../etc/passwd\n",
        "Size: 5\nVersion: 1\n",
        "Package:" * 1000,
    ],
)
def test_what_is_no_record_is_nothing(text):
    assert costs(text, ("aa",)) == ()


def test_hostile_numbers_and_versions_are_harmless():
    text = "Package: aa\nVersion: 1\x1b]0;x\x07\nSize: -5\nInstalled-Size: \u0663\n"
    (one,) = costs(text, ("aa",))
    assert (one.download, one.unpacked) == (None, None)
    assert "\x1b" not in one.version


class _Layer:
    def __init__(self, created_by, *, base=False):
        self.created_by, self.base = created_by, base


class _Image:
    def __init__(self, *layers):
        self.layers = layers


@pytest.mark.parametrize(
    "created_by",
    [
        "COPY /packages/ / # buildkit",
        "RUN /bin/sh -c apt-get update && apt-get install -y x # buildkit",
        "RUN /bin/sh -c apk add --no-cache x # buildkit",
    ],
)
def test_the_layer_of_the_packages_is_found_above_the_base(created_by):
    base, own = _Layer("RUN apt-get install -y python3", base=True), _Layer(created_by)
    assert measured(_Image(base, own, _Layer("COPY . . # buildkit"))) is own
    assert measured(_Image(base, _Layer(None), _Layer("COPY . ."))) is None
