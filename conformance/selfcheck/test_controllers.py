"""What of `linux.resources` is taken to need a controller of the host."""

from typing import Any

import pytest

from conformance.harness import controllers

ASKED = [
    ("memory.swappiness", {"memory": {"swappiness": 0}}),
    ("memory.limit", {"memory": {"limit": 0}}),
    ("memory.limit", {"memory": {"limit": -1}}),
    ("memory.kernel", {"memory": {"kernel": 0}}),
    ("memory.disableOOMKiller", {"memory": {"disableOOMKiller": True}}),
    ("cpu.idle", {"cpu": {"idle": 0}}),
    ("cpu.cpus", {"cpu": {"cpus": "0"}}),
    ("rdma", {"rdma": {"mlx5_1": {}}}),
]
NOT_ASKED = [
    ("memory.limit", {}),
    ("memory.limit", {"memory": {"swap": 4096}}),
    ("memory.limit", {"memory": {"limit": None}}),
    ("memory.kernel", {"memory": {"kernel": -1}}),
    ("memory.disableOOMKiller", {"memory": {"disableOOMKiller": False}}),
    ("cpu.cpus", {"cpu": {"cpus": ""}}),
    ("blockIO.weightDevice", {"blockIO": {"weightDevice": []}}),
    ("rdma", {"rdma": {}}),
]


@pytest.mark.parametrize(("member", "resources"), ASKED)
def test_a_value_asks_for_its_controller_though_it_be_nought(member: str, resources: dict[str, Any]):
    assert controllers.is_asked_for(resources, member)


@pytest.mark.parametrize(("member", "resources"), NOT_ASKED)
def test_what_is_missing_false_or_empty_asks_for_nothing(member: str, resources: dict[str, Any]):
    assert not controllers.is_asked_for(resources, member)
