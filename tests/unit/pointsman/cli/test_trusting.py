"""What agents refuse, who wrote what, the service's keys, and events that go on after a broken stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pointsman.cli import events
from pointsman.problems import ServiceAway, ServiceRefused
from pointsman.sse import ServerEvent
from proxy_service.serve import Service

pytestmark = pytest.mark.unit

REFUSED = {
    "node": "sw1",
    "message": "the service offers generation 9, and generation 12 was accepted before",
    "holds": "e1:12:abc",
    "epoch": "e1",
    "generation": 12,
    "offered": 9,
}


@pytest.fixture
async def refusing(service: Service, call: Any) -> None:
    """An agent that does not believe what the service says of sw1."""
    transport = httpx.AsyncHTTPTransport(uds=str(service.socket_path), verify=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/v1/") as http:

        async def post(path: str, token: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
            answer = await http.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

        admin = service.admin_token
        await post("locations/row", admin, {}, "PUT")
        join = await post("tokens", admin, {"name": "join", "scopes": ["join"], "location": "row"})
        who = {"schema": 1, "name": "a1", "location": "row", "version": "1"}
        agent = await post("agents/enrol", join["token"], who)
        await post("agents/a1/standing", agent["token"], {"schema": 1, "refused": [REFUSED]})


async def test_what_an_agent_refuses_is_shown_and_overruled(call: Any, refusing: None) -> None:
    listed = await call("get", "agents")
    assert "1 nodes (ServiceBehind)" in listed.out
    looked = await call("doctor")
    assert looked.code == 1
    assert "keeps 1 nodes (sw1)" in looked.out
    asked = await call("overrule", "sw1")
    assert asked.code == 1
    assert "generation 12 was accepted" in asked.out
    assert "--yes" in asked.err
    done = await call("overrule", "sw1", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "overruled: sw1")
    written = json.loads((await call("audit", "--json", "--limit", "1")).out)
    assert [item["path"] for item in written] == ["/v1/overrule"]


async def test_nodes_that_nobody_refuses_are_not_overruled(call: Any) -> None:
    refused = await call("overrule", "sw9", "--yes")
    assert refused.code == 1
    assert "no agent refuses what is declared for sw9" in refused.err
    assert (await call("overrule", "--all", "--yes")).code == 0
    assert (await call("overrule")).code == 2
    assert (await call("overrule", "sw1", "--all")).code == 2


async def test_the_audit_is_a_list_of_writes(call: Any, refusing: None) -> None:
    shown = await call("audit", "--since", "1h", "--owner", "admin")
    assert shown.code == 0
    assert "PUT /v1/locations/row" in shown.out
    assert (await call("audit", "--owner", "nobody")).err.strip() == "nothing was written"
    assert (await call("audit", "--since", "soon")).code == 2


async def test_a_key_is_followed_by_another(call: Any) -> None:
    before = json.loads((await call("key", "list", "--json")).out)["items"]
    assert (await call("key", "rotate")).code == 0
    after = json.loads((await call("key", "list", "--json")).out)["items"]
    assert after[:-1] == before
    assert after[-1]["id"] in (await call("key", "list")).out


class Broken:
    """A service whose stream breaks after every event, and that is away for a while."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def events(self, *, since: int) -> AsyncIterator[ServerEvent]:
        self.asked.append(since)
        if len(self.asked) == 2:
            raise ServiceAway("nobody is there")
        if since >= 3:
            raise ServiceRefused("the token was revoked", slug="unauthenticated", status=401)
        yield ServerEvent(str(since + 1), "x", {"id": since + 1})
        raise ServiceAway("the stream ended")


async def test_events_are_followed_on_after_the_last_that_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(events, "_FIRST_S", 0.0)
    service: Any = Broken()
    with pytest.raises(ServiceRefused):
        await asyncio.wait_for(events._follow(service, lambda item: told.append(item["id"]), since=0), 5)
    assert told == [1, 2, 3]
    assert service.asked == [0, 1, 1, 2, 3]


async def test_a_service_is_saved_while_it_runs_and_restored_elsewhere(
    call: Any, service: Service, tmp_path: Path
) -> None:
    file, here, there = tmp_path / "today", service.settings.data_dir, tmp_path / "there"
    saved = await call("backup", str(file), "--data-dir", str(here))
    assert (saved.code, saved.err) == (0, "")
    assert "rows" in saved.out
    assert "there already" in (await call("backup", str(file), "--data-dir", str(here))).err
    assert "no database" in (await call("backup", str(tmp_path / "x"), "--data-dir", str(there))).err
    used = await call("restore", str(file), "--data-dir", str(here), "--yes")
    assert (used.code, "stop it first" in used.err) == (1, True)
    done = await call("restore", str(file), "--data-dir", str(there))
    assert done.code == 0, done.err
    assert "a new epoch begins" in done.out
    asked = await call("restore", str(file), "--data-dir", str(there))
    assert (asked.code, "say --yes" in asked.err) == (1, True)
    assert (await call("restore", str(file), "--data-dir", str(there), "--yes")).code == 0
    wrong = await call("restore", str(service.settings.admin_token_file), "--data-dir", str(there), "--yes")
    assert (wrong.code, "no backup of Pointsman" in wrong.err) == (1, True)
