"""Java: builders, runtimes and distroless images, made of Debian's OpenJDK and of Apache's own Maven.

Sources: adoptium/containers and docker-maven, 2026-08-05; distroless java/*.bzl, 2026-08-21. What differs from the real
images: the JDK is Debian's (Temurin is in no archive of Debian; its java.home differs, /opt/java/openjdk is a link to it),
eclipse-temurin stands on Debian 13 instead of Ubuntu 24.04, its locale is C.UTF-8, and the debug images of distroless hold
the JRE instead of the JDK. Debian's JRE needs a few libraries for drawing text that Temurin brings itself: they are added.

There is none of Java 17 (not in Debian 13), of musl (no archive of a musl JDK can be counted on), and of Gradle (its
distribution comes from services.gradle.org alone).
"""

import hashlib
import os
import re
import ssl
import struct
from pathlib import Path

from engine.standins import client, distroless, packages, store, toolchains
from engine.standins.store import Image, Layer

SERIES = ("21", "25")
MAVEN = "3.9.11"
PACKAGES = (
    "curl", "wget", "gnupg", "fontconfig", "ca-certificates", "ca-certificates-java", "p11-kit", "binutils", "tzdata", "locales",
)  # fmt: skip
MAVEN_PACKAGES = ("git", "openssh-client")
ENTRY = '#!/usr/bin/env bash\n# Temurin\'s imports certificates if it is told to, and then does this.\nset -e\nexec "$@"\n'
MAVEN_ENTRY = '#! /bin/sh -eu\nexec "$@"\n'

# distroless java-base, on base-nossl; of libc-bin only the locale.
BASE = (
    "zlib1g", "libjpeg62-turbo", "liblcms2-2", "libfreetype6", "fonts-dejavu-core", "fontconfig-config", "libexpat1",
    "libfontconfig1", "libuuid1", "libbrotli1", "libcrypt1", "libstdc++6", "libgcc-s1", "gcc-14-base", "libpng16-16t64",
    "libbz2-1.0",
)  # fmt: skip
# What Debian's JRE is linked to and Temurin is not.
DEBIAN_NEEDS = ("libharfbuzz0b", "libglib2.0-0t64", "libgraphite2-3", "libpcre2-8-0", "libatomic1")
TRUST_STORE = "etc/ssl/certs/java/cacerts"
_PASSWORD = "changeit"


def jdk_tag(series: str, kind: str) -> str:
    """The name of a Temurin image; kind is jdk or jre."""
    return f"eclipse-temurin:{series}-{kind}-noble"


def maven_tag(series: str) -> str:
    """The name of a Maven image."""
    return f"maven:3.9-eclipse-temurin-{series}-noble"


def jdk_packages(series: str, kind: str) -> tuple[str, ...]:
    """The packages of a Temurin image."""
    return (*PACKAGES, f"openjdk-{series}-{kind}-headless")


def jdk_dockerfile(series: str, kind: str) -> str:
    """eclipse-temurin, the JDK or the JRE."""
    names = " ".join(jdk_packages(series, kind))
    return (
        "FROM debian:trixie\n"
        "ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:$PATH LANG=C.UTF-8 LC_ALL=C.UTF-8\n"
        "RUN set -eux; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
        f"--no-install-recommends {names} > /dev/null; rm -rf /var/lib/apt/lists/*; mkdir -p /opt/java; "
        f'ln -s "$(ls -d /usr/lib/jvm/java-{series}-openjdk-*)" /opt/java/openjdk; java --version\n'
        "COPY --chmod=755 entry.sh /__cacert_entrypoint.sh\n"
        'ENTRYPOINT ["/__cacert_entrypoint.sh"]\n' + ('CMD ["jshell"]\n' if kind == "jdk" else "")
    )


def maven_dockerfile(series: str) -> str:
    """Maven on the JDK."""
    return (
        f"FROM {jdk_tag(series, 'jdk')}\n"
        "RUN set -eux; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
        f"--no-install-recommends {' '.join(MAVEN_PACKAGES)} > /dev/null; rm -rf /var/lib/apt/lists/*\n"
        "ENV MAVEN_HOME=/usr/share/maven MAVEN_CONFIG=/root/.m2\n"
        "COPY maven.tar.gz /tmp/\n"
        "RUN mkdir -p /usr/share/maven && tar -xzf /tmp/maven.tar.gz -C /usr/share/maven --strip-components=1 && "
        "rm /tmp/maven.tar.gz && ln -s /usr/share/maven/bin/mvn /usr/bin/mvn && mvn --version\n"
        "COPY --chmod=755 entry.sh /usr/local/bin/mvn-entrypoint.sh\n"
        'ENTRYPOINT ["/usr/local/bin/mvn-entrypoint.sh"]\nCMD ["mvn"]\n'
    )


