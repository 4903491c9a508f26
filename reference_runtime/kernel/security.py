"""Security modules: which of them this kernel runs."""

from __future__ import annotations

from . import files


def has_selinux() -> bool:
    """Its file system is there only where SELinux runs; and without a policy everything is labelled `kernel`."""
    if "selinuxfs" not in files.read("/proc/filesystems").split():
        return False
    return files.read("/proc/self/attr/current").rstrip("\0\n") != "kernel"
