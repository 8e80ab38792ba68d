"""The last stages of a compiled program: what scratch lacks, the libraries it is linked to, and the image that ships.

Shared by the profiles that compile to one file. The stage `build` leaves the program at /out/NAME.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slimdesk.basics.escaping import shell_word, visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import (
    copy,
    entrypoint,
    env,
    expose,
    healthcheck,
    run,
    stage,
    user,
    workdir,
)
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes.go_facts import PLAIN, missing_programs, start_arguments
from slimdesk.recipes.health import health_address
from slimdesk.recipes.model import Options
from slimdesk.recipes.told import told_at

CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# The user that Debian and Alpine both know, for programs that ask who they are.
NOBODY = 65534
# Where the libraries go that the base of another distribution does not look for elsewhere.
OWN_LIBRARIES = "/usr/local/lib/app"
# Libraries that the bases hold themselves, by the beginning of their file names, as awk's patterns: glibc's own, those of
# the compiler (cc images), and those of distroless base (distroless base/config.bzl and cc/config.bzl, 2026-08-21).
_GLIBC = "ld-linux[^/]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_[a-z]+"
_COMPILER = "libstdc[+][+]|libgcc_s"
_DISTROLESS = "libssl|libcrypto|libz|libzstd"


@dataclass(frozen=True, slots=True)
class Program:
    """What is shipped: the name of the file in /out, the packages it runs with, and whether libraries are collected."""

    name: str
    run_packages: tuple[str, ...] = ()
    collected: bool = False
    static: bool = False
    settings: tuple[Instruction, ...] = ()
    certificates: bool = True


def collects(base: BaseImage) -> bool:
    """Whether libraries have to be copied into this base, because it has no package manager to install them."""
    return base.libc == "glibc" and base.package_manager is None


def collect_step(name: str, base: BaseImage, evidence: Evidence | None) -> Instruction:
    """RUN that puts the libraries which the program is linked to, and the base has not, below /out/libraries.

    ldd names them; one that it does not find breaks the build. The paths are Debian's own (its /lib is a link to
    /usr/lib), or one folder where the base is not Debian.
    """
    debian = base.family == "distroless"
    cxx = "cxx" in base.serves
    held = "|".join(
        [
            _GLIBC,
            *([_COMPILER] if cxx else []),
            *([_DISTROLESS] if debian else []),
            *(["libgomp"] if cxx and debian else []),
        ]
    )
    file = shell_word(f"/out/{name}")
    how = "cp -L --parents" if debian else "cp -L"
    reason = (
        "Collects the libraries that the program is linked to and the final image lacks, with their paths; none if it needs none."
        if debian
        else "Collects the libraries that the program is linked to and the final image lacks; none if it needs none."
    )
    return run(
        reason,
        "mkdir -p /out/libraries",
        f"ldd {file} > /tmp/linked",
        "! grep 'not found' /tmp/linked",
        f"""awk '$3 ~ "^/" && $3 !~ "/({held})[.]so" {{ sub("^/lib", "/usr/lib", $3); print $3 }}' /tmp/linked > /tmp/libraries""",
        f"xargs -r -a /tmp/libraries {how} -t /out/libraries",
        evidence=evidence,
    )


def final_stages(
    component: Component, base: BaseImage, program: Program, options: Options, reason: str
) -> tuple[tuple[Stage, ...], tuple[Finding, ...]]:
    """Return the stages after `build`, and what is to be told."""
    writer = _Final(component, base, program, options)
    stages = [writer.rootfs()] if "tmp" in base.lacks else []
    stages.append(writer.final(reason))
    return tuple(stages), tuple(writer.findings)


def emulation(options: Options) -> tuple[Finding, ...]:
    """Say that for another platform the compiler itself is that platform's: nothing is cross-compiled."""
    if options.platform is None:
        return ()
    return (
        Finding(
            "emulated-build",
            "info",
            f"It is compiled by {visible(options.platform, 60)}'s own compiler, because a cross compiler would need that platform's "
            "libraries too: on a machine of another kind it runs emulated, and slowly.",
            fix="Build it on a machine of that platform where time matters.",
        ),
    )


