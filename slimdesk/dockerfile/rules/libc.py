"""Programs that were linked against another C library than the one they will find."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import StageView, View

RULE = "libc-mismatch"

_NATIVE = frozenset({"go", "rust", "c"})
_INTERPRETED = frozenset({"python", "node", "ruby", "php"})
_STATIC = re.compile(r"CGO_ENABLED[= ]\"?0|(?<![\w-])-static(?:-pie)?\b|-linux-musl\b|crt-static|--static\b")
# Files that no linker has seen.
_DATA = re.compile(
    r"^/?(?:etc|usr/share)/|\.(?:crt|pem|json|html|css|js|txt|conf|toml|ya?ml|jar|war|py|wasm)$|/(?:dist|public|static)/?$"
)


def check(view: View) -> Iterator[Finding]:
    """Look at what the final image takes from the stages that built it."""
    final = view.final
    if final.facts.libc is None or final.facts.serves_files:
        return
    seen: set[int] = set()
    for member in final.members:
        for use in view.uses[member]:
            if use.stage is None or use.stage in seen or use.instruction.keyword != "COPY":
                continue
            if all(_DATA.search(source) for source in use.instruction.arguments[:-1]):
                continue
            seen.add(use.stage)
            yield from _compare(view.stages[use.stage], final, use.instruction)


def _compare(builder: StageView, final: StageView, copy: Instruction) -> Iterator[Finding]:
    built, run = builder.facts, final.facts
    native = built.language in _NATIVE
    if not native and built.language not in _INTERPRETED:
        return
    if native and _is_static(builder):
        return
    name = builder.stage.name or str(builder.index)
    if run.libc == "none":
        if native and built.libc == "glibc":
            yield Finding(
                RULE,
                "warning",
                f"The program of stage {name} may need glibc, and the final image has no C library",
                line=copy.line,
                fix=_static_fix(built.language),
            )
        return
    if built.libc in ("glibc", "musl") and built.libc != run.libc:
        what = "The program of stage {} is" if native else "Modules with native code of stage {} are"
        yield Finding(
            RULE,
            "error" if native and built.language != "go" else "warning",
            f"{what.format(name)} built for {built.libc}, and the final image has {run.libc}",
            line=copy.line,
            fix="Build on the same system as the final image",
        )
    elif built.glibc and run.glibc and built.glibc > run.glibc:
        newer, older = (".".join(map(str, version)) for version in (built.glibc, run.glibc))
        yield Finding(
            RULE,
            "warning",
            f"Stage {name} builds with glibc {newer}, and the final image has the older {older}: "
            "a program may not start (GLIBC_… not found)",
            line=copy.line,
            fix="Build on the release of the final image, or on an older one",
        )


def _is_static(builder: StageView) -> bool:
    # Go without a C compiler (the Alpine image has none) links statically of itself, since 1.20.
    if builder.facts.language == "go" and builder.facts.libc == "musl":
        return True
    return any(_STATIC.search(command_text(one)) for one in builder.inherited("RUN", "ENV", "ARG"))


def _static_fix(language: str | None) -> str:
    return (
        "Build with CGO_ENABLED=0"
        if language == "go"
        else "Link statically, or take a final image with glibc"
    )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Go without C; a builder of the final image's kind."""
    copy = view.at(finding.line)
    final = view.final
    use = next((one for found in view.uses for one in found if one.instruction is copy), None)
    if copy is None or use is None or use.stage is None:
        return ()
    builder = view.stages[use.stage]
    if builder.facts.language == "go":
        build = next(
            (
                run
                for run in builder.own("RUN")
                if re.search(r"\bgo build\b|\bgo install\b", command_text(run))
            ),
            None,
        )
        return (
            ()
            if build is None
            else lines.substituted(build, r"\bgo (build|install)\b", r"CGO_ENABLED=0 go \1")
        )
    if builder.image is None or builder.image.tag is None or len(builder.chain) > 1:
        return ()
    tag = builder.image.tag
    if builder.facts.libc == "musl" and final.facts.libc == "glibc":
        new = re.sub(r"-?alpine[\d.]*", "", tag) or "latest"
        new = (
            f"{new}-slim"
            if builder.facts.language in ("rust", "node", "python") and "slim" not in new
            else new
        )
        return lines.substituted(builder.first, rf":{re.escape(tag)}(?=\s)", f":{new}", 1)
    if (
        builder.facts.libc == "glibc"
        and final.facts.libc == "musl"
        and builder.facts.language in ("rust", "node", "python")
    ):
        new = f"{re.sub(r'-(?:slim|trixie|bookworm|bullseye)', '', tag)}-alpine"
        return lines.substituted(builder.first, rf":{re.escape(tag)}(?=\s)", f":{new}", 1)
    return ()
