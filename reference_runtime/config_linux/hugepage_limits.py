"""config-linux.md#configLinuxHugePageLimits"""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config_types import Config, HugepageLimit

WHERE = "linux.resources.hugepageLimits"
CONTROLLERS = ("hugetlb",)
#: How the kernel writes sizes, all of them powers of two, and none in a smaller unit than it could.
SIZES = frozenset(f"{1 << power}{unit}" for power in range(10) for unit in ("KB", "MB", "GB"))


def check(config: Config) -> None:
    for index, entry in enumerate(configured(config)):
        refuse_malformed(f"linux.resources.hugepageLimits[{index}].pageSize", entry["pageSize"])


def refuse_malformed(path: str, size: str) -> None:
    """It becomes part of a file's name; whether there is such a file is the kernel's to say."""
    if size not in SIZES:
        raise errors.InvalidConfig(path, f"{size!r} is no size such as 2MB")


def configured(config: Config) -> list[HugepageLimit]:
    return config.get("linux", {}).get("resources", {}).get("hugepageLimits", [])


def v1(config: Config) -> dict[str, str]:
    return settings(config, "limit_in_bytes")


def v2(config: Config) -> dict[str, str]:
    return settings(config, "max")


def settings(config: Config, file: str) -> dict[str, str]:
    """Reservations, which Linux counts since 5.7; and what is used, which until 1.0.2 was all that was meant."""
    found: dict[str, str] = {}
    for entry in configured(config):
        reserved, used = (f"hugetlb.{entry['pageSize']}.{name}" for name in (f"rsvd.{file}", file))
        found |= {f"{reserved}|{used}": str(entry["limit"]), used: str(entry["limit"])}
    return found
