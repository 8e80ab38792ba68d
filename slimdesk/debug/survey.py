"""What the helper's own first program, a shell, is told to do: look around beside the target, and tell what it found.

It is a POSIX shell script on that shell's standard input, so that any toolbox with `sh` will do, and the shell (with it the
helper) ends when that input does. What it tells is read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# $1 is the target's container ID, $2 the number to take where no process of it can be told from the others.
# The target's processes are known by their control group: its number is 1 only in a PID namespace of its own.
# Files among the target's are reached through /proc/<its process>/root; ours from there through /proc/<our process>/root,
# so nothing is written into the target, and a read-only root is no obstacle.
SCRIPT = r"""
app=; for d in /proc/[0-9]*; do p=${d#/proc/}
  while read -r line; do case $line in
    *"$1"*) if [ -z "$app" ] || [ "$p" -lt "$app" ]; then app=$p; fi; break;;
  esac; done 2>/dev/null <"$d/cgroup"
done
init=${app:-$2}; app=$init
read -r comm 2>/dev/null <"/proc/$app/comm"
case $comm in docker-init|tini|dumb-init|catatonit|podman-init)
  child=; for d in /proc/[0-9]*; do p=${d#/proc/}
    while read -r key value; do case $key in
      PPid:) if [ "$value" = "$init" ] && [ "$p" != "$$" ]; then
        if [ -z "$child" ] || [ "$p" -lt "$child" ]; then child=$p; fi; fi; break;;
    esac; done 2>/dev/null <"$d/status"
  done; app=${child:-$app};;
esac
echo "self $$"; echo "init $init"; echo "app $app"
path=; rest=$PATH:; while [ -n "$rest" ]; do one=${rest%%:*}; rest=${rest#*:}
  case $one in /*) path=$path${path:+:}/proc/$$/root$one;; esac
done
sh=; rest=$PATH:; while [ -z "$sh" ] && [ -n "$rest" ]; do one=${rest%%:*}; rest=${rest#*:}
  if [ -x "$one/sh" ]; then sh=$one/sh; fi
done
echo "path $path"; echo "shell $sh"
if [ -d "/proc/$app/root/." ]; then echo "root yes"; else echo "root no"; fi
if ! command -v chroot >/dev/null 2>&1; then echo "files no-chroot"
elif said=$(PATH=$PATH chroot "/proc/$app/root" "/proc/$$/root$sh" -c "PATH=$path; ls / >/dev/null" 2>&1 </dev/null); then echo "files yes"
else case $said in *ermitted*|*ermission*) echo "files forbidden";; *) echo "files dynamic";; esac; fi
echo ready
"""

_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the helper found.

    `own` is its own process, `init` the target's first, `app` the one that does the work, all as numbered where both can
    see them. `root`: it may look at the target's files. `files` is "yes" if its tools run among them, else why not:
    "dynamic" (they need libraries), "no-chroot", "forbidden". `path` is its PATH as seen from among the target's files.
    """

    own: int
    init: int
    app: int
    root: bool
    files: str
    path: str
    shell: str


def parse(text: str) -> Survey | None:
    """Read what the script told; None unless all of it is there."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        said.setdefault(key, value)
    numbers = [said.get(key, "") for key in ("self", "init", "app")]
    if "ready" not in said or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    own, init, app = (int(number) for number in numbers)
    return Survey(
        own=own,
        init=init,
        app=app,
        root=said.get("root") == "yes",
        files=said.get("files", "forbidden"),
        path=said.get("path", ""),
        shell=said.get("shell") or "/bin/sh",
    )