def essentials(component: Component, base: BaseImage, *, certificates: bool) -> list[Instruction]:
    """Return the copies of what `base` lacks for any program: /tmp of the stage rootfs, the build's `certificates`."""
    found: list[Instruction] = []
    if "tmp" in base.lacks:
        reason = "The folder for temporary files, with the rights it needs."
        found.append(copy(reason, "/rootfs/", "/", from_="rootfs"))
    if certificates:
        reason = "The certificates of the authorities, without which HTTPS to others fails."
        place = component.evidence("ca_certificates")
        found.append(copy(reason, CA_BUNDLE, CA_BUNDLE, from_="build", evidence=place))
    return found


def unknown_libraries(component: Component, names: Sequence[str]) -> list[Finding]:
    """Say which of the libraries that the program is linked to no package is known for; empty if `names` is."""
    if not names:
        return []
    place = component.evidence("system_library")
    said = ", ".join(visible(name, 40) for name in names)
    return [
        told_at(
            place,
            "unknown-library",
            "warning",
            f"SlimDesk does not know which package holds {said}, so the build may fail.",
            fix="Add its package to the build stage, and the one without -dev to the final stage.",
        )
    ]


def exposed(component: Component) -> list[Instruction]:
    """ENV PORT where the program takes its port from there alone, and EXPOSE."""
    if component.port is None:
        return []
    asked = component.fact("port_env")
    found: list[Instruction] = []
    if asked is not None:
        found.append(
            env(
                "The program takes its port from here, and has no other.",
                asked.evidence,
                PORT=str(component.port),
            )
        )
    found.append(
        expose(
            component.port,
            "Where it listens; documentation for people and tools.",
            component.evidence("port"),
        )
    )
    return found


def runtime_files(component: Component, findings: list[Finding]) -> list[Instruction]:
    """COPY of files and folders that the program opens by a relative path, beside it."""
    inside = component.folder
    prefix = f"/src/{inside}/" if inside else "/src/"
    found: dict[str, Instruction] = {}
    for fact in component.all("runtime_file"):
        name = str(fact.value)
        if PLAIN.fullmatch(f"{inside or 'a'}/{name}") and ".." not in name.split("/"):
            found[name] = copy(
                "The program opens this at run time.",
                f"{prefix}{name}",
                f"./{name}",
                from_="build",
                evidence=fact.evidence,
            )
        else:
            findings.append(
                told_at(
                    fact.evidence,
                    "runtime-file-left-out",
                    "warning",
                    f"The program opens {visible(name, 100)}, whose name cannot be written into a Dockerfile safely.",
                    fix="Rename it with letters, digits, dots and dashes, or add a COPY by hand.",
                )
            )
    return list(found.values())


def program_user(component: Component, base: BaseImage) -> Instruction:
    """USER, by number: the image's own, or nobody where the program asks who it is and the image has no other entry."""
    if component.value("user_lookup") is True and base.user == 0 and "passwd" not in base.lacks:
        return user(
            NOBODY, NOBODY, "Not root; nobody has an entry in /etc/passwd, which the program looks up."
        )
    return user(
        base.run_user,
        base.run_group,
        "Not root; by number, so that Kubernetes can see it (runAsNonRoot).",
    )


def web_question(component: Component, base: BaseImage) -> tuple[str, ...] | None:
    """Return argv that asks the program over HTTP whether it is well; None if it serves nothing, or nothing there can ask."""
    if component.port is None:
        return None
    url = health_address(component)
    if base.package_manager == "apk":
        return ("wget", "-q", "--spider", url)
    # buildpack-deps, which the compilers' images are made from, has curl.
    return ("curl", "-fsS", "-o", "/dev/null", url) if base.family == "full" else None


def programs_missing(component: Component, base: BaseImage) -> list[Finding]:
    """Return a finding for each program that the component starts and the image does not hold."""
    fix = "Install its package in the final stage."
    if base.package_manager is None:
        fix = "Take a family with a shell and a package manager, such as slim, or copy a static one in."
    found = []
    for fact in missing_programs(component, base):
        what = "a shell" if fact.key == "shell" else visible(str(fact.value), 40)
        place = fact.evidence
        found.append(
            told_at(
                place,
                "program-missing",
                "warning",
                f"The program starts {what}, which {base.reference} does not hold.",
                fix=fix,
            )
        )
    return found


