"""Handles of libghostty-vt, and the few calls of its C interface that cffi cannot make as they are declared."""

from __future__ import annotations

from functools import cache
from typing import Any

from slimdesk.terminal.screen import Place


class GhosttyPin:
    """A tracked reference into the grid, see screen.Pin."""

    def __init__(self, core: Core, reference: Any) -> None:
        self._core = core
        self._reference = reference
        core.pins.add(self)

    def place(self) -> Place | None:
        """Return where it is now, None if the text is gone."""
        if self._reference is None:
            return None
        out = self._core.new("GhosttyPointCoordinate*")
        lib = self._core.lib
        if not lib.ghostty_tracked_grid_ref_has_value(self._reference[0]):
            return None
        failed = lib.ghostty_tracked_grid_ref_point(self._reference[0], lib.GHOSTTY_POINT_TAG_SCREEN, out)
        return None if failed else Place(int(out.y), int(out.x))

    def release(self) -> None:
        """Forget the mark."""
        if self._reference is not None:
            self._core.lib.ghostty_tracked_grid_ref_free(self._reference[0])
            self._reference = None
            self._core.pins.discard(self)


class Core:
    """The handles of one terminal, freed together, pins first."""

    def __init__(self, columns: int, rows: int) -> None:
        from pyghostty._ffi import ffi, lib

        self.ffi, self.lib = ffi, lib
        self.pins: set[GhosttyPin] = set()
        self.terminal = self.new("GhosttyTerminal*")
        self.state = self.new("GhosttyRenderState*")
        self.rows = self.new("GhosttyRenderStateRowIterator*")
        self.cells = self.new("GhosttyRenderStateRowCells*")
        for failed in (
            lib.ghostty_terminal_new(ffi.NULL, self.terminal, columns, rows),
            lib.ghostty_render_state_new(ffi.NULL, self.state),
            lib.ghostty_render_state_row_iterator_new(ffi.NULL, self.rows),
            lib.ghostty_render_state_row_cells_new(ffi.NULL, self.cells),
        ):
            if failed:
                raise MemoryError("the terminal core has no memory left")

    def new(self, kind: str, value: Any = None) -> Any:
        """Return new memory of a C type, freed with its last reference."""
        return self.ffi.new(kind) if value is None else self.ffi.new(kind, value)

    def sized(self, kind: str) -> Any:
        """Return a new struct that carries its size, as the C interface wants it."""
        from pyghostty.core import init_sized

        return init_sized(kind)

    def set(self, option: str, value: Any) -> None:
        """Set GHOSTTY_TERMINAL_OPT_`option`."""
        self.lib.ghostty_terminal_set(
            self.terminal[0], getattr(self.lib, f"GHOSTTY_TERMINAL_OPT_{option}"), value
        )

    def get(self, what: str, kind: str) -> Any:
        """Return GHOSTTY_TERMINAL_DATA_`what`, of the C type `kind`."""
        out = self.new(f"{kind}*")
        self.lib.ghostty_terminal_get(
            self.terminal[0], getattr(self.lib, f"GHOSTTY_TERMINAL_DATA_{what}"), out
        )
        return out[0]

    def free(self) -> None:
        """Free all handles."""
        for pin in list(self.pins):
            pin.release()
        self.lib.ghostty_render_state_row_cells_free(self.cells[0])
        self.lib.ghostty_render_state_row_iterator_free(self.rows[0])
        self.lib.ghostty_render_state_free(self.state[0])
        self.lib.ghostty_terminal_free(self.terminal[0])


@cache
def by_value(name: str, signature: str) -> Any:
    """Return a function that takes a union by value, which cffi cannot, as one that takes a struct of the same layout."""
    from pyghostty._ffi import ffi, lib

    return ffi.cast(signature, ffi.addressof(lib, name))


@cache
def declare_scroll() -> None:
    """Declare the struct that stands for the union of ghostty_terminal_scroll_viewport."""
    from pyghostty._ffi import ffi

    ffi.cdef(
        "typedef struct { GhosttyTerminalScrollViewportTag tag; size_t row; uint64_t _rest; } SlimDeskScroll;"
    )
