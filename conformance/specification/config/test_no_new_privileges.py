"""config.md#configLinuxProcess: noNewPrivileges"""

import shutil
from typing import Any

from bundles.rootfs import INTERPRETER
from conformance import requirement


@requirement("nnp.true")
def test_the_no_new_privs_bit_is_set(config, container):
    config["process"]["noNewPrivileges"] = True

    assert container.run().facts.status["NoNewPrivs"] == "1"


@requirement("nnp.true")
def test_a_setuid_program_gains_nothing(config, container, another, rootfs):
    """And without noNewPrivileges it would: the file, and all mounts on the way, allow it."""
    shutil.copy(rootfs / INTERPRETER.lstrip("/"), rootfs / "ladder")
    (rootfs / "ladder").chmod(0o4755)
    config["process"]["user"] = {"uid": 1000, "gid": 1000}
    climb = "run /ladder -I -S -E -c import%20os;raise%20SystemExit(os.geteuid()==0)"

    config["process"]["noNewPrivileges"] = False
    without: Any = another().run(climb).answers
    config["process"]["noNewPrivileges"] = True
    within = container.run(climb).answers

    assert (within, without) == ({climb: 0}, {climb: 1})
