"""Recorded answers of scanners, and programs that stand for scanners."""

from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "scans"


def answer(name):
    return (DATA / name).read_bytes()


def stand_in(folder, name, script):
    """Write a program of that name that is a shell script; `folder` becomes the PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


WRITES = """
answer=
while [ $# -gt 0 ]; do
  case "$1" in --output|--file) answer="$2" ;; --input) image="$2" ;; esac
  shift
done
"""
