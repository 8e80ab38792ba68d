"""What an image holds that matters for a choice, read from its files."""

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.variant_figures import USUAL, figures_of


def figures(tmp_path, *files, user=""):
    path = tmp_path / "image.tar"
    picture = Picture(
        [layer([(name, 10) for name in files])], "a:1", [{"created_by": "COPY"}], {"User": user}
    )
    path.write_bytes(old_save([picture]))
    return figures_of(read_path(path, Wanted()))


def test_an_almost_empty_image(tmp_path):
    found = figures(tmp_path, "app")
    assert (found.shells, found.managers, found.usual, found.libc) == ((), (), (), "none")
    assert found.root
    assert found.layers == 1
    assert found.sizes.files == 10
    assert not figures(tmp_path, "app", user="65532:65532").root


def test_a_whole_system(tmp_path):
    found = figures(
        tmp_path, "bin/bash", "usr/bin/apt-get", "etc/passwd", "tmp/x", "usr/share/zoneinfo/UTC",
        "etc/ssl/certs/ca-certificates.crt", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    )  # fmt: skip
    assert found.shells == ("bash",)
    assert found.managers == ("apt-get",)
    assert found.usual == USUAL


@pytest.mark.parametrize(
    ("path", "libc"),
    [
        ("lib64/ld-linux-x86-64.so.2", "glibc"),
        ("lib/ld-linux-aarch64.so.1", "glibc"),
        ("usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "glibc"),
        ("lib/ld-musl-x86_64.so.1", "musl"),
        ("lib/libc.so", "none"),
        ("opt/ld-linux-x86-64.so.2", "none"),
    ],
)
def test_the_c_library_is_told_by_its_loader(tmp_path, path, libc):
    assert figures(tmp_path, path).libc == libc
