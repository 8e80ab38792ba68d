"""How CMake, pkg-config and linkers call libraries, in the one name that recipes know (their pkg-config or linker name)."""

from __future__ import annotations

import re

# find_package(NAME): None needs no package of its own (a part of the compiler or of CMake), tests are not shipped.
_CMAKE: dict[str, str | None] = {
    "threads": None, "openmp": None, "pkgconfig": None, "git": None, "doxygen": None, "perl": None, "ccache": None, "sphinx": None,
    "gtest": None, "gmock": None, "googletest": None, "catch2": None, "doctest": None, "benchmark": None, "python": None,
    "python3": None, "pythoninterp": None, "clangformat": None, "clangtidy": None, "dl": None, "rt": None, "math": None, "backtrace": None, "intl": None, "iconv": None, "bashcompletion": None, "check": None, "cmocka": None,
    "openssl": "openssl", "zlib": "zlib", "bzip2": "bzip2", "liblzma": "liblzma", "lzma": "liblzma", "zstd": "libzstd", "lz4": "liblz4",
    "sqlite3": "sqlite3", "unofficial-sqlite3": "sqlite3", "sqlitecpp": "sqlite3", "curl": "libcurl", "curlpp": "libcurl",
    "libuv": "libuv", "libevent": "libevent", "postgresql": "libpq", "libpqxx": "libpqxx", "mysql": "mysqlclient", "mariadb": "mysqlclient",
    "libxml2": "libxml-2.0", "png": "libpng", "jpeg": "libjpeg", "tiff": "libtiff-4", "webp": "libwebp", "freetype": "freetype2",
    "fontconfig": "fontconfig", "fmt": "fmt", "spdlog": "spdlog", "nlohmann_json": "nlohmann_json", "rapidjson": "rapidjson",
    "eigen3": "eigen3", "cli11": "cli11", "cxxopts": "cxxopts", "asio": "asio", "httplib": "cpp-httplib", "jsoncpp": "jsoncpp",
    "yaml-cpp": "yaml-cpp", "pugixml": "pugixml", "tinyxml2": "tinyxml2", "protobuf": "protobuf", "grpc": "grpc", "glog": "glog",
    "gflags": "gflags", "hiredis": "hiredis", "mongoc-1.0": "libmongoc-1.0", "rdkafka": "rdkafka", "zeromq": "libzmq", "cppzmq": "libzmq",
    "mosquitto": "libmosquitto", "glib": "glib-2.0", "glib2": "glib-2.0", "dbus": "dbus-1", "dbus1": "dbus-1", "pcap": "libpcap",
    "sodium": "libsodium", "unofficial-sodium": "libsodium", "mbedtls": "mbedtls", "gnutls": "gnutls", "libssh2": "libssh2", "libgit2": "libgit2",
    "libarchive": "libarchive", "icu": "icu-uc", "curses": "ncurses", "ncurses": "ncurses", "readline": "readline", "expat": "expat",
    "lua": "lua", "jansson": "jansson", "cjson": "libcjson", "json-c": "json-c", "uuid": "uuid", "gmp": "gmp", "blas": "blas", "lapack": "blas",
    "openblas": "blas", "fftw3": "fftw3", "hdf5": "hdf5", "tbb": "tbb", "opencv": "opencv4", "vips": "vips", "odbc": "odbc",
    "gdal": "gdal", "geos": "geos", "proj": "proj", "absl": "absl", "sdl2": "sdl2", "microhttpd": "libmicrohttpd", "ldap": "ldap",
    "systemd": "libsystemd", "libusb": "libusb-1.0", "pcre2": "libpcre2-8", "boost": "boost", "flex": "flex", "bison": "bison",
    "gettext": "gettext", "x11": "x11",
}  # fmt: skip
# Names of find_package that stand for a program.
_TOOLS = {"flex": "flex", "bison": "bison", "gettext": "gettext", "pkgconfig": "pkg-config", "python3": "python3", "pythoninterp": "python3",
          "perl": "perl", "git": "git"}  # fmt: skip
