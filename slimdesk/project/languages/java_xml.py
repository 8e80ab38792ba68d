"""XML manifests as elements that know their line: no entities, no document types, bounded in size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slimdesk.basics.escaping import without_controls
from slimdesk.project.walk import Tree

MAX_BYTES = 2 * 1_048_576
MAX_DEPTH = 60
MAX_ELEMENTS = 50_000


@dataclass(slots=True)
class Element:
    """One element: its name without namespace, the text directly inside, its line from 1, what stands in it, its attributes."""

    name: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def child(self, *path: str) -> Element | None:
        """Return the first element at the end of a path of names."""
        found: Element | None = self
        for name in path:
            found = next((one for one in found.children if one.name == name), None) if found else None
        return found

    def all(self, *path: str) -> Iterator[Element]:
        """Every element with the last name of the path, in the first element at the rest of it."""
        holder = self.child(*path[:-1])
        if holder is not None:
            yield from (one for one in holder.children if one.name == path[-1])

    def value(self, *path: str) -> str | None:
        """Return the text at the end of a path as one harmless line; None without it, or if it is empty or endless."""
        found = self.child(*path)
        if found is None:
            return None
        text = without_controls(found.text.strip())
        return text if 0 < len(text) <= 500 else None


def read_xml(tree: Tree, path: str) -> Element | None:
    """Return the root element; None without the file, or after a problem was noted in `tree`."""
    key = (path, "xml")
    if key not in tree.parsed:
        tree.parsed[key] = _read(tree, path)
    root: Element | None = tree.parsed[key]
    return root


class _TooMuch(Exception):
    """Why reading ended early."""


def _read(tree: Tree, path: str) -> Element | None:
    data = tree.data(path, MAX_BYTES + 1)
    if data is None:
        return None
    reason, line = "it is larger than 2 MiB", None
    if len(data) <= MAX_BYTES:
        try:
            return _parsed(data)
        except _TooMuch as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - the parser's errors have no common class
            reason, line = _told(error)
    tree.problem(f"{path} could not be read as XML: {reason}", path, line)
    return None


def _parsed(data: bytes) -> Element:
    import io
    from xml.sax.handler import ContentHandler

    from defusedxml.sax import make_parser

    class Handler(ContentHandler):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[Element] = []
            self.root: Element | None = None
            self.count = 0
            self.place: Any = None

        def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the interface's name
            self.place = locator

        def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the interface's name
            self.count += 1
            if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
                raise _TooMuch("it has too many elements, or they are nested too deeply")
            element = Element(name.rpartition(":")[2], self.place.getLineNumber())
            element.attributes = {
                str(key): without_controls(str(value))[:500] for key, value in attrs.items()
            }
            if self.open:
                self.open[-1].children.append(element)
            elif self.root is None:
                self.root = element
            self.open.append(element)

        def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - the interface's names
            self.open.pop()

        def characters(self, content: str) -> None:
            if self.open and len(self.open[-1].text) < 10_000:
                self.open[-1].text += content

    handler = Handler()
    parser = make_parser()
    # A document type is what entities are declared in: no manifest needs one.
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    parser.parse(io.BytesIO(data.lstrip()))
    if handler.root is None:
        raise _TooMuch("it holds no element")
    return handler.root


def _told(error: Exception) -> tuple[str, int | None]:
    line = getattr(error, "getLineNumber", lambda: None)()
    if type(error).__module__.startswith("defusedxml"):
        return "it declares a document type or entities, which no manifest needs", None
    message = getattr(error, "getMessage", lambda: str(error))()
    return without_controls(str(message))[:200] or "it is damaged", line if isinstance(line, int) else None
