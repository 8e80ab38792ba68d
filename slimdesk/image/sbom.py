"""An image's packages as a bill of materials in CycloneDX 1.6 (ECMA-424), as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.image.model import Image, Package

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

_NAMES = "io.slimdesk:"
_DIGEST = "sha256:"


def cyclonedx(image: Image) -> str:
    """Return the document. Raises BadInput for an image whose packages were not read.

    The serial number is made from the image's ID and packages, and no time is stated: the same image gives the same bytes.
    """
    if image.packages is None:
        raise BadInput("The packages were not read", "--fast reads headers alone", "Leave out --fast")
    from uuid import NAMESPACE_URL, uuid5

    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.dependency import Dependency
    from cyclonedx.output.json import JsonV1Dot6

    name = visible(image.name or image.location.replace("\\", "/").rpartition("/")[2] or "image", 300)
    root = Component(
        name=name,
        type=ComponentType.CONTAINER,
        version=image.image_id or None,
        bom_ref="image",
        properties=_properties(
            {
                "platform": image.platform,
                "source": image.source,
                "size:live": image.sizes.live,
                "size:files": image.sizes.files,
                "size:unpacked": image.sizes.unpacked,
                "size:download": image.sizes.download,
            }
        ),
    )
    licence = _licences()
    components = [_component(number, package, licence) for number, package in enumerate(image.packages)]
    tool = Component(name="SlimDesk", type=ComponentType.APPLICATION, bom_ref="tool")
    identity = "\n".join([name, image.image_id or "", *(package.purl for package in image.packages)])
    metadata = BomMetaData(component=root)
    metadata.tools.components.add(tool)
    bom = Bom(
        components=components,
        metadata=metadata,
        serial_number=uuid5(NAMESPACE_URL, identity),
        dependencies=[
            Dependency(root.bom_ref, [Dependency(one.bom_ref) for one in components]),
            *(Dependency(one.bom_ref) for one in components),
        ],
    )
    return _without_time(JsonV1Dot6(bom).output_as_string())


def _without_time(text: str) -> str:
    import json

    document: dict[str, Any] = json.loads(text)
    document.get("metadata", {}).pop("timestamp", None)
    return json.dumps(document, indent=2) + "\n"


def _component(number: int, package: Package, licence: Callable[[str], Any]) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    purl = PackageURL.from_string(package.purl)
    stated = licence(package.licence) if package.licence else None
    return Component(
        name=package.name,
        type=ComponentType.LIBRARY,
        version=package.version,
        group=purl.namespace if package.type == "maven" else None,
        purl=purl,
        bom_ref=f"package-{number}",
        licenses=[stated] if stated is not None else (),
        properties=_properties(
            {"type": package.type, "path": package.path, "size": package.size, "files": package.files}
        ),
    )


def _properties(values: dict[str, object]) -> list[Any]:
    from cyclonedx.model import Property

    return [
        Property(name=_NAMES + key, value=str(value)) for key, value in values.items() if value is not None
    ]


def _licences() -> Callable[[str], Any]:
    """Return what makes an SPDX ID, an SPDX expression, or a mere name of what a package states."""
    from cyclonedx.contrib.license.factories import LicenseFactory

    factory = LicenseFactory()
    known: dict[str, Any] = {}

    def licence(stated: str) -> Any:
        if stated not in known:
            known[stated] = factory.make_from_string(stated)
        return known[stated]

    return licence
