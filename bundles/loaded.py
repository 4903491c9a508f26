"""Run by rootfs.py: the files that an interpreter has loaded when it can do all that the probe does, one a line."""

import os
import sys

#: What the probe's verbs import when they are used.
MODULES = ("_json", "ctypes", "errno", "json", "mmap", "resource", "select", "signal", "socket", "time")


def main() -> None:
    for name in MODULES:
        __import__(name)
    found = {sys.executable, os.__file__}
    for module in tuple(sys.modules.values()):
        found |= {getattr(module, "__file__", None), getattr(module, "__cached__", None)}
    with open("/proc/self/maps") as maps:
        found |= {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if "/" in line}
    print(*sorted(path for path in found if path and path.startswith("/") and os.path.isfile(path)), sep="\n")


if __name__ == "__main__":
    main()
