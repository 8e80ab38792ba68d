"""Ports of this machine for servers that are started a moment later."""

import contextlib
import random
import socket


def free_port():
    """A port that nobody has now, and that no system gives to whoever asks for any (those begin at 32768 or above)."""
    for number in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", number))
            return number
    raise OSError("a hundred ports of this machine are taken")