def make_jdk(host: str, series: str, kind: str) -> list[Image]:
    """Make one of Temurin's images."""
    tag = jdk_tag(series, kind)
    client.build(host, jdk_dockerfile(series, kind), tag, {"entry.sh": _written("temurin-entry.sh", ENTRY)})
    return list(client.save(host, [tag]))


def make_maven(host: str, series: str) -> list[Image]:
    """Make one of Maven's images."""
    tag = maven_tag(series)
    files = {"maven.tar.gz": _maven_archive(), "entry.sh": _written("maven-entry.sh", MAVEN_ENTRY)}
    client.build(host, maven_dockerfile(series), tag, files)
    return list(client.save(host, [tag]))


def distroless_tags() -> tuple[str, ...]:
    """Every name that `make_distroless` assembles."""
    return tuple(
        f"gcr.io/distroless/{name}-debian13:{variant}"
        for name in ("java-base", *(f"java{series}" for series in SERIES))
        for variant in ("latest", "nonroot", "debug", "debug-nonroot")
    )


def distroless_inputs() -> list[str]:
    """What they are made of, for their key."""
    return [packages.fingerprint(_all(), closure=False), packages.authorities_fingerprint()]


def make_distroless() -> list[Image]:
    """Assemble java-base and the Java runtimes, each in its four variants."""
    debs = packages.download(_all())
    shell = distroless.busybox_tree("busybox").layer("distroless busybox")
    nossl = Image((), (distroless.static_tree(debs).layer("distroless static"),)).plus(
        distroless.unpacked(debs, distroless.NOSSL).layer("distroless base-nossl")
    )
    base = nossl.plus(_base_layer(debs))
    images = distroless.variants("java-base", base, shell, LANG="C.UTF-8")
    for series in SERIES:
        java = base.plus(_runtime_layer(debs, series))
        images += distroless.variants(
            f"java{series}",
            java,
            shell,
            entrypoint=["/usr/bin/java", "-jar"],
            LANG="C.UTF-8",
            JAVA_VERSION=series,
        )
    return images


def trust_store(bundle: bytes) -> bytes:
    """A Java key store (JKS) with every certificate of a PEM bundle.

    Format: OpenJDK sun/security/provider/JavaKeyStore.java: magic FEEDFEED, version 2, entries of type 2 (trusted
    certificate), and the SHA-1 of the password in UTF-16BE, "Mighty Aphrodite" and all that stands before.
    """
    blocks = re.findall(
        r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----",
        bundle.decode("ascii", "replace"),
        re.DOTALL,
    )
    certificates = list(dict.fromkeys(ssl.PEM_cert_to_DER_cert(block) for block in blocks))
    body = struct.pack(">III", 0xFEEDFEED, 2, len(certificates))
    for number, certificate in enumerate(certificates):
        alias = f"authority-{number}".encode()
        body += struct.pack(">IH", 2, len(alias)) + alias + struct.pack(">Q", 0)
        body += struct.pack(">H", 5) + b"X.509" + struct.pack(">I", len(certificate)) + certificate
    digest = hashlib.sha1(_PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body, usedforsecurity=False)
    return body + digest.digest()


def _all() -> tuple[str, ...]:
    runtimes = [f"openjdk-{series}-jre-headless" for series in SERIES]
    return (
        *distroless.STATIC,
        "ca-certificates",
        *distroless.NOSSL,
        *BASE,
        "libc-bin",
        *DEBIAN_NEEDS,
        *runtimes,
    )


def _base_layer(debs: dict[str, Path]) -> Layer:
    tree = distroless.unpacked(debs, BASE)
    with packages.contents(debs["libc-bin"]) as files:
        tree.add(files, keep=lambda name: name.startswith("usr/lib/locale/C.utf8"))
    tree.file(TRUST_STORE, trust_store(packages.HOST_BUNDLE.read_bytes()))
    return tree.layer("distroless java-base")


def _runtime_layer(debs: dict[str, Path], series: str) -> Layer:
    package = f"openjdk-{series}-jre-headless"
    tree = distroless.unpacked(debs, (*DEBIAN_NEEDS, package))
    program = next(name for name in tree.entries if re.fullmatch(r"usr/lib/jvm/[^/]+/bin/java", name))
    tree.link("usr/bin/java", f"/{program}")
    return tree.layer(f"distroless java{series}")


def _maven_archive() -> Path:
    return toolchains.maven_artifact(f"org/apache/maven/apache-maven/{MAVEN}/apache-maven-{MAVEN}-bin.tar.gz")


def _written(name: str, text: str) -> Path:
    path = store.folder() / "downloads" / name
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{name}.{os.getpid()}")
    part.write_text(text)
    part.replace(path)
    return path
