"""What to do with an image that was chosen: commands and files with the settings that verify has proved, and no others."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from slimdesk.basics.escaping import slug, without_controls
from slimdesk.basics.units import format_bytes
from slimdesk.debug.commands import line
from slimdesk.verify.model import RunProfile, Verification

RecipeKey = Literal["docker", "buildx", "compose", "kubernetes", "github", "gitlab"]
# A gate that a patch release of the base does not set off.
_GROWTH = 1.05
_PASSING = range(200, 400)
_WIDE = 10_000
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proven:
    """An image, where it is built from, and what verify has proved of it.

    image: the engine's name for it. name: what it is to be called from now on. dockerfile, context: relative to the
    project, with `/`. user: what it runs as. volumes: paths that were anonymous volumes. variables: names, never values.
    files: its `files` size in bytes. runs: whether the verdict was that it runs; without it there are build commands alone.
    """

    image: str
    name: str
    component: str
    dockerfile: str = "Dockerfile"
    context: str = "."
    target: str | None = None
    platform: str | None = None
    runs: bool = False
    port: int | None = None
    http: str | None = None
    http_status: int | None = None
    stated_http: bool = False
    user: str | None = None
    read_only: bool = False
    volumes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    exit_code: int = 0
    files: int | None = None

    @property
    def label(self) -> str:
        """The component's name as Kubernetes and compose take it."""
        return slug(self.component).replace(".", "-").replace("_", "-")

    @property
    def service(self) -> bool:
        """Whether it answers on a port; else it is a command that ends."""
        return self.port is not None

    @property
    def ids(self) -> tuple[int, int | None] | None:
        """The numbers of its user and group; None where it is named, or root."""
        user, _, group = (self.user or "").partition(":")
        if not (user.isascii() and user.isdigit()) or int(user) == 0:
            return None
        return int(user), int(group) if group.isascii() and group.isdigit() else None


@dataclass(frozen=True, slots=True)
class Recipe:
    """Something to copy. language: of the text. file: where it belongs, if it is a file. note: what has to be known."""

    key: RecipeKey
    title: str
    language: Literal["shell", "yaml"]
    text: str
    note: str = ""
    file: str = ""


def proven(
    image: str,
    component: str,
    found: Verification | None,
    profile: RunProfile,
    *,
    name: str = "",
    dockerfile: str = "Dockerfile",
    context: str = ".",
    target: str | None = None,
    platform: str | None = None,
    files: int | None = None,
) -> Proven:
    """Put together what a verification by `profile` has proved. A profile's values stay where they are; names alone are taken."""
    runs = found is not None and found.verdict == "runs"
    return Proven(
        image=image,
        name=name or image,
        component=component,
        dockerfile=dockerfile,
        context=context,
        target=target,
        platform=platform,
        runs=runs,
        port=found.port if found is not None else profile.port,
        http=profile.http,
        http_status=found.http_status if found is not None else None,
        stated_http=profile.http is not None,
        user=found.user if found is not None else None,
        read_only=profile.read_only,
        volumes=profile.volumes,
        variables=tuple(
            name
            for name in dict.fromkeys((*profile.required, *profile.environment))
            if _VARIABLE.fullmatch(name)
        ),
        command=profile.command,
        exit_code=profile.exit_code,
        files=files,
    )


def recipes(one: Proven) -> tuple[Recipe, ...]:
    """Return what can be done with it; what runs it only where verify has proved that it runs."""
    return tuple(_recipes(one))


def _recipes(one: Proven) -> Iterator[Recipe]:
    yield Recipe("docker", "Docker", "shell", _docker(one), _docker_note(one))
    yield Recipe("buildx", "buildx", "shell", line(_buildx(one)) + "\n", "In the project's folder. --load puts it into the engine.")  # fmt: skip
    if not one.runs:
        return
    yield Recipe("compose", "Compose", "yaml", _yaml({"services": {one.label: _compose(one)}}), _variables_note(one, "from your environment"), "compose.yaml")  # fmt: skip
    yield Recipe("kubernetes", "Kubernetes", "yaml", _yaml(_kubernetes(one)), _kubernetes_note(one), f"{one.label}.yaml")  # fmt: skip
    yield Recipe("github", "GitHub Actions", "yaml", _yaml(_github(one)), _ci_note(one, "GitHub: Settings, Variables"), ".github/workflows/image.yml")  # fmt: skip
    yield Recipe("gitlab", "GitLab CI", "yaml", _yaml(_gitlab(one)), _ci_note(one, "GitLab: Settings, CI/CD, Variables") + " The runner's jobs need the engine's socket, /var/run/docker.sock.", ".gitlab-ci.yml")  # fmt: skip


