"""The wrapper scripts of Maven and Gradle: whether they can be used in a build, and which release they bring."""

from __future__ import annotations

import re

from slimdesk.project.languages.java_component import Runnable
from slimdesk.project.walk import Tree, join

_URL = re.compile(r"(?m)^[ \t]*distributionUrl[ \t]*[=:][ \t]*(\S{1,300})")
_HOST = re.compile(r"https?(?:\\)?://([\w.-]{1,200})")
_RELEASE = re.compile(r"(?:apache-maven|gradle)-(\d+(?:\.\d+){1,3})")
_PUBLIC = frozenset(
    {
        "repo.maven.apache.org",
        "repo1.maven.org",
        "services.gradle.org",
        "downloads.gradle.org",
        "archive.apache.org",
        "dlcdn.apache.org",
        "downloads.apache.org",
        "github.com",
    }
)
_GRADLE_JAR = "gradle/wrapper/gradle-wrapper.jar"


def add_wrapper(tree: Tree, one: Runnable, script: str, properties: str) -> None:
    """Add wrapper, wrapper_release and wrapper_crlf, or the problem for which the wrapper is of no use."""
    facts = one.facts
    path, settings = join(one.context, script), join(one.context, properties)
    if not tree.has(path):
        return
    if not tree.has(settings):
        facts.problem(
            f"{path} cannot work without {settings}, which is not there: the build takes its tool from the image instead",
            path,
        )
        return
    text = tree.text(settings) or ""
    match = _URL.search(text)
    url = match.group(1).replace("\\", "") if match else ""
    release, host = _RELEASE.search(url), _HOST.match(url)
    line = text.count("\n", 0, match.start(1)) + 1 if match else None
    if script == "gradlew" and not tree.has(join(one.context, _GRADLE_JAR)):
        facts.problem(
            f"{path} cannot work without {_GRADLE_JAR}, which is not there: the build takes Gradle from the image instead",
            path,
        )
        if release:
            facts.add("wrapper_release", release.group(1), settings, line)
        return
    if match is None:
        facts.problem(
            f"{settings} does not say which release to fetch: the build takes its tool from the image instead",
            settings,
        )
        return
    facts.add("wrapper", script, path)
    facts.add("build_file", path, path)
    facts.add("build_file", settings, settings)
    if script == "gradlew":
        facts.add("build_file", join(one.context, _GRADLE_JAR), settings)
    elif tree.has(join(one.context, ".mvn/wrapper/maven-wrapper.jar")):
        facts.add("build_file", join(one.context, ".mvn/wrapper/maven-wrapper.jar"), settings)
    if release:
        facts.add("wrapper_release", release.group(1), settings, line)
    if host and host.group(1) not in _PUBLIC:
        facts.add("private_repository", host.group(1), settings, line)
    raw = tree.data(path, 65_536) or b""
    if b"\r\n" in raw:
        facts.add("wrapper_crlf", True, path, 1)