class _Final:
    def __init__(self, component: Component, base: BaseImage, program: Program, options: Options) -> None:
        self.component = component
        self.base = base
        self.program = program
        self.options = options
        self.findings: list[Finding] = []

    def rootfs(self) -> Stage:
        command = run(
            "Makes /tmp, writable for everybody: scratch is empty and has no shell to make it with.",
            "mkdir -p /rootfs/tmp",
            "chmod 1777 /rootfs/tmp",
        )
        return stage("rootfs", "build", "Prepares the one folder that scratch does not have.", [command])

    def final(self, reason: str) -> Stage:
        component, program = self.component, self.program
        files = runtime_files(component, self.findings)
        folder = (
            [workdir("/app", "The program reads files relative to the folder it starts in.")] if files else []
        )
        body = [
            *self._packages(),
            *self._borrowed(),
            *folder,
            *files,
            copy(
                "The program, and nothing else of the build.",
                f"/out/{program.name}",
                f"/{program.name}",
                from_="build",
            ),
            program_user(component, self.base),
            *program.settings,
            *exposed(component),
            *self._healthcheck(),
            entrypoint(
                (f"/{program.name}", *start_arguments(component)),
                "Starts the program directly, as process 1, so that it gets the signals; no shell is needed.",
                component.evidence("entrypoint") or component.evidence("binary"),
            ),
        ]
        self.findings += programs_missing(component, self.base)
        return stage("final", self.base.reference, reason, body)

    def _packages(self) -> list[Instruction]:
        packages = self.program.run_packages
        place = self.component.evidence("system_library")
        if not packages:
            return []
        names = " ".join(packages)
        reason = "The libraries that the program is linked to."
        if self.base.package_manager == "apk":
            return [run(reason, f"apk add --no-cache {names}", evidence=place)]
        if self.base.package_manager == "apt":
            return [apt(reason, packages, place)]
        return []

    def _borrowed(self) -> list[Instruction]:
        component, base = self.component, self.base
        certificates = "ca-certificates" in base.lacks and self.program.certificates
        found = essentials(component, base, certificates=certificates)
        if self.program.collected:
            place = component.evidence("system_library")
            target = "/" if base.family == "distroless" else f"{OWN_LIBRARIES}/"
            found.append(
                copy(
                    "The libraries that the build stage collected.",
                    "/out/libraries/",
                    target,
                    from_="build",
                    evidence=place,
                )
            )
            if base.family != "distroless":
                found.append(env("Tells the loader where they are.", place, LD_LIBRARY_PATH=OWN_LIBRARIES))
        return found

    def _healthcheck(self) -> list[Instruction]:
        if not self.options.healthcheck or self.component.port is None:
            return []
        command = web_question(self.component, self.base)
        if command is None:
            self.findings.append(
                Finding(
                    "no-healthcheck",
                    "info",
                    "There is no HEALTHCHECK: this image holds no program that could ask.",
                    fix="Let the orchestrator ask (an HTTP probe), or add a healthcheck argument to the program.",
                )
            )
            return []
        return [
            healthcheck(
                command, "Asks the program whether it is well; in exec form, because it needs no shell."
            )
        ]


def apt(reason: str, packages: Sequence[str], place: Evidence | None) -> Instruction:
    """RUN apt-get install; versions are not pinned: the base's release is, and old ones leave its archive."""
    return run(
        reason,
        "apt-get update",
        f"apt-get install -y --no-install-recommends {' '.join(packages)}",
        "rm -rf /var/lib/apt/lists/*",
        evidence=place,
    )


def apk(reason: str, packages: Sequence[str], place: Evidence | None) -> Instruction:
    """RUN apk add; versions are not pinned, as with `apt`."""
    return run(reason, f"apk add --no-cache {' '.join(packages)}", evidence=place)