# Docker


def _docker(one: Proven) -> str:
    lines = [_build(one)]
    if one.runs:
        lines.append(_run(one))
    if registry_of(one.name):
        lines.append(["docker", "push", one.name])
    return "".join(f"{line(words)}\n" for words in lines)


def _docker_note(one: Proven) -> str:
    if not one.runs:
        return "In the project's folder. How it is run stands here once Verify has proved that it runs."
    return f"In the project's folder. {_variables_note(one, 'from your shell')}".strip()


def _build(one: Proven) -> list[str]:
    return ["docker", "build", *_file_words(one), "--tag", one.name, one.context]


def _buildx(one: Proven) -> list[str]:
    platform = ["--platform", one.platform] if one.platform else []
    return ["docker", "buildx", "build", *_file_words(one), *platform, "--load", "--tag", one.name, one.context]  # fmt: skip


def _file_words(one: Proven) -> list[str]:
    return ["--file", one.dockerfile, *(["--target", one.target] if one.target else [])]


def _run(one: Proven) -> list[str]:
    words = ["docker", "run", "--rm"]
    if one.port is not None:
        words += ["--publish", f"127.0.0.1:{one.port}:{one.port}"]
    words += ["--user", one.user] if one.ids and one.user else []
    words += ["--read-only"] if one.read_only else []
    for path in one.volumes:
        words += ["--volume", path]
    for name in one.variables:
        words += ["--env", name]
    return [*words, one.name, *one.command]


def registry_of(name: str) -> str | None:
    """Return the registry that a name states; None for a name without one (distribution/reference, reference.go)."""
    first, slash, _ = name.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else None


# Compose and Kubernetes


def _compose(one: Proven) -> dict[str, Any]:
    build: dict[str, Any] = {"context": one.context, "dockerfile": _inside(one.dockerfile, one.context)}
    if one.target:
        build["target"] = one.target
    service: dict[str, Any] = {"image": one.name, "build": build}
    if one.ids:
        service["user"] = one.user
    if one.read_only:
        service["read_only"] = True
    if one.port is not None:
        service["ports"] = [f"127.0.0.1:{one.port}:{one.port}"]
    if one.volumes:
        service["volumes"] = list(one.volumes)
    if one.variables:
        service["environment"] = list(one.variables)
    if one.command:
        service["command"] = list(one.command)
    doubled: dict[str, Any] = _dollars(service)
    return doubled


