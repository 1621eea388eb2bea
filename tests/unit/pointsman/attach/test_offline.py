"""How a device that is kept with no service is judged, and what its agent's folder says of it later."""

import asyncio
from dataclasses import dataclass, field

import pytest

from pointsman.attach import kept
from pointsman.attach.joining import Joining
from pointsman.attach.offline import _converge
from pointsman.problems import PointsmanError

pytestmark = pytest.mark.unit

DOCUMENT = b"roles: {}"


@dataclass
class Slow:
    """A service and an agent whose report of a pass comes after the pass was answered."""

    told: bool = False
    settings: object = field(default_factory=lambda: type("Named", (), {"name": "laptop"}))

    async def all_told(self):
        await asyncio.sleep(0)
        self.told = True

    async def list(self, kind):
        return {"agents": [{"name": "laptop", "connected": True}], "nodes": [{"name": "con1"}]}[kind]

    async def apply(self, document):
        return {"nodes": {"con1": 2}}

    async def converge(self, node, *, timeout_s):
        return {"outcome": "changed", "generation": 2}

    async def get(self, kind, name):
        return {"status": {"conditions": [], "generation": 2, "converged_generation": 2 if self.told else 1}}

    async def wait_for(self, kind, name, *, timeout_s):
        return await self.get(kind, name)


async def test_a_pass_is_judged_by_its_own_report_however_late_that_comes():
    slow = Slow()
    assert await _converge(slow, slow, "con1", DOCUMENT, wait_s=5) == 0


def test_a_folder_that_kept_nothing_or_is_of_another_node_says_so(tmp_path):
    joining = Joining(node="con1", location="closet", service="http://127.0.0.1:1")
    with pytest.raises(PointsmanError, match="name the port"):
        kept.joined(joining, tmp_path)
