"""Java and Kotlin on the JVM: Maven, Gradle, and programs that javac alone compiles; a component per runnable module."""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.project.languages import java_gradle_app, java_lone, java_maven_app
from slimdesk.project.languages.java_component import PROFILE, Runnable, component_of
from slimdesk.project.model import Component
from slimdesk.project.walk import Tree, join

_MARKS = ("pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "*.java")


class Java:
    """The language profile `java`."""

    profile = PROFILE

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every module that can be started; where Maven and Gradle both build a folder, one of them is taken."""
        if next(tree.named(*_MARKS), None) is None:
            return []
        maven = list(java_maven_app.runnables(tree))
        gradle = list(java_gradle_app.runnables(tree))
        chosen = [
            *_without(tree, maven, gradle, "mvnw", "gradlew"),
            *_without(tree, gradle, maven, "gradlew", "mvnw", second=True),
        ]
        return [component_of(tree, one) for one in (*chosen, *java_lone.runnables(tree))]


LANGUAGE = Java()


def _without(
    tree: Tree,
    mine: list[Runnable],
    others: list[Runnable],
    wrapper: str,
    other_wrapper: str,
    *,
    second: bool = False,
) -> list[Runnable]:
    """Return the modules of one build tool, without those that the other tool is rather meant to build."""
    kept = []
    for one in mine:
        rival = next((other for other in others if other.folder == one.folder), None)
        if rival is None:
            kept.append(one)
            continue
        here, there = tree.has(join(one.context, wrapper)), tree.has(join(rival.context, other_wrapper))
        if (here and not there) or (here == there and not second):
            one.facts.problem(
                f"Maven and Gradle both build this folder: {one.manager} was taken",
                join(one.folder, "pom.xml"),
            )
            kept.append(one)
    return kept
