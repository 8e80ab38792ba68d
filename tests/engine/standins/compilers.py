"""Stand-ins for the rust and gcc images: Debian 13, the packages of the official Dockerfiles, and Debian's compilers.

Sources: docker-library/rust and docker-library/gcc, 2026-08. Rust is the newest of Debian's backports (there is no rustup,
clippy or rustfmt, and no other toolchain can be fetched); GCC is Debian 13's own 14, which the official image compiles anew.

Rust's Alpine image has no source of its own here: no musl build of rustc is to be had. Its stand-in is Debian with Rust's
standard library compiled for musl from Debian's rust-src, and a cargo that builds for that target unasked and leaves the
program where a compiler that runs on musl would: programs come out static, as on Alpine. It has no apk.
"""

from engine.standins import builders, client
from engine.standins.store import Image

RUST_SERIES = ("1.98",)
GCC_SERIES = ("14",)
ALPINE = "3.24"
SLIM = ("ca-certificates", "gcc", "libc6-dev")
RUST = ("rustc", "cargo")
MUSL = ("musl-tools", "make")
BACKPORTS = "trixie-backports"

_ADD_BACKPORTS = (
    "RUN sed -n '1,/^$/{s/^Suites: trixie$/Suites: "
    + BACKPORTS
    + "/;p}' /etc/apt/sources.list.d/debian.sources"
    " > /etc/apt/sources.list.d/backports.sources"
)
_RUST_HOME = (
    f"ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:{builders.PATH}\n"
    "RUN mkdir -p /usr/local/cargo/bin /usr/local/rustup; chmod a+w /usr/local/cargo /usr/local/rustup"
)
_STD_MANIFEST = r'[package]\nname = "empty"\nversion = "0.1.0"\nedition = "2021"\n'
# libgcc_eh asks glibc for unwind tables; told that there are none it takes dl_iterate_phdr, which musl has.
_NO_FIND_OBJECT = "int _dl_find_object(void *pc, void *found) { (void)pc; (void)found; return -1; }"
_CARGO_CONFIG = "".join(
    rf'[target.{machine}-unknown-linux-musl]\nlinker = "musl-gcc"\nrustflags = ["-C", "link-self-contained=no", "-L", "/opt/musl"]\n'
    for machine in ("x86_64", "aarch64")
)
_CARGO = """#!/bin/sh
set -e
export CARGO_BUILD_TARGET=$(uname -m)-unknown-linux-musl
/usr/bin/cargo "$@"
for folder in /target target; do
  if [ -d $folder/$CARGO_BUILD_TARGET/release ]; then
    mkdir -p $folder/release
    find $folder/$CARGO_BUILD_TARGET/release -maxdepth 1 -type f -exec cp -p {} $folder/release/ ";"
  fi
done
""".replace("\n", r"\n")
_STD = (
    "RUN set -eu; target=$(uname -m)-unknown-linux-musl; mkdir -p /std/src /opt/musl; cd /std; "
    f"printf '{_STD_MANIFEST}' > Cargo.toml; : > src/lib.rs; "
    'RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C link-self-contained=no" CARGO_HOME=/std/cargo cargo build -q --release '
    "-Z build-std=std,panic_abort,panic_unwind,test,proc_macro --target $target; "
    "lib=$(rustc --print sysroot)/lib/rustlib/$target/lib; mkdir -p $lib; cp target/$target/release/deps/*.rlib $lib/; "
    "rm $lib/libempty*; cp $(gcc -print-file-name=libgcc_eh.a) /opt/musl/libunwind.a; "
    f"echo '{_NO_FIND_OBJECT}' > unwind.c; musl-gcc -c unwind.c; ar r /opt/musl/libunwind.a unwind.o; cd /; rm -rf /std; "
    f"printf '{_CARGO_CONFIG}' > /usr/local/cargo/config.toml; "
    f"printf '{_CARGO}' > /usr/local/cargo/bin/cargo; chmod 0755 /usr/local/cargo/bin/cargo"
)

# As rustup's: the runtime for panic = "abort" is itself compiled so.
_ABORT = (
    "RUN set -eu; target=$(uname -m)-unknown-linux-musl; root=$(rustc --print sysroot)/lib/rustlib; "
    "rm -f $root/$target/lib/libpanic_abort-*.rlib; RUSTC_BOOTSTRAP=1 rustc --target $target --edition 2024 "
    "--crate-name panic_abort --crate-type rlib -C panic=abort -C metadata=abort -C extra-filename=-abort -C opt-level=3 "
    "-Z force-unstable-if-unmarked --out-dir $root/$target/lib $root/src/rust/library/panic_abort/src/lib.rs"
)


def _backports(*names: str) -> str:
    return builders.install(*names).replace(
        "--no-install-recommends", f"--no-install-recommends -t {BACKPORTS}"
    )


def _rust(base: str, *, slim: bool) -> str:
    tools = f"{builders.install(*SLIM)}\n" if slim else ""
    return f'FROM {base}\n{tools}{_ADD_BACKPORTS}\n{_backports(*RUST)}\n{_RUST_HOME}\nCMD ["bash"]\n'


def _musl(series: str) -> str:
    return f'FROM rust:{series}-slim-trixie\n{builders.install(*MUSL)}\n{_backports("rust-src")}\n{_STD}\n{_ABORT}\nCMD ["/bin/sh"]\n'


DOCKERFILES = {
    **{f"rust:{series}-slim-trixie": _rust("debian:trixie-slim", slim=True) for series in RUST_SERIES},
    **{f"rust:{series}-trixie": _rust("buildpack-deps:trixie", slim=False) for series in RUST_SERIES},
    **{f"rust:{series}-alpine{ALPINE}": _musl(series) for series in RUST_SERIES},
    **{f"gcc:{series}-trixie": 'FROM buildpack-deps:trixie\nCMD ["bash"]\n' for series in GCC_SERIES},
}
# Packages of Debian 13 itself; those of backports are taken as they are when a stand-in is made.
PACKAGES = {
    tag: SLIM if "slim" in tag else MUSL if "alpine" in tag else ("gcc", "g++") for tag in DOCKERFILES
}
BASES = {tag: (text.split()[1],) for tag, text in DOCKERFILES.items()}


def make(host: str, tag: str) -> list[Image]:
    """Make one of DOCKERFILES."""
    client.build(host, DOCKERFILES[tag], tag)
    return list(client.save(host, [tag]))
