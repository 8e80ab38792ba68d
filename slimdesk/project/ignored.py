"""What the walk leaves out: folders that tools fill, build output, and files that look like secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

TOOL_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", "jspm_packages", "__pycache__", ".venv", "venv",
    ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".next", ".nuxt", ".output",
    ".svelte-kit", ".angular", ".astro", ".parcel-cache", ".turbo", ".nx", ".gradle", ".idea", ".vscode", ".vs", ".cache",
    ".m2", ".cargo", "site-packages", ".yarn", ".pnpm-store", ".terraform", ".bundle", ".direnv", ".devbox",
    ".dart_tool", ".stack-work", ".ipynb_checkpoints", "CMakeFiles",
})  # fmt: skip

# Folder name -> the manifests beside which that folder is what a build makes.
_OUTPUT: dict[str, frozenset[str]] = {
    "target": frozenset({"pom.xml", "Cargo.toml", "build.sbt"}),
    "build": frozenset({
        "package.json", "pyproject.toml", "setup.py", "build.gradle", "build.gradle.kts", "pubspec.yaml",
    }),
    "dist": frozenset({"package.json", "pyproject.toml", "setup.py", ".goreleaser.yml", ".goreleaser.yaml"}),
    "out": frozenset({"package.json", "build.gradle", "build.gradle.kts"}),
    "coverage": frozenset({"package.json"}),
    "htmlcov": frozenset({"pyproject.toml", "setup.py"}),
    "_build": frozenset({"mix.exs", "dune-project"}),
    "deps": frozenset({"mix.exs"}),
    "vendor": frozenset({"composer.json", "Gemfile", "go.mod"}),
}  # fmt: skip
_DOTNET_OUTPUT = frozenset({"bin", "obj"})
_DOTNET_PROJECT = re.compile(r"\.(?:cs|fs|vb)proj$")

# A .env.example and its like hold names, not secrets.
EXAMPLE_ENV = re.compile(
    r"(?:\.env\.(?:example|sample|template|dist|defaults?)|(?:[\w-]{1,60}[-_.])?(?:example|sample|template)\.env|env\.(?:example|sample|template)"
    r"|\.env-(?:example|sample|template)|\.env\.[A-Za-z0-9_-]+\.(?:example|sample|template))$"
)
_SECRET = re.compile(
    r"""(?:
        \.env(?:\..+)? | .+\.env | \.envrc
      | id_(?:rsa|dsa|ecdsa|ed25519) | .+\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|gpg)
      | \.netrc | _netrc | \.pgpass | \.my\.cnf | \.htpasswd | \.git-credentials | \.pypirc | \.dockercfg
      | credentials(?:\.json)? | secrets?\.(?:ya?ml|json|toml|env) | service-?account.*\.json | terraform\.tfstate(?:\..*)?
      | .+\.tfvars
    )$""",
    re.VERBOSE | re.IGNORECASE,
)

# A certificate is there to be shown; go.env is the toolchain's own.
_PUBLIC = re.compile(
    r"^(?!.*(?:key|priv)).*(?:cert|chain|bundle|public|(?<![^-_])ca|(?<![^-_])root).*\.pem$|^go\.env$",
    re.IGNORECASE,
)


def looks_secret(path: str) -> bool:
    """Whether a file's name says that it holds secrets; such a file is never read."""
    return _secret_name(path.rsplit("/", 1)[-1])


# Names repeat: a large folder has thousands of index.js and __init__.py.
@lru_cache(maxsize=16_384)
def _secret_name(name: str) -> bool:
    return (
        _SECRET.match(name) is not None and EXAMPLE_ENV.match(name) is None and _PUBLIC.search(name) is None
    )


def skip_reason(base: str, path: str, name: str, files_beside: AbstractSet[str]) -> str | None:
    """Say why the folder `path` of `base` is not descended into; None if it is.

    A folder of a build's usual name is left out only beside the manifest of a tool that makes it.
    """
    if name in TOOL_FOLDERS:
        return "filled by a tool"
    manifests = _OUTPUT.get(name)
    if manifests:
        # A Go module with a package.json for its tools keeps sources in build/.
        beside = manifests & files_beside
        if beside and not (beside == {"package.json"} and "go.mod" in files_beside and name == "build"):
            return f"build output, beside {min(beside)}" if name != "vendor" else "vendored dependencies"
    if name in _DOTNET_OUTPUT and any(_DOTNET_PROJECT.search(beside_name) for beside_name in files_beside):
        return "build output, beside a .NET project"
    if name.endswith(".egg-info"):
        return "package metadata"
    for mark, reason in (("pyvenv.cfg", "a virtual environment"), ("CMakeCache.txt", "a CMake build folder")):
        if os.path.isfile(f"{base}/{path}/{mark}"):  # noqa: PTH113 - called per folder
            return reason
    return None
