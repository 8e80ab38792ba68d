"""The command line's contract as data: which keys each answer has and of what kind, and the rules for every call."""

import contextlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from slimdesk.cli import main

CHECKOUT = Path(__file__).parents[3]
SAMPLE = CHECKOUT / "resources/sample/harbour"
SAMPLE_ARCHIVE = CHECKOUT / "resources/sample/reports.tar.zst"
NOBODY = 65534

TEXT, COUNT, LINE, NUMBER, FLAG = "text", "count", "line", "number", "flag"
RATIO, DIGEST, PLATFORM, ANY, VARIANTS, SIGNED = (
    "ratio",
    "digest",
    "platform",
    "any",
    "text to text",
    "signed",
)


@dataclass(frozen=True)
class Null:
    """What may be null as well."""

    kind: object


EVIDENCE = {"path": TEXT, "line": Null(LINE)}
PROBLEM = {"message": TEXT, "evidence": Null(EVIDENCE)}
FACT = {"key": TEXT, "value": ANY, "evidence": Null(EVIDENCE)}
FINDING = {
    "rule": TEXT, "severity": {"error", "warning", "info"}, "message": TEXT, "path": Null(TEXT), "line": Null(LINE),
    "bytes": Null(COUNT), "fix": Null(TEXT),
}  # fmt: skip
LAYER_SIZES = {
    "download": Null(COUNT), "unpacked": COUNT, "files": COUNT, "download_from": Null({"blobs", "compressed"}),
}  # fmt: skip
SIZES = {**LAYER_SIZES, "live": COUNT}
COMPONENT = {
    "name": re.compile(r"[a-z0-9][a-z0-9._-]{0,62}"), "path": TEXT,
    "profile": {"go", "java", "node", "python", "rust", "cpp", "dotnet", "web", "php", "ruby"},
    "version": Null(TEXT), "package_manager": Null(TEXT), "framework": Null(TEXT), "entrypoint": Null([TEXT]),
    "port": Null(COUNT), "facts": [FACT], "problems": [PROBLEM],
}  # fmt: skip
CALL = {
    "component": Null(TEXT), "kind": TEXT, "source": {"dockerfile", "compose", "kubernetes", "procfile", "script"},
    "words": [TEXT], "shell": FLAG, "programs": [TEXT], "tasks": [TEXT], "file": Null(TEXT), "evidence": Null(EVIDENCE),
}  # fmt: skip
BREAK = {
    "call": TEXT, "answer": {"replace", "fails"}, "program": Null(TEXT), "message": TEXT, "replacement": Null(TEXT),
    "evidence": Null(EVIDENCE),
}  # fmt: skip
REASON = {"message": TEXT, "evidence": Null(EVIDENCE), "weight": COUNT}
FAMILY = {
    "family": {"full", "slim", "alpine", "distroless", "chainguard", "hardened", "chiselled", "scratch"},
    "image": Null(TEXT), "available": FLAG, "reason": TEXT, "needs": [TEXT], "recommended": FLAG, "shell": Null(FLAG),
    "libc": Null({"glibc", "musl", "none"}), "user": Null(COUNT), "debug_image": Null(TEXT), "end_of_life": Null(TEXT),
    "breaks": [BREAK],
}  # fmt: skip
GENERATED_LINE = {
    "line": LINE, "end_line": LINE, "keyword": TEXT, "reason": TEXT, "evidence": Null(EVIDENCE),
}  # fmt: skip
INSTRUCTION = {
    "line": LINE, "end_line": LINE, "keyword": re.compile("[A-Z]+"), "flags": [TEXT], "arguments": [TEXT],
    "heredocs": [TEXT], "form": Null({"exec", "shell"}),
}  # fmt: skip
STAGE = {
    "name": Null(TEXT), "base": TEXT, "platform": Null(TEXT), "line": LINE, "instructions": [INSTRUCTION],
}  # fmt: skip
STEP = {"name": TEXT, "stage": Null(TEXT), "seconds": Null(NUMBER), "cached": FLAG, "error": Null(TEXT)}
LAYER = {
    "index": COUNT, "diff_id": DIGEST, "digest": Null(DIGEST), "created_by": Null(TEXT), "base": Null(FLAG),
    "entries": COUNT, "sizes": LAYER_SIZES, "shadowed": COUNT,
}  # fmt: skip
GATE = {"rule": TEXT, "limit": ANY, "value": ANY, "passed": FLAG}
PATH_SIZE = {"path": TEXT, "size": COUNT}
PACKAGE_CHANGE = {
    "name": TEXT, "type": TEXT, "change": {"added", "removed", "changed"}, "version_before": Null(TEXT),
    "version_after": Null(TEXT), "size_before": Null(COUNT), "size_after": Null(COUNT),
}  # fmt: skip
CHECK = {"name": TEXT, "passed": Null(FLAG), "seconds": Null(NUMBER), "message": TEXT}
VERIFY = {
    "verdict": {"runs", "fails", "not-proven"}, "reason": TEXT, "kind": {"service", "command"}, "port": Null(COUNT),
    "http_status": Null(COUNT), "exit_code": Null(COUNT), "first_answer": Null(NUMBER), "seconds": NUMBER,
    "user": Null(TEXT), "emulated": FLAG, "checks": [CHECK], "log": [TEXT],
    "fix": Null({"kind": TEXT, "title": TEXT, "reason": TEXT, "lines": [TEXT]}),
}  # fmt: skip
SCAN = {
    "scanned": FLAG, "reason": Null(TEXT), "todo": Null(TEXT), "scanner": Null(TEXT), "version": Null(TEXT), "database": Null(TEXT),
    "made": Null(TEXT), "counts": Null(ANY), "total": Null(COUNT), "fixable": Null(COUNT),
    "coverage": Null({"live_bytes": COUNT, "named_bytes": COUNT, "share": Null(NUMBER), "parts": COUNT, "parts_named": COUNT, "enough": FLAG}),
    "vulnerabilities": [{
        "id": TEXT, "severity": {"critical", "high", "medium", "low", "negligible", "unknown"}, "package": TEXT, "version": TEXT,
        "fixed": Null(TEXT), "path": Null(TEXT), "layer": Null(DIGEST), "title": TEXT, "url": TEXT, "places": LINE,
    }],
}  # fmt: skip
MATRIX_BUILD = {
    "image_id": Null(DIGEST), "tag": TEXT, "context": TEXT, "seconds": NUMBER, "steps": [STEP],
    "error": Null({"step": Null(TEXT), "message": TEXT, "log": [TEXT]}),
}  # fmt: skip

