"""config.md#configPOSIXProcess"""

from __future__ import annotations

import resource

from .. import errors
from ..kernel import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, RLimit

#: getrlimit(2), as Linux numbers them.
NUMBERS = {
    "RLIMIT_CPU": 0,
    "RLIMIT_FSIZE": 1,
    "RLIMIT_DATA": 2,
    "RLIMIT_STACK": 3,
    "RLIMIT_CORE": 4,
    "RLIMIT_RSS": 5,
    "RLIMIT_NPROC": 6,
    "RLIMIT_NOFILE": 7,
    "RLIMIT_MEMLOCK": 8,
    "RLIMIT_AS": 9,
    "RLIMIT_LOCKS": 10,
    "RLIMIT_SIGPENDING": 11,
    "RLIMIT_MSGQUEUE": 12,
    "RLIMIT_NICE": 13,
    "RLIMIT_RTPRIO": 14,
    "RLIMIT_RTTIME": 15,
}
CAP_SYS_RESOURCE = 24


def check(config: Config) -> None:
    limits = config.get("process", {}).get("rlimits", [])
    refuse_unknown(limits)
    refuse_duplicates(limits)
    for limit in limits:
        refuse_soft_above_hard(limit)
        refuse_out_of_reach(limit)


def refuse_unknown(limits: list[RLimit]) -> None:
    """A type that the kernel has no limit for is an error."""
    for limit in limits:
        if limit["type"] not in NUMBERS:
            raise errors.InvalidConfig("process.rlimits", f"{limit['type']!r} is no resource of getrlimit(2)")


def refuse_duplicates(limits: list[RLimit]) -> None:
    types = [limit["type"] for limit in limits]
    for name in types:
        if types.count(name) > 1:
            raise errors.InvalidConfig("process.rlimits", f"{name} is given more than once")


def refuse_soft_above_hard(limit: RLimit) -> None:
    if limit["soft"] > limit["hard"]:
        raise errors.InvalidConfig("process.rlimits", f"{limit['type']}: soft is above hard")


def refuse_out_of_reach(limit: RLimit) -> None:
    """Found out now, because it can only be set at the very end: a limit may be too tight for the runtime itself."""
    _, ceiling = resource.getrlimit(NUMBERS[limit["type"]])
    privileged = credentials.permitted() >> CAP_SYS_RESOURCE & 1
    if not privileged and ceiling != resource.RLIM_INFINITY and limit["hard"] > ceiling:
        raise errors.Unsupported("process.rlimits", f"{limit['type']}: hard is above {ceiling}, the runtime's own")


def set_limits(limits: list[RLimit]) -> None:
    for limit in limits:
        set_limit(limit)


def set_limit(limit: RLimit) -> None:
    resource.setrlimit(NUMBERS[limit["type"]], (signed(limit["soft"]), signed(limit["hard"])))


def signed(value: int) -> int:
    """Python passes limits as signed numbers; infinity, all bits set, is -1."""
    return value - 2**64 if value >= 2**63 else value
