"""Programs of the classic Berkeley packet filter, as seccomp(2) takes them, carried out (Documentation/networking)."""

import struct
from collections.abc import Callable

Binary = Callable[[int, int], int]

#: The classes of instructions, the lowest bits of their codes.
LOAD, LOAD_INDEX, STORE, STORE_INDEX, CALCULATE, JUMP, RETURN, MOVE = range(8)
#: What is loaded: a word of the packet, or one that was stored; else it is the instruction's own.
PACKET, MEMORY = 0x20, 0x60
CALCULATIONS: dict[int, Binary] = {
    0x00: int.__add__,
    0x10: int.__sub__,
    0x20: int.__mul__,
    0x30: int.__floordiv__,
    0x40: int.__or__,
    0x50: int.__and__,
    0x60: int.__lshift__,
    0x70: int.__rshift__,
    0xA0: int.__xor__,
}
CONDITIONS: dict[int, Binary] = {0x10: int.__eq__, 0x20: int.__gt__, 0x30: int.__ge__, 0x40: int.__and__}


def carry_out(program: bytes, packet: bytes) -> int:
    """What the program answers about the packet. KeyError or IndexError where it is none."""
    instructions = list(struct.iter_unpack("=HBBI", program))
    words = [word for (word,) in struct.iter_unpack("=I", packet)]
    memory = [0] * 16
    accumulator = index = at = 0
    while True:
        code, yes, no, constant = instructions[at]
        at += 1
        operand = index if code & 0x08 else constant
        kind = code & 0x07
        if kind in (LOAD, LOAD_INDEX):
            source = code & 0xE0
            loaded = words[constant // 4] if source == PACKET else memory[constant] if source == MEMORY else constant
            accumulator, index = (loaded, index) if kind == LOAD else (accumulator, loaded)
        elif kind in (STORE, STORE_INDEX):
            memory[constant] = accumulator if kind == STORE else index
        elif kind == CALCULATE:
            accumulator = CALCULATIONS[code & 0xF0](accumulator, operand) & 0xFFFFFFFF
        elif kind == JUMP:
            at += constant if code & 0xF0 == 0 else yes if CONDITIONS[code & 0xF0](accumulator, operand) else no
        elif kind == RETURN:
            return accumulator if code & 0x18 == 0x10 else constant
        else:
            accumulator, index = (index, index) if code & 0xF8 else (accumulator, accumulator)
