"""conda's environment.yml, as far as pip can follow it: names are mostly the same, versions often, libraries never."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from slimdesk.project.manifests import read_yaml, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join, line_of

FILES = ("environment.yml", "environment.yaml")
_SPEC = re.compile(
    r"(?:[\w-]+::)?([A-Za-z0-9][A-Za-z0-9._-]{0,99})\s*(?:(==?|>=|<=|~=|>|<)\s*([0-9][\w.*]{0,40}))?"
)
_REQUIREMENT = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(?:\[[\w,-]{1,100}\])?(?:\s*(?:[=<>~!]=|[<>])\s*[\w.*+!]{1,40}(?:\s*,\s*)?)*"
)
# What conda brings besides Python packages: the interpreter, compilers, C libraries and its own tools.
_NOT_ON_THE_INDEX = frozenset(
    {
        "python", "pip", "nodejs", "cudatoolkit", "cudnn", "mkl", "openblas", "blas", "gcc", "gxx", "make", "cmake", "git", "openssl",
        "libgcc-ng", "libstdcxx-ng", "zlib", "conda", "mamba", "pytorch-cuda", "r-base", "ffmpeg", "sqlite", "tk", "xz", "ca-certificates",
    }
)  # fmt: skip
# Of another name on PyPI.
_NAMES = {
    "pytorch": "torch",
    "opencv": "opencv-python-headless",
    "msgpack-python": "msgpack",
    "python-graphviz": "graphviz",
}


@dataclass(slots=True)
class Conda:
    """What an environment.yml asks for: requirements in pip's words, and the Python version with its place."""

    place: Evidence
    packages: dict[str, Evidence] = field(default_factory=dict)
    python: tuple[str, Evidence] | None = None


def conda_packages(tree: Tree, folder: str) -> Conda | None:
    """Return what environment.yml in `folder` lists; None without one."""
    path = next((name for name in (join(folder, one) for one in FILES) if tree.has(name)), None)
    data = read_yaml(tree, path) if path is not None else None
    listed = data.get("dependencies") if data else None
    if path is None or not isinstance(listed, list):
        return None
    text = tree.text(path) or ""
    found = Conda(Evidence(path, line_of(text, "dependencies")))
    for item in listed[:500]:
        if isinstance(item, dict):
            pip = item.get("pip")
            for word in pip[:500] if isinstance(pip, list) else ():
                said = words_of(word)
                if said is not None and _REQUIREMENT.fullmatch(said):
                    found.packages.setdefault(said.replace(" ", ""), Evidence(path, line_of(text, said)))
            continue
        said = words_of(item)
        match = _SPEC.match(said) if said is not None else None
        if said is not None and match is not None:
            _conda_one(found, match, Evidence(path, line_of(text, said)))
    return found


def _conda_one(found: Conda, match: re.Match[str], evidence: Evidence) -> None:
    name, sign, version = match.group(1).lower(), match.group(2), match.group(3)
    if name == "python":
        if version and re.fullmatch(r"\d+\.\d+(\.\d+)?", version) and sign in ("=", "=="):
            found.python = (version, evidence)
        return
    if name in _NOT_ON_THE_INDEX or name.startswith(("lib", "_")):
        return
    # conda's single = means any release of that series.
    plain = (version or "").rstrip(".*")
    pinned = f"=={plain}.*" if sign == "=" and plain else f"{sign}{version}" if sign and version else ""
    found.packages.setdefault(_NAMES.get(name, name) + pinned, evidence)