# Linker and pkg-config names that differ.
_LINKER: dict[str, str | None] = {
    "ssl": "openssl", "crypto": "openssl", "libssl": "openssl", "libcrypto": "openssl", "z": "zlib", "bz2": "bzip2", "lzma": "liblzma",
    "zstd": "libzstd", "lz4": "liblz4", "curl": "libcurl", "pq": "libpq", "pqxx": "libpqxx", "mysqlclient": "mysqlclient", "mariadb": "mysqlclient",
    "libmariadb": "mysqlclient", "uv": "libuv", "event": "libevent", "xml2": "libxml-2.0", "png": "libpng", "libpng16": "libpng", "jpeg": "libjpeg",
    "tiff": "libtiff-4", "webp": "libwebp", "freetype": "freetype2", "sodium": "libsodium", "microhttpd": "libmicrohttpd", "pcap": "libpcap",
    "zmq": "libzmq", "mosquitto": "libmosquitto", "dbus": "dbus-1", "udev": "libudev", "systemd": "libsystemd", "usb-1.0": "libusb-1.0",
    "seccomp": "libseccomp", "cap": "libcap", "gssapi_krb5": "krb5", "sasl2": "libsasl2", "gcrypt": "libgcrypt", "ssh2": "libssh2",
    "git2": "libgit2", "archive": "libarchive", "icuuc": "icu-uc", "icui18n": "icu-uc", "icu-i18n": "icu-uc", "ncursesw": "ncurses", "curses": "ncurses",
    "tinfo": "ncurses", "ffi": "libffi", "pcre2-8": "libpcre2-8", "cjson": "libcjson", "openblas": "blas", "lapack": "blas", "fftw3f": "fftw3",
    "hdf5_cpp": "hdf5", "asound": "alsa", "yaml": "yaml-0.1", "lua5.4": "lua", "lua-5.4": "lua", "avcodec": "libavcodec", "avformat": "libavformat",
    "avutil": "libavutil", "protobuf-lite": "protobuf", "grpc++": "grpc", "libglog": "glog", "SDL2": "sdl2", "opencv": "opencv4", "sqlite": "sqlite3",
    "mbedcrypto": "mbedtls", "mbedx509": "mbedtls", "libnghttp2": "libnghttp2", "libcjson": "libcjson", "libusb": "libusb-1.0",
    # Of other systems.
    "sendfile": None, "shlwapi": None, "ws2_32": None, "winmm": None, "kvm": None, "network": None, "intl": None, "iconv": None,
    "log": None, "onig": "oniguruma",
    # Parts of the C and C++ libraries.
    "m": None, "c": None, "dl": None, "rt": None, "pthread": None, "pthreads": None, "stdc++": None, "stdc++fs": None, "gcc": None, "gcc_s": None,
    "util": None, "resolv": None, "nsl": None, "crypt": "libcrypt", "atomic": None, "gomp": None, "anl": None, "socket": None, "threads": None,
    "openmp": None, "gtest": None, "gtest_main": None, "gmock": None, "check": None, "cmocka": None, "cunit": None, "criterion": None, "catch2": None,
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,60}", re.ASCII)


def cmake_library(name: str) -> str | None:
    """Return the library that find_package(name) asks for; None where it needs none."""
    key = name.lower()
    if key in _TOOLS:
        return None
    return _CMAKE[key] if key in _CMAKE else plain_name(name)


def cmake_tool(name: str) -> str | None:
    """Return the program that find_package(name) asks for."""
    return _TOOLS.get(name.lower())


def linked_library(name: str) -> str | None:
    """Return the library of a linker (-lNAME) or pkg-config name; None for parts of the C library and for tests."""
    if name in _LINKER:
        return _LINKER[name]
    if name.startswith("boost_"):
        return f"boost-{name.removeprefix('boost_').replace('_', '-')}"
    known = (
        _LINKER.get(name.removeprefix("lib"), "")
        if name.startswith("lib") and name not in _CMAKE.values()
        else ""
    )
    return known or plain_name(name)


def boost_library(component: str) -> str:
    """Return the library of one component of Boost."""
    return f"boost-{component.lower().replace('_', '-')}"


def plain_name(name: str) -> str | None:
    """Return a name without surprises; None for one that holds a variable or worse."""
    return name if _NAME.fullmatch(name) else None
