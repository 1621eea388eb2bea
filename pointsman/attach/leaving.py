"""Leaving a device that was made reachable to the site's own agent: declared there, with the way that was proved."""

from __future__ import annotations

from typing import Any

from pointsman.attach.finding import Found
from pointsman.client import Client
from pointsman.problems import DONE, NOT_CONVERGED
from pointsman.show.output import note, say


async def leave_to(client: Client, found: Found, node: str, *, location: str, credentials: str, wait_s: float) -> int:
    """Declare the node at ``location``, and see that the agent there reaches it. Answers the exit code.

    Its one access is the network: the line is here, and not where that agent is. ``credentials`` is the name by which
    that agent knows the key. A node that is declared already keeps what else is said of it. Raises PointsmanError.
    """
    known = {item["name"]: item["spec"] for item in await client.list("nodes")}.get(node, {})
    said: dict[str, Any] = {"profile": found.profile.name, "location": location, "access": [found.network]}
    said |= {"credentials": credentials, "identity": {"ssh_host_key": found.host_key} if found.host_key else {}}
    await client.put("nodes", node, {**known, **said})
    say(f"{node}: a node of {location}, by {found.network}")
    status = (await client.wait_for("nodes", node, timeout_s=wait_s))["status"]
    condition = next((each for each in status["conditions"] if each["type"] == "Reachable"), None)
    if condition is None or not condition["status"]:
        note(condition["message"] if condition else f"nobody at {location} has told of it yet")
        return NOT_CONVERGED
    say(f"{node}: the agent {status['agent']} reaches it: it is that agent's from now on")
    return DONE
