"""The stage in which a C or C++ program is compiled by its own build system; it leaves the program at /out/NAME."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word, slug
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, run, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes import cpp_fit
from slimdesk.recipes.go_facts import PLAIN
from slimdesk.recipes.native_final import apk, apt, collect_step
from slimdesk.recipes.native_packages import packages_for

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_SYSTEM_TOOLS = {
    "cmake": ("cmake", "ninja"),
    "meson": ("meson",),
    "autotools": (),
    "make": ("make",),
    "compiler": (),
}
# What the gcc image (buildpack-deps) holds already.
_HELD = frozenset(
    {"make", "autoconf", "automake", "libtool", "g++", "git", "ca-certificates", "perl", "patch"}
)


class BuildStage:
    """The stage `build` of one component for one base."""

    def __init__(self, component: Component, builder: BaseImage, family: Family) -> None:
        self.component = component
        self.builder = builder
        self.alpine = builder.libc == "musl"
        self.static = cpp_fit.is_static(component, family)
        self.name = program_name(component)
        self.system = str(component.value("build_system") or "compiler")
        tools = [
            *_SYSTEM_TOOLS.get(self.system, ()),
            *(str(fact.value) for fact in component.all("build_tool")),
        ]
        if self.system == "autotools" and component.value("configure") is not True:
            tools.append("autotools")
        if component.value("fetches") is not None:
            tools.append("git")
        libraries = tuple(component.all("system_library"))
        boost = tuple(fact for fact in libraries if str(fact.value).startswith("boost-"))
        self.needed = packages_for(
            (fact for fact in libraries if fact not in boost), tools, alpine=self.alpine
        )
        names = [*self.needed.build, *dict.fromkeys(self._boost(str(fact.value)) for fact in boost)]
        self.build_packages = tuple(name for name in names if self.alpine or name not in _HELD)
        # A library whose run-time package is not known is copied, with all that it needs.
        self.run_known = (
            not boost
            and component.value("own_libraries") is not True
            and not self.needed.unknown
            and all(
                name not in ("boost", "opencv4", "absl") for name in (str(fact.value) for fact in libraries)
            )
        )

    def stage(self, base: BaseImage, *, collected: bool) -> Stage:
        """Write it; `collected` adds the step that gathers the libraries."""
        body = [
            *self.packages(),
            workdir("/src", "Where the sources go; absolute, so that it does not depend on the image."),
            copy("The sources; what .dockerignore names stays out.", ".", "."),
            self.compile(),
        ]
        if collected:
            body.append(collect_step(self.name, base, self.component.evidence("system_library")))
        reason = f"Compiles the program; this stage is not shipped. {self._compiler()}"
        return stage(
            "build", self.builder.reference, reason, body, evidence=self.component.evidence("version")
        )

    def packages(self) -> list[Instruction]:
        """Install the build system and the libraries, before the sources, so that a change of code does not repeat it."""
        packages = self.build_packages
        if self.alpine:
            packages = tuple(dict.fromkeys(("build-base", *packages)))
        if not packages:
            return []
        place = self._packages_place()
        reason = "The build system and the libraries that the program is compiled with; before the sources, so that a change of code does not repeat it."
        return [apk(reason, packages, place) if self.alpine else apt(reason, packages, place)]

    def compile(self) -> Instruction:
        """Run the project's own build, then take the program out of it, without symbols."""
        name = shell_word(self.name)
        reason = {
            "cmake": "Configures and compiles it with CMake",
            "meson": "Configures and compiles it with Meson",
            "autotools": "Configures and compiles it with its configure script",
            "make": "Compiles it with its Makefile",
        }.get(self.system, "Compiles it")
        link = ", linked statically" if self.static else ""
        commands = [*self._commands(), "mkdir -p /out"]
        if self.system != "compiler":
            commands.append(f"find /build /src -type f -name {name} -perm -u=x -exec cp '{{}}' /out/ ';'")
        commands.append(f"strip {shell_word(f'/out/{self.name}')}")
        if self.static:
            commands += [
                f"readelf -lW {shell_word(f'/out/{self.name}')} > /tmp/headers",
                "! grep INTERP /tmp/headers",
            ]
            link += "; a program that asks for a loader all the same breaks the build"
        if self.system == "compiler":
            commands.insert(0, commands.pop(commands.index("mkdir -p /out")))
        else:
            commands.insert(0, "mkdir -p /build")
        return run(
            f"{reason}{link}; strip leaves out symbols.",
            *commands,
            evidence=self.component.evidence("build_system"),
        )

    def _commands(self) -> list[str]:
        custom = self.component.value("build")
        if isinstance(custom, str) and custom:
            return [f"sh -c {shell_word(custom)}"]
        return {
            "cmake": self._cmake,
            "meson": self._meson,
            "autotools": self._autotools,
            "make": self._make,
        }.get(self.system, self._compiler_alone)()

    def _cmake(self) -> list[str]:
        flags = ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF"]
        if self.static:
            flags += [
                "-DBUILD_SHARED_LIBS=OFF",
                "-DCMAKE_FIND_LIBRARY_SUFFIXES=.a",
                "-DCMAKE_EXE_LINKER_FLAGS=-static",
            ]
        return [f"cmake -S . -B /build -G Ninja {' '.join(flags)}", "cmake --build /build"]

    def _meson(self) -> list[str]:
        flags = ["--buildtype=release", "--default-library=static"]
        if self.static:
            flags += ["--prefer-static", "-Dc_link_args=-static"]
            flags += ["-Dcpp_link_args=-static"] if self.component.value("cxx") is True else []
        return [f"meson setup /build {' '.join(flags)}", "meson compile -C /build"]

    def _autotools(self) -> list[str]:
        prepare = [] if self.component.value("configure") is True else ["autoreconf --force --install"]
        # With shared libraries of its own, libtool leaves a script where the program should be.
        flags = " LDFLAGS=-static" if self.static else ""
        return [*prepare, f"sh ./configure --disable-shared{flags}", 'make -j"$(nproc)"']

    def _make(self) -> list[str]:
        flags = (
            ' CC="gcc -static" CXX="g++ -static"'
            if self.static and self.component.value("static") is not True
            else ""
        )
        return [f'make -j"$(nproc)"{flags}']

    def _compiler_alone(self) -> list[str]:
        sources = [str(fact.value) for fact in self.component.all("source")]
        words = " ".join(shell_word(f"./{name}") for name in sources) or "./*.c"
        compiler = "g++" if self.component.value("cxx") is True else "gcc"
        libraries = "" if compiler == "g++" else " -lm"
        static = "-static " if self.static else ""
        return [f"{compiler} -O2 {static}-pthread -o {shell_word(f'/out/{self.name}')} {words}{libraries}"]

    def _boost(self, name: str) -> str:
        if name == "boost-headers":
            return "boost-dev" if self.alpine else "libboost-dev"
        return "boost-dev" if self.alpine else f"lib{name}-dev"

    def _packages_place(self) -> Evidence | None:
        return self.component.evidence("system_library") or self.component.evidence("build_system")

    def _compiler(self) -> str:
        if self.alpine:
            return "On Alpine, because what is linked to its C library runs only there."
        return f"GCC {self.builder.version}, that of Debian 13: the libraries it links to are those of the final image."


def program_name(component: Component) -> str:
    """Return the file name of the program."""
    words = component.entrypoint or ()
    name = words[0].rsplit("/", 1)[-1] if words else ""
    known = {str(fact.value) for fact in component.all("binary")}
    chosen = name if name in known else str(component.value("binary") or component.name)
    return chosen if _NAME.fullmatch(chosen) else slug(chosen)


def ignored(component: Component) -> tuple[str, ...]:
    """Return patterns for .dockerignore: what builds leave behind."""
    found = ["**/*.o", "**/*.obj", "**/cmake-build-*", "**/CMakeFiles", "**/CMakeCache.txt"]
    if component.value("build_system") in ("cmake", "meson"):
        found += ["build", "builddir"]
    return tuple(name for name in found if PLAIN.fullmatch(name.strip("*/.") or "x"))
