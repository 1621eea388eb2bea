"""Another device in a node's place: shown beside the one that was known, and taken only when that was approved.

Nothing secret reaches a device that nobody approved: where a password would be needed to look further, only what it
proves by itself is shown, and the approval is of that. What stands on the new device was not made by us, so the ledger
begins anew; roles, desired state and history stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from agents.connections import Device
from agents.considering import Considering
from agents.desk import Desk
from agents.identity import Members, proved_by, shown
from agents.ledger import Ledger, LedgerChange
from agents.nodes import Memory, Node
from agents.passes import Pass
from agents.pins import KINDS
from agents.previews import preview
from agents.reports import digest_of, dump
from agents.store import rows
from device_profiles.wire import Answer, Assignment
from drivers.access import parse_access
from drivers.errors import DeviceError, Transient, Unreachable, WrongDevice

_NOBODY: Final = "SHA256:nobody"
"""A pin that no device can prove: so it shows itself, and is sent nothing."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """What answers now: what it shows of itself, and what would be done to it, where that could be looked at."""

    url: str
    members: Members
    plan: dict[str, Any] | None

    @property
    def approval(self) -> str:
        """What an approval of just this device says."""
        return digest_of(orjson.dumps([self.url, dict(self.members)], option=orjson.OPT_SORT_KEYS))


async def replace_device(node: Node, device: Device, *, desk: Desk, approve: str | None) -> Answer:
    """Show what answers in the node's place; with its approval, take it. Raises ``DeviceError``."""
    assignment = node.accepted.assignment
    known = desk.pins.known(node.name, declared=assignment.identity, pinned=assignment.pinned)
    await device.close()
    found = await _meet(node, desk=desk)
    wrong = _declared_otherwise(assignment, found.members)
    if wrong:
        return Answer(ok=False, reason="Declared", message=wrong)
    if approve is None:
        return Answer(ok=True, body=_compared(known, found))
    if approve != found.approval:
        message = "what answers now is not what was approved: look at it again, and approve that"
        return Answer(ok=False, reason="NotApproved", message=message)
    await _take(node, found, desk=desk)
    result = await Pass(node, device, desk=desk, cause="request").run()
    if result.error is not None:
        return Answer(ok=False, reason=result.error.reason, message=str(result.error))
    return Answer(ok=True, body=orjson.loads(dump(result.record)))


def _declared_otherwise(assignment: Assignment, members: Members) -> str:
    for kind in KINDS:
        declared = getattr(assignment.identity, kind)
        if declared and kind in members and declared.lower() not in members[kind].lower().split():
            return f"the node declares identity.{kind} {declared}, and the device shows {members[kind]}: declare that"
    return ""


def _compared(known: Members, found: Stranger) -> dict[str, Any]:
    notes = []
    if found.plan is None:
        notes.append("no password is sent to a device that nobody approved: the plan is shown once it was")
    return {
        "known": dict(known),
        "shown": dict(found.members),
        "access": found.url,
        "approve": found.approval,
        "plan": found.plan,
        "notes": notes,
    }


async def _take(node: Node, found: Stranger, *, desk: Desk) -> None:
    """Forget what we made on the old device, and pin the new one."""
    gone = LedgerChange(forget=tuple(entry.path for entry in node.ledger.entries))
    await desk.store.write(lambda db: rows.write_ledger(db, node.name, gone))
    node.ledger = Ledger(())
    node.refused, node.settled = None, ""
    node.resend.add("ledger")
    node.distrust()
    await desk.pins.replace(node.name, found.members, access=found.url)


async def _meet(node: Node, *, desk: Desk) -> Stranger:
    """Look at what answers at the node's first access that does."""
    first: DeviceError | None = None
    for url in node.accepted.assignment.access:
        try:
            return await _meet_at(url, node, desk=desk)
        except Transient as error:
            first = first or error
    raise first or Unreachable("the node has no access")


async def _meet_at(url: str, node: Node, *, desk: Desk) -> Stranger:
    """First who it is, without a word of ours; then, if that reveals no secret, what it holds."""
    access, assignment = parse_access(url), node.accepted.assignment
    kind = proved_by(access.scheme, assignment.profile)
    members: dict[str, str] = {}
    if kind:
        members[kind] = await _proved(url, node, desk=desk)
        credential = await desk.secrets.resolve(assignment.credentials, host=access.host)
        known = desk.pins.known(node.name, declared=assignment.identity, pinned=assignment.pinned)
        if credential is not None and not credential.is_private_key and known.get(kind) != members[kind]:
            return Stranger(url, members, None)
    fresh = Node(node.accepted, memory=Memory(), ledger=Ledger(()), now=desk.clock.now())
    device = Device(desk)
    try:
        driver = await device.meet(replace(assignment, access=(url,)), pin=members.get(kind))
        if "facts" in driver.capabilities:
            members |= shown(await device.facts(), assignment.profile)
        considering = Considering(node=fresh, device=device, desk=desk, now=desk.clock.now())
        return Stranger(url, members, await preview(considering, driver))
    finally:
        await device.close()


async def _proved(url: str, node: Node, *, desk: Desk) -> str:
    """What the far end proves by itself, before it is sent anything."""
    device = Device(desk)
    try:
        await device.meet(replace(node.accepted.assignment, access=(url,)), pin=_NOBODY)
    except WrongDevice as error:
        return error.shown
    finally:
        await device.close()
    raise Unreachable(f"{parse_access(url)} does not prove who it is")