ANSWERS = {
    "detect": {
        "components": [COMPONENT],
        "joined": [{"name": TEXT, "parts": [TEXT], "static_folder": TEXT}],
        "services": [{"name": TEXT, "kind": TEXT, "image": Null(TEXT), "advice": TEXT, "evidence": EVIDENCE}],
        "calls": [CALL],
        "problems": [PROBLEM],
    },
    "families": {
        "component": TEXT, "families": [FAMILY], "reasons": [REASON], "warnings": [REASON],
        "better": [{"family": TEXT, "change": TEXT, "effect": TEXT}],
    },
    "generate": {
        "component": TEXT, "family": TEXT, "image": TEXT, "context": TEXT, "target": TEXT, "dockerfile": TEXT,
        "dockerignore": TEXT, "lines": [GENERATED_LINE], "findings": [FINDING],
    },
    "explain": {
        "directives": VARIANTS, "arguments": [INSTRUCTION], "stages": [STAGE], "findings": [FINDING],
    },
    "build": {
        "image_id": Null(DIGEST), "tag": TEXT, "context": TEXT, "seconds": NUMBER, "steps": [STEP], "sizes": Null(SIZES),
        "error": Null({"step": Null(TEXT), "message": TEXT, "log": [TEXT]}),
    },
    "analyze": {
        "source": {"engine", "docker-archive", "oci-archive", "oci-layout"}, "name": Null(TEXT), "image_id": Null(DIGEST),
        "platform": Null(PLATFORM), "verified": FLAG, "sizes": SIZES, "shadowed": COUNT, "score": Null(RATIO),
        "dive": {"efficiency": RATIO, "wasted_bytes": COUNT, "user_wasted_percent": Null(RATIO)},
        "layers": [LAYER],
        "packages": [{"name": TEXT, "version": TEXT, "type": TEXT, "purl": TEXT, "size": Null(COUNT), "path": Null(TEXT)}],
        "findings": [FINDING], "gates": [GATE],
    },
    "doctor": {"runs": {"likely", "unlikely", "unknown"}, "findings": [FINDING]},
    "compare": {
        "images": [{
            "source": {"engine", "docker-archive", "oci-archive", "oci-layout"}, "name": TEXT, "sizes": SIZES, "layers": [LAYER],
            "files_known": FLAG, "config_known": FLAG, "start_seconds": Null(NUMBER),
        }],
        "figures": [{"key": TEXT, "title": TEXT, "unit": {"bytes", "count", "ratio", "seconds", "text"}, "values": [ANY]}],
        "differences": [{
            "image": TEXT, "against": TEXT, "files_known": FLAG, "packages_known": FLAG, "config_known": FLAG,
            "added": [PATH_SIZE], "removed": [PATH_SIZE], "not_compared": [PATH_SIZE],
            "changed": [{"path": TEXT, "size_before": COUNT, "size_after": COUNT}],
            "moved": [{"path_before": TEXT, "path": TEXT, "size": COUNT, "proven": FLAG}],
            "packages": [PACKAGE_CHANGE], "config": [{"field": TEXT, "key": Null(TEXT), "before": Null(TEXT), "after": Null(TEXT)}],
            "reasons": [{"reason": TEXT, "title": TEXT, "part": TEXT, "before": COUNT, "after": COUNT}],
            "folders": [{"path": TEXT, "size_before": COUNT, "size_after": COUNT}],
            "gates": [GATE], "grown_paths": [{"path": TEXT, "size_before": COUNT, "size_after": COUNT}],
            "grown_packages": [PACKAGE_CHANGE],
        }],
    },
    "report": {
        "generator": {"name": TEXT, "version": TEXT}, "made": TEXT, "kind": {"image", "comparison", "project"}, "title": TEXT,
        "project": Null(TEXT), "component": Null(TEXT), "engine": Null(TEXT), "size": {"download", "unpacked", "files", "live"},
        "images": [{
            "name": TEXT, "reference": FLAG, "image_id": Null(DIGEST), "sizes": Null(SIZES), "build_seconds": Null(NUMBER),
            "reduction": Null({"ratio": SIGNED, "factor": NUMBER}), "error": Null(TEXT), "older": [TEXT], "findings": [FINDING],
            "proof": Null({"verdict": {"runs", "fails", "not-proven"}, "reason": TEXT}), "scan": Null(SCAN),
        }],
        "figures": [{"key": TEXT, "title": TEXT, "unit": {"bytes", "count", "ratio", "seconds", "text"}, "values": [ANY]}],
        "differences": [{"image": TEXT, "against": TEXT, "files_known": FLAG}], "notes": [TEXT],
        "worth": Null({"assumptions": ANY, "images": [{"name": TEXT, "download": COUNT, "pull_seconds": NUMBER}], "formulas": ANY}),
        "components": [{"component": TEXT, "images": ANY, "figures": ANY, "notes": [TEXT]}],
        "written": Null({"path": TEXT, "format": TEXT, "bytes": COUNT}),
    },
    "scan": {"image": TEXT, "image_id": Null(DIGEST), **SCAN},
    "verify": VERIFY,
    "matrix": {
        "component": TEXT, "reference": {"yours", "baseline"}, "recommended": Null(TEXT), "size_kind": TEXT, "weights": ANY,
        "unavailable": [{"family": TEXT, "reason": TEXT}],
        "variants": [{
            "family": TEXT, "base": Null(TEXT), "recommended": FLAG, "debug": FLAG, "build": Null(MATRIX_BUILD), "verify": Null(VERIFY),
            "sizes": Null(SIZES), "reduction": Null({"ratio": SIGNED, "factor": NUMBER}), "packages": Null(COUNT),
            "layers": Null(COUNT), "shells": Null([TEXT]), "user": Null(TEXT), "findings": [FINDING], "score": Null(NUMBER),
            "place": Null(LINE), "error": Null(TEXT),
        }],
    },
    "engine": {
        "reachable": FLAG, "reason": Null(TEXT), "context": Null(TEXT), "endpoint": Null(TEXT), "version": Null(TEXT),
        "api_version": Null(TEXT), "store": Null({"classic", "containerd"}), "platform": Null(PLATFORM),
        "builder": Null({"buildkit", "buildx"}),
        "contexts": [{"name": TEXT, "endpoint": TEXT, "reachable": FLAG, "reason": Null(TEXT)}],
    },
    "debug": {
        "way": {"files", "tools"}, "reason": TEXT, "notes": [TEXT],
        "commands": {"docker": TEXT, "docker_debug": TEXT, "cdebug": Null(TEXT), "kubectl": TEXT},
    },
    "clean": {"removed": [{"image_id": DIGEST, "tag": Null(TEXT), "bytes": COUNT}], "bytes": COUNT},
}  # fmt: skip

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Answer:
    """What a call gave; `json` is None for words and for exit 2."""

    status: int
    out: str
    err: str
    json: dict | None = None


