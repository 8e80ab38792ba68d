"""What an image was built from: the component and the Dockerfile of a project, by SlimDesk's labels, else as the project has it."""

from __future__ import annotations

from dataclasses import replace

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.catalog.model import FAMILIES
from slimdesk.engine.model import LABEL_PREFIX
from slimdesk.image.model import Image
from slimdesk.operations.build import LABEL_PROJECT, project_mark
from slimdesk.operations.variant_text import VariantText, generated_text, own_text
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options


def text_of_image(
    project: Project, image: Image, component: Component | None = None, options: Options | None = None
) -> tuple[Component, VariantText]:
    """Return the component and the Dockerfile that an image was built from, by SlimDesk's labels; else the project's own.

    Raises BadInput where neither tells, UnavailableFamily, CatalogError, DockerfileError.
    """
    labels = image.config.labels
    mark = labels.get(LABEL_PROJECT)
    if mark is not None and mark != project_mark(project.root):
        raise another_project(image)
    found = component or project.component(labels.get(f"{LABEL_PREFIX}component", ""))
    if found is None:
        if len(project.components) != 1:
            raise BadInput(
                "Which component the image was built from is not known",
                "it carries no label of SlimDesk, and the project has several"
                if project.components
                else "the project has none",
                "Name it with --component",
            )
        found = project.components[0]
    title = labels.get(f"{LABEL_PREFIX}family", "")
    family = next((one for one in FAMILIES if title in (one, f"{one}-debug")), None)
    chosen = replace(options or Options(), debug=title.endswith("-debug"))
    if title == "baseline" or family is not None:
        return found, generated_text(project, found, family, chosen)
    own = own_text(project, found)
    if own is not None:
        return found, own
    raise BadInput(
        f"What {visible(image.name or image.location, 120)} was built from is not known",
        "it carries no label of SlimDesk, and the project has no Dockerfile of its own",
        "Build a variant, and leave it out of that",
    )


def another_project(image: Image) -> BadInput:
    """Return the error for an image whose labels name another project than the one at hand."""
    return BadInput(
        f"{visible(image.name or image.location, 120)} was built from another project",
        "SlimDesk's label in it says so",
        "Open the project that it was built from",
    )
