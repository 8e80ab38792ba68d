"""The slow, obvious way to stack layers and to compute dive's figures: what the fast code must agree with.

A layer here is a list of (path, kind, what): kind one of folder, file, link (hard), symlink, whiteout, opaque; `what` is
the size of a file or the path that a hard link names. Paths have no slash at either end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Entry = tuple[str, str, object]


@dataclass(eq=False)
class Body:
    size: int
    layer: int


@dataclass(eq=False)
class Copy:
    path: str
    kind: str
    layer: int
    body: Body | None
    hidden_by: int | None = None


@dataclass
class Stacked:
    live: int
    files: int
    shadowed: list[int]
    copies: list[Copy]

    def visible(self) -> set[tuple[str, str, int]]:
        return {(copy.path, copy.kind, copy.layer) for copy in self.copies if copy.hidden_by is None}


def below(path: str, folder: str) -> bool:
    return folder == "" or path.startswith(folder + "/")


def stacked(layers: list[list[Entry]]) -> Stacked:
    """Do what an engine does: layer by layer, marks first, then the entries in the order of the tar."""
    tree: dict[str, Copy] = {}
    ever: dict[str, Body | None] = {}
    copies: list[Copy] = []
    bodies: list[Body] = []

    def remove(path: str, layer: int, *, itself: bool) -> None:
        for name in [name for name in tree if (itself and name == path) or below(name, path)]:
            if name != "":
                tree.pop(name).hidden_by = layer

    for number, layer in enumerate(layers):
        for path, kind, _ in layer:
            if kind == "opaque":
                remove(path, number, itself=False)
            elif kind == "whiteout":
                remove(path, number, itself=True)
        for path, kind, what in layer:
            if kind in ("opaque", "whiteout"):
                continue
            parts = path.split("/")
            for depth in range(1, len(parts)):
                parent = "/".join(parts[:depth])
                if parent not in tree or tree[parent].kind != "folder":
                    if parent in tree:
                        tree.pop(parent).hidden_by = number
                    tree[parent] = Copy(parent, "folder", -1, None)
            if kind == "folder":
                if path in tree and tree[path].kind != "folder":
                    tree.pop(path).hidden_by = number
                tree[path] = Copy(path, kind, number, None)
                continue
            remove(path, number, itself=True)
            body = None
            if kind == "file":
                body = Body(int(str(what)), number)
                bodies.append(body)
            elif kind == "link":
                body = ever.get(str(what))
            ever[path] = body
            copy = Copy(path, kind, number, body)
            copies.append(copy)
            tree[path] = copy
    visible = {id(copy.body) for copy in copies if copy.hidden_by is None and copy.body is not None}
    shadowed = [0] * len(layers)
    for body in bodies:
        if id(body) not in visible:
            shadowed[body.layer] += body.size
    files = sum(body.size for body in bodies)
    return Stacked(files - sum(shadowed), files, shadowed, copies)


@dataclass(eq=False)
class Node:
    name: str
    parent: Node | None = None
    size: int = 0
    folder: bool = False
    children: dict[str, Node] = field(default_factory=dict)

    def path(self) -> str:
        parts = [self.name.removeprefix(".wh.")]
        node = self.parent
        while node is not None and node.parent is not None:
            parts.append(node.name)
            node = node.parent
        return "/".join(reversed(parts))

    def find(self, path: str) -> Node | None:
        node: Node | None = self
        for part in path.split("/"):
            if node is None:
                return None
            node = node.children.get(part)
        return node

    def add(self, path: str, size: int, folder: bool) -> None:
        node = self
        parts = path.split("/")
        for part in parts:
            if part not in node.children:
                if part.startswith(".wh..wh."):
                    return
                node.children[part] = Node(part, node)
            node = node.children[part]
        node.size, node.folder = size, folder

    def walk(self) -> list[Node]:
        """Children first, by name, the root left out."""
        found = []
        for name in sorted(self.children, key=str.encode):
            found += self.children[name].walk()
        return [*found, self] if self.parent is not None else found


def dive(layers: list[list[Entry]]) -> tuple[float, int, float | None]:
    """dive's own steps (efficiency.go), tree by tree."""
    trees = []
    for layer in layers:
        tree = Node("")
        for path, kind, what in layer:
            folder, _, name = path.rpartition("/")
            prefix = folder + "/" if folder else ""
            if kind == "whiteout":
                tree.add(f"{prefix}.wh.{name}", 0, False)
            elif kind == "opaque":
                tree.add(f"{path}/.wh..wh..opq", 0, False)
            else:
                tree.add(path, int(str(what)) if kind == "file" else 0, kind == "folder")
        trees.append(tree)
    seen: dict[str, list[int]] = {}
    for number, tree in enumerate(trees):
        for node in tree.walk():
            if node.children:
                continue
            if node.name.startswith(".wh."):
                lower = Node("")
                stack(lower, trees[0], copying=True)
                for index in range(number):
                    stack(lower, trees[index])
                previous = lower.find(node.path())
                if previous is None:
                    # It has noted the path by then, with a smallest size of -1.
                    seen.setdefault(node.path(), [])
                    break
                size = sum(one.size for one in [*previous.walk()]) if previous.folder else 0
            else:
                size = node.size
            seen.setdefault(node.path(), []).append(size)
    everything = sum(sum(sizes) for sizes in seen.values())
    smallest = sum(min(sizes, default=-1) for sizes in seen.values())
    wasted = sum(sum(sizes) for sizes in seen.values() if len(sizes) > 1)
    user = sum(int(str(what)) for layer in layers[1:] for _, kind, what in layer if kind == "file")
    return (smallest / everything if everything else 1.0, wasted, wasted / user if user else None)


def stack(lower: Node, upper: Node, copying: bool = False) -> None:
    for node in upper.walk():
        if node.name.startswith(".wh."):
            if copying:
                continue
            gone = lower.find(node.path())
            if gone is not None and gone.parent is not None:
                del gone.parent.children[gone.name]
        else:
            lower.add(node.path(), node.size, node.folder)