def ask(capfd, *words):
    """Make a call in this process and hold it against the rules for every call."""
    words = [str(word) for word in words]
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    captured = capfd.readouterr()
    return checked(words, status, captured.out, captured.err)


def checked(words, status, out, err):
    """Return the answer if it keeps the rules: exit codes, what stands where, one ASCII object, nothing unescaped."""
    command = words[0]
    assert status in (0, 1, 2), (status, err)
    assert "Traceback" not in err
    assert "inside SlimDesk" not in err
    assert not _CONTROLS.search(err), err
    if status == 2:
        assert out == ""
        assert err.count("\n") == 1, err
        assert err.startswith(f"slimdesk {command}: ") or command == "explain"
        assert err.rstrip().endswith((".", "?", "!")), err
        assert len(err) < 2000, err
        return Answer(status, out, err)
    if "--json" not in words:
        assert not _CONTROLS.search(out.replace("\t", "")), out
        return Answer(status, out, err)
    assert out.isascii()
    found = json.loads(out, parse_constant=_no_number)
    assert next(iter(found)) == "schema"
    # A report is a document of its own, with a schema of its own (resources/schemas).
    assert found["schema"] == (2 if command == "report" else 1)
    wrong = list(differences(found, ANSWERS[command], command))
    assert wrong == []
    return Answer(status, out, err, found)


