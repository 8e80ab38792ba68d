"""The addresses behind text, by number: for the core in plain Python."""

from __future__ import annotations

from slimdesk.terminal.screen import LINK_CHARACTERS

# Together no more than some megabytes; what is older than that many others leads nowhere.
_KEPT = 2000


class Links:
    """Numbers for addresses. A number is never given twice, so that no text comes to stand on another's address."""

    def __init__(self) -> None:
        self._addresses: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._last = 0

    def number(self, address: str) -> int:
        """Return the number of an address; 0 where there is none, or a longer one than is kept."""
        if not address or len(address) > LINK_CHARACTERS:
            return 0
        if address not in self._numbers:
            self._last += 1
            self._numbers[address] = self._last
            self._addresses[self._last] = address
            if len(self._addresses) > _KEPT:
                del self._numbers[self._addresses.pop(next(iter(self._addresses)))]
        return self._numbers[address]

    def address(self, number: int) -> str:
        """Return the address of a number, empty if there is none any more."""
        return self._addresses.get(number, "")