def _dollars(value: Any) -> Any:
    """Compose puts in variables; a $ of ours is written twice (compose-spec, "Interpolation")."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _dollars(one) for key, one in value.items()}
    return [_dollars(one) for one in value] if isinstance(value, list) else value


def _inside(dockerfile: str, context: str) -> str:
    """Compose looks for the Dockerfile from the context on."""
    if context in (".", ""):
        return dockerfile
    if dockerfile.startswith(f"{context}/"):
        return dockerfile[len(context) + 1 :]
    return "/".join([".."] * len(context.strip("/").split("/"))) + f"/{dockerfile}"


def _kubernetes(one: Proven) -> dict[str, Any]:
    pod: dict[str, Any] = {"containers": [_container(one)]}
    if one.volumes:
        pod["volumes"] = [{"name": f"data-{number}", "emptyDir": {}} for number in range(len(one.volumes))]
    labels = {"app.kubernetes.io/name": one.label}
    if not one.service:
        return {
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": one.label, "labels": labels},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": {"restartPolicy": "Never", **pod}}},
        }  # fmt: skip
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": one.label, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _container(one: Proven) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.label, "image": one.name}
    if one.command:
        # $(NAME) is a variable there; $$ is one $ (Kubernetes API reference, Container.args).
        made["args"] = [word.replace("$(", "$$(") for word in one.command]
    if one.port is not None:
        made["ports"] = [{"containerPort": one.port}]
        made["readinessProbe"] = _probe(one, one.port)
    security: dict[str, Any] = {}
    if one.ids:
        security = {"runAsNonRoot": True, "runAsUser": one.ids[0]}
        if one.ids[1]:
            security["runAsGroup"] = one.ids[1]
    if one.read_only:
        security["readOnlyRootFilesystem"] = True
    if security:
        made["securityContext"] = security
    if one.variables:
        made["env"] = [
            {"name": name, "valueFrom": {"secretKeyRef": {"name": one.label, "key": name}}} for name in one.variables
        ]  # fmt: skip
    if one.volumes:
        made["volumeMounts"] = [
            {"name": f"data-{number}", "mountPath": path} for number, path in enumerate(one.volumes)
        ]
    return made


def _probe(one: Proven, port: int) -> dict[str, Any]:
    """Kubernetes wants 200 to 399; where that was not seen, an open port is what has been proved."""
    if one.http_status in _PASSING:
        return {"httpGet": {"path": one.http or "/", "port": port}}
    return {"tcpSocket": {"port": port}}


# Continuous integration


def ci_commands(one: Proven) -> tuple[str, ...]:
    """Return the lines of a job: get SlimDesk, build, verify, gate."""
    tag = f"{one.label}:ci"
    build = [
        "slimdesk",
        "build",
        ".",
        "--component",
        one.component,
        "--dockerfile",
        one.dockerfile,
        "--tag",
        tag,
    ]
    verify = ["slimdesk", "verify", tag]
    if one.port is not None:
        verify += ["--port", str(one.port)]
        verify += ["--http", one.http] if one.stated_http and one.http else []
        verify += ["--status", str(one.http_status)] if one.http_status else []
    elif one.exit_code:
        verify += ["--exit", str(one.exit_code)]
    verify += ["--read-only"] if one.read_only else []
    for name in one.variables:
        verify += ["--env", name]
    verify += ["--", *one.command] if one.command else []
    gate = ["slimdesk", "analyze", tag, "--forbid-debug"]
    if one.files:
        gate += ["--max-files", limit(one.files)]
    return (
        'python3 -m pip install "${SLIMDESK:?}"',
        *(line(words) for words in (build, verify, gate)),
    )


def limit(size: int) -> str:
    """Return a size with a little room above, rounded up to three digits, as --max-files takes it."""
    wanted = size * _GROWTH
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if wanted >= factor:
            scaled = wanted / factor
            digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2
            return f"{math.ceil(scaled * 10**digits) / 10**digits:.{digits}f}{unit}"
    return f"{math.ceil(wanted)}B"


def _github(one: Proven) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"uses": "actions/checkout@v4"}]
    steps += [
        # What stands between ${{ and }} would be worked out before the shell sees it.
        {"name": name, "run": command.replace("${{", "${{ '${{' }}")}
        for name, command in zip(("Get SlimDesk", "Build", "Verify", "Gate"), ci_commands(one), strict=True)
    ]
    job: dict[str, Any] = {"runs-on": "ubuntu-latest", "env": _github_variables(one), "steps": steps}
    return {
        "name": "image",
        "on": ["push", "pull_request"],
        "permissions": {"contents": "read"},
        "jobs": {"image": job},
    }


def _github_variables(one: Proven) -> dict[str, str]:
    return {
        "SLIMDESK": "${{ vars.SLIMDESK }}",
        **{name: f"${{{{ secrets.{name} }}}}" for name in one.variables},
    }


def _gitlab(one: Proven) -> dict[str, Any]:
    # `image` itself is a keyword at that place.
    return {"check-image": {"stage": "test", "image": "python:3.13", "script": list(ci_commands(one))}}


# Words


def _variables_note(one: Proven, where: str) -> str:
    return f"Takes {', '.join(one.variables)} {where}." if one.variables else ""


def _kubernetes_note(one: Proven) -> str:
    said = []
    if registry_of(one.name) is None:
        said.append("Push it to a registry first: nodes fetch it from there.")
    if one.variables:
        said.append(f"Takes {', '.join(one.variables)} from the Secret {one.label}.")
    if not one.read_only:
        said.append("A read-only root was not tried: verify with it, and it stands here.")
    if one.service and one.http_status not in _PASSING:
        said.append("The probe asks for the open port alone: no HTTP answer from 200 to 399 was seen.")
    return " ".join(said)


def _ci_note(one: Proven, where: str) -> str:
    gate = f" The gate lets it grow by 5 %, from {format_bytes(one.files)}." if one.files else ""
    names = f" {', '.join(one.variables)} are taken from its secrets." if one.variables else ""
    return f"Set SLIMDESK to the address of a SlimDesk wheel, or to its name where your package index has it ({where}).{gate}{names}"


def _yaml(data: dict[str, Any]) -> str:
    import yaml

    class Plain(yaml.SafeDumper):
        """Lists stand indented below their key, and nothing is written as an alias."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
            return True

    text: str = yaml.dump(_clean(data), Dumper=Plain, sort_keys=False, width=_WIDE, allow_unicode=True)
    # YAML 1.1 takes the key `on` for true, and quotes it; GitHub's own files do not.
    return re.sub("^'on':", "on:", text, flags=re.MULTILINE)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        return {without_controls(key): _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