def differences(value, kind, where):
    """Yield what of `value` is not of the kind."""
    if isinstance(kind, Null):
        if value is not None:
            yield from differences(value, kind.kind, where)
    elif isinstance(kind, dict):
        if not isinstance(value, dict):
            yield f"{where} is {value!r}"
            return
        for key, inner in kind.items():
            if key not in value:
                yield f"{where} has no {key}"
            else:
                yield from differences(value[key], inner, f"{where}.{key}")
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{where} is {value!r}"
            return
        for at, one in enumerate(value):
            yield from differences(one, kind[0], f"{where}[{at}]")
    elif not _is(value, kind):
        yield f"{where} is {value!r}"


def _is(value, kind):
    if isinstance(kind, set):
        return value in kind
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.fullmatch(value) is not None
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or isinstance(value, float)
    return {
        TEXT: isinstance(value, str),
        COUNT: whole and value >= 0,
        LINE: whole and value >= 1,
        NUMBER: number and value >= 0,
        SIGNED: number and value <= 1,
        RATIO: number and 0 <= value <= 1,
        FLAG: isinstance(value, bool),
        DIGEST: isinstance(value, str) and re.fullmatch("sha256:[0-9a-f]{64}", value) is not None,
        PLATFORM: isinstance(value, str) and re.fullmatch(r"[a-z0-9]+/[a-z0-9_]+(/\w+)?", value) is not None,
        VARIANTS: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
        ANY: True,
    }[kind]


def _no_number(text):
    raise AssertionError(f"{text} is no JSON")


@contextlib.contextmanager
def closed_to_us():
    """A folder in which a call may open nothing that is shut: who runs the tests as root is nobody meanwhile."""
    if os.name != "posix":
        pytest.skip("this system has no permissions of the POSIX kind")
    with tempfile.TemporaryDirectory(prefix="slimdesk closed ") as name:
        folder = Path(name)
        folder.chmod(0o755)
        root = os.geteuid() == 0
        try:
            yield folder, _as_nobody if root else contextlib.nullcontext
        finally:
            for inner in folder.rglob("*"):
                if not inner.is_symlink():
                    inner.chmod(0o700)


@contextlib.contextmanager
def _as_nobody():
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
