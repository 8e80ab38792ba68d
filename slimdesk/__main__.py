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
        from slimdesk.cli import main as run_command

        return run_command(words)
    from slimdesk.app import main as open_window

    return open_window(words)


if __name__ == "__main__":
    sys.exit(main())
