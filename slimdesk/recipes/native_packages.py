"""Native libraries and the tools of their builds: which packages hold them, on Debian 13 and on Alpine 3.24.

Shared by the profiles whose programs are linked to C libraries. The keys are pkg-config or linker names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from slimdesk.project.model import Fact


class Packages(NamedTuple):
    """Names of packages; development ones bring the headers, `alpine_static` the archive for static linking."""

    debian_dev: str
    debian: str
    alpine_dev: str = ""
    alpine: str = ""
    alpine_static: str = ""


_HEADERS_ONLY = ""
LIBRARIES: dict[str, Packages] = {
    "openssl": Packages("libssl-dev", "libssl3t64", "openssl-dev", "libssl3", "openssl-libs-static"),
    "libpq": Packages("libpq-dev", "libpq5", "libpq-dev", "libpq"),
    "libpqxx": Packages("libpqxx-dev", "libpqxx-7.10", "libpqxx-dev", "libpqxx"),
    "mysqlclient": Packages("libmariadb-dev-compat", "libmariadb3", "mariadb-dev", "mariadb-connector-c"),
    "sqlite3": Packages("libsqlite3-dev", "libsqlite3-0", "sqlite-dev", "sqlite-libs", "sqlite-static"),
    "zlib": Packages("zlib1g-dev", "zlib1g", "zlib-dev", "zlib", "zlib-static"),
    "bzip2": Packages("libbz2-dev", "libbz2-1.0", "bzip2-dev", "libbz2", "bzip2-static"),
    "liblzma": Packages("liblzma-dev", "liblzma5", "xz-dev", "xz-libs", "xz-static"),
    "libzstd": Packages("libzstd-dev", "libzstd1", "zstd-dev", "zstd-libs", "zstd-static"),
    "liblz4": Packages("liblz4-dev", "liblz4-1", "lz4-dev", "lz4-libs", "lz4-static"),
    "libcurl": Packages("libcurl4-openssl-dev", "libcurl4t64", "curl-dev", "libcurl", "curl-static"),
    "libuv": Packages("libuv1-dev", "libuv1t64", "libuv-dev", "libuv", "libuv-static"),
    "libevent": Packages("libevent-dev", "libevent-2.1-7t64", "libevent-dev", "libevent", "libevent-static"),
    "libmicrohttpd": Packages("libmicrohttpd-dev", "libmicrohttpd12t64", "libmicrohttpd-dev", "libmicrohttpd"),
    "libxml-2.0": Packages("libxml2-dev", "libxml2", "libxml2-dev", "libxml2", "libxml2-static"),
    "libpng": Packages("libpng-dev", "libpng16-16t64", "libpng-dev", "libpng", "libpng-static"),
    "libjpeg": Packages("libjpeg62-turbo-dev", "libjpeg62-turbo", "libjpeg-turbo-dev", "libjpeg-turbo", "libjpeg-turbo-static"),
    "libtiff-4": Packages("libtiff-dev", "libtiff6", "tiff-dev", "tiff"),
    "libwebp": Packages("libwebp-dev", "libwebp7", "libwebp-dev", "libwebp", "libwebp-static"),
    "freetype2": Packages("libfreetype-dev", "libfreetype6", "freetype-dev", "freetype", "freetype-static"),
    "fontconfig": Packages("libfontconfig-dev", "libfontconfig1", "fontconfig-dev", "fontconfig", "fontconfig-static"),
    "fmt": Packages("libfmt-dev", "libfmt10", "fmt-dev", "fmt"),
    "spdlog": Packages("libspdlog-dev", "libspdlog1.15", "spdlog-dev", "spdlog"),
    "nlohmann_json": Packages("nlohmann-json3-dev", _HEADERS_ONLY, "nlohmann-json", _HEADERS_ONLY),
    "rapidjson": Packages("rapidjson-dev", _HEADERS_ONLY, "rapidjson-dev", _HEADERS_ONLY),
    "eigen3": Packages("libeigen3-dev", _HEADERS_ONLY, "eigen-dev", _HEADERS_ONLY),
    "cli11": Packages("libcli11-dev", _HEADERS_ONLY, "cli11-dev", _HEADERS_ONLY),
    "cxxopts": Packages("libcxxopts-dev", _HEADERS_ONLY, "cxxopts-dev", _HEADERS_ONLY),
    "asio": Packages("libasio-dev", _HEADERS_ONLY, "asio-dev", _HEADERS_ONLY),
    "cpp-httplib": Packages("libcpp-httplib-dev", "libcpp-httplib0.18", "cpp-httplib", "cpp-httplib"),
    "jsoncpp": Packages("libjsoncpp-dev", "libjsoncpp26", "jsoncpp-dev", "jsoncpp"),
    "yaml-cpp": Packages("libyaml-cpp-dev", "libyaml-cpp0.8", "yaml-cpp-dev", "yaml-cpp"),
    "yaml-0.1": Packages("libyaml-dev", "libyaml-0-2", "yaml-dev", "yaml", "yaml-static"),
    "pugixml": Packages("libpugixml-dev", "libpugixml1v5", "pugixml-dev", "pugixml"),
    "tinyxml2": Packages("libtinyxml2-dev", "libtinyxml2-11", "tinyxml2-dev", "tinyxml2"),
    "boost": Packages("libboost-all-dev", "", "boost-dev", ""),
    "protobuf": Packages("libprotobuf-dev", "libprotobuf32t64", "protobuf-dev", "libprotobuf"),
    "grpc": Packages("libgrpc++-dev", "libgrpc++1.51t64", "grpc-dev", "grpc-cpp"),
    "glog": Packages("libgoogle-glog-dev", "libgoogle-glog0v6t64", "glog-dev", "glog"),
    "gflags": Packages("libgflags-dev", "libgflags2.2", "gflags-dev", "gflags"),
    "hiredis": Packages("libhiredis-dev", "libhiredis1.1.0", "hiredis-dev", "hiredis"),
    "libmongoc-1.0": Packages("libmongoc-dev", "libmongoc-1.0-0t64", "mongo-c-driver-dev", "mongo-c-driver"),
    "rdkafka": Packages("librdkafka-dev", "librdkafka1", "librdkafka-dev", "librdkafka"),
    "rdkafka++": Packages("librdkafka-dev", "librdkafka++1", "librdkafka-dev", "librdkafka"),
    "libzmq": Packages("libzmq3-dev", "libzmq5", "zeromq-dev", "libzmq"),
    "libmosquitto": Packages("libmosquitto-dev", "libmosquitto1", "mosquitto-dev", "mosquitto-libs"),
    "glib-2.0": Packages("libglib2.0-dev", "libglib2.0-0t64", "glib-dev", "glib"),
    "dbus-1": Packages("libdbus-1-dev", "libdbus-1-3", "dbus-dev", "dbus-libs"),
    "libudev": Packages("libudev-dev", "libudev1", "eudev-dev", "eudev-libs"),
    "libsystemd": Packages("libsystemd-dev", "libsystemd0"),
    "libusb-1.0": Packages("libusb-1.0-0-dev", "libusb-1.0-0", "libusb-dev", "libusb"),
    "hidapi": Packages("libhidapi-dev", "libhidapi-hidraw0", "hidapi-dev", "hidapi"),
    "libpcap": Packages("libpcap-dev", "libpcap0.8t64", "libpcap-dev", "libpcap"),
    "libseccomp": Packages("libseccomp-dev", "libseccomp2", "libseccomp-dev", "libseccomp", "libseccomp-static"),
    "libcap": Packages("libcap-dev", "libcap2", "libcap-dev", "libcap2", "libcap-static"),
    "krb5": Packages("libkrb5-dev", "libgssapi-krb5-2", "krb5-dev", "krb5-libs"),
    "libsasl2": Packages("libsasl2-dev", "libsasl2-2", "cyrus-sasl-dev", "libsasl"),
    "ldap": Packages("libldap-dev", "libldap2", "openldap-dev", "libldap"),
    "libsodium": Packages("libsodium-dev", "libsodium23", "libsodium-dev", "libsodium", "libsodium-static"),
    "libgcrypt": Packages("libgcrypt20-dev", "libgcrypt20", "libgcrypt-dev", "libgcrypt", "libgcrypt-static"),
    "gnutls": Packages("libgnutls28-dev", "libgnutls30t64", "gnutls-dev", "gnutls"),
    "mbedtls": Packages("libmbedtls-dev", "libmbedtls21", "mbedtls-dev", "mbedtls"),
    "libssh2": Packages("libssh2-1-dev", "libssh2-1t64", "libssh2-dev", "libssh2"),
    "libgit2": Packages("libgit2-dev", "libgit2-1.9", "libgit2-dev", "libgit2"),
    "libarchive": Packages("libarchive-dev", "libarchive13t64", "libarchive-dev", "libarchive"),
    "icu-uc": Packages("libicu-dev", "libicu76", "icu-dev", "icu-libs"),
    "ncurses": Packages("libncurses-dev", "libncursesw6", "ncurses-dev", "libncursesw", "ncurses-static"),
    "readline": Packages("libreadline-dev", "libreadline8t64", "readline-dev", "readline", "readline-static"),
    "libffi": Packages("libffi-dev", "libffi8", "libffi-dev", "libffi"),
    "libpcre2-8": Packages("libpcre2-dev", "libpcre2-8-0", "pcre2-dev", "pcre2", "pcre2-static"),
    "expat": Packages("libexpat1-dev", "libexpat1", "expat-dev", "expat", "expat-static"),
    "lua": Packages("liblua5.4-dev", "liblua5.4-0", "lua5.4-dev", "lua5.4-libs"),
    "jansson": Packages("libjansson-dev", "libjansson4", "jansson-dev", "jansson", "jansson-static"),
    "libcjson": Packages("libcjson-dev", "libcjson1", "cjson-dev", "cjson"),
    "json-c": Packages("libjson-c-dev", "libjson-c5", "json-c-dev", "json-c"),
    "uuid": Packages("uuid-dev", "libuuid1", "util-linux-dev", "libuuid"),
    "gmp": Packages("libgmp-dev", "libgmp10", "gmp-dev", "gmp"),
    "blas": Packages("libopenblas-dev", "libopenblas0-pthread", "openblas-dev", "openblas"),
    "oniguruma": Packages("libonig-dev", "libonig5", "oniguruma-dev", "oniguruma"),
    "libnghttp2": Packages("libnghttp2-dev", "libnghttp2-14", "nghttp2-dev", "nghttp2-libs"),
    "libcrypt": Packages("libcrypt-dev", "libcrypt1", "libxcrypt-dev", "libxcrypt"),
    "fftw3": Packages("libfftw3-dev", "libfftw3-double3", "fftw-dev", "fftw"),
    "hdf5": Packages("libhdf5-dev", "libhdf5-310", "hdf5-dev", "hdf5"),
    "tbb": Packages("libtbb-dev", "libtbb12", "onetbb-dev", "onetbb"),
    "opencv4": Packages("libopencv-dev", "", "opencv-dev", ""),
    "libavcodec": Packages("libavcodec-dev", "libavcodec61", "ffmpeg-dev", "ffmpeg-libs"),
    "libavformat": Packages("libavformat-dev", "libavformat61", "ffmpeg-dev", "ffmpeg-libs"),
    "libavutil": Packages("libavutil-dev", "libavutil59", "ffmpeg-dev", "ffmpeg-libs"),
    "vips": Packages("libvips-dev", "libvips42t64", "vips-dev", "vips"),
    "cairo": Packages("libcairo2-dev", "libcairo2", "cairo-dev", "cairo"),
    "pango": Packages("libpango1.0-dev", "libpango-1.0-0", "pango-dev", "pango"),
    "alsa": Packages("libasound2-dev", "libasound2t64", "alsa-lib-dev", "alsa-lib"),
    "odbc": Packages("unixodbc-dev", "libodbc2", "unixodbc-dev", "unixodbc"),
    "gdal": Packages("libgdal-dev", "libgdal36", "gdal-dev", "gdal"),
    "geos": Packages("libgeos-dev", "libgeos-c1t64", "geos-dev", "geos"),
    "proj": Packages("libproj-dev", "libproj25", "proj-dev", "proj"),
    "absl": Packages("libabsl-dev", "", "abseil-cpp-dev", ""),
    "sdl2": Packages("libsdl2-dev", "libsdl2-2.0-0", "sdl2-dev", "sdl2"),
}  # fmt: skip

# What a build calls: tool -> packages on Debian, on Alpine.
_TOOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "c++": (("g++",), ("g++",)),
    "make": (("make",), ("make",)),
    "cmake": (("cmake",), ("cmake",)),
    "ninja": (("ninja-build",), ("samurai",)),
    "meson": (("meson", "ninja-build"), ("meson", "samurai")),
    "pkg-config": (("pkg-config",), ("pkgconf",)),
    "libclang": (("libclang-dev", "clang"), ("clang-dev",)),
    "protoc": (("protobuf-compiler",), ("protoc",)),
    "grpc-plugin": (("protobuf-compiler-grpc",), ("grpc-plugins",)),
    "perl": (("perl",), ("perl",)),
    "python3": (("python3",), ("python3",)),
    "autotools": (("autoconf", "automake", "libtool"), ("autoconf", "automake", "libtool")),
    "flex": (("flex",), ("flex",)),
    "bison": (("bison",), ("bison",)),
    "nasm": (("nasm",), ("nasm",)),
    "git": (("ca-certificates", "git"), ("git",)),
    "gettext": (("gettext",), ("gettext-dev",)),
}


class Needed(NamedTuple):
    """Packages to compile with and to run with, and libraries whose package is not known or has no static archive."""

    build: tuple[str, ...]
    run: tuple[str, ...]
    unknown: tuple[str, ...]
    no_archive: tuple[str, ...]


def packages_for(
    libraries: Iterable[Fact], tools: Iterable[str], *, alpine: bool, static: bool = False
) -> Needed:
    """Return the packages that these libraries (facts) and tools (names) take."""
    build: dict[str, None] = {}
    run: dict[str, None] = {}
    unknown: dict[str, None] = {}
    no_archive: dict[str, None] = {}
    for tool in tools:
        build.update(dict.fromkeys(_TOOLS.get(tool, ((), ()))[1 if alpine else 0]))
    for fact in libraries:
        name = str(fact.value)
        known = LIBRARIES.get(name)
        dev, needed = ("", "") if known is None else (known.alpine_dev, known.alpine) if alpine else known[:2]
        if known is None or not dev:
            unknown[name] = None
            continue
        build[dev] = None
        if needed:
            run[needed] = None
        if alpine and static:
            if known.alpine_static:
                build[known.alpine_static] = None
            elif needed or name in ("boost", "opencv4", "absl"):
                no_archive[name] = None
    return Needed(tuple(build), tuple(run), tuple(unknown), tuple(no_archive))
