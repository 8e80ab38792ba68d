"""`python -m slimdesk` and the console script: a subcommand goes to the command line, all else to the window."""

from __future__ import annotations

import sys


def main() -> int:
    """Run and return the exit status."""
    if getattr(sys, "frozen", False):
        # A bundled program starts itself again as its worker processes.
        import multiprocessing

        multiprocessing.freeze_support()
    words = sys.argv[1:]
    from slimdesk.cli import COMMANDS

    if words and (words[0] in COMMANDS or words[0] in ("-h", "--help", "--version")):
        return _run_command(words)
    from slimdesk.app import main as open_window

    return open_window(words)


def _run_command(words: list[str]) -> int:
    import gc

    # What is imported stays: looking for cycles in it, meanwhile and at the end, takes a tenth of a short call's time.
    gc.disable()
    from slimdesk.cli import COMMANDS, command_module, main

    if words[0] in COMMANDS:
        command_module(words[0])
    gc.freeze()
    gc.enable()
    return main(words)


if __name__ == "__main__":
    sys.exit(main())
