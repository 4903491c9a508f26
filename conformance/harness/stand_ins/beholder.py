"""python -I -S -E beholder.py SOCKET COMMAND…: a command that is shown other files than there are.

A seccomp filter stops each openat(2) of it and of all that comes of it; whoever listens at SOCKET is sent the
listener, and answers (seccomp_unotify(2)): see `shown.py`. This one is a program: it imports nothing of the suite.
"""

import ctypes
import os
import socket
import struct
import sys

#: seccomp(2), openat(2), and the architecture's number to a filter.
NUMBERS = {"x86_64": (317, 257, 0xC000003E), "aarch64": (277, 56, 0xC00000B7)}
SET_MODE_FILTER, NEW_LISTENER = 1, 8
ALLOW, USER_NOTIF = 0x7FFF0000, 0x7FC00000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06


def main(path: str, command: "list[str]") -> None:
    seccomp, openat, architecture = NUMBERS[os.uname().machine]
    program = b"".join(
        struct.pack("=HBBI", *words)
        for words in (
            (LOAD, 0, 0, 4),
            (EQUAL, 0, 2, architecture),
            (LOAD, 0, 0, 0),
            (EQUAL, 1, 0, openat),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, USER_NOTIF),
        )
    )
    memory = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog
    filter = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(memory)))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    listener = ctypes.CDLL(None, use_errno=True).syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER, filter)
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    socket.send_fds(connection, [b"x"], [listener])
    os.close(listener)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
