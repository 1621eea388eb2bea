"""What a driver reads: all that it declares, no more than it is asked for, and the same again while nothing changes."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from device_profiles.facts import FACTS_SCHEMA, digest
from device_profiles.leaves import CREATABLE, RULES, leaves
from device_profiles.names import OBSERVED
from device_profiles.operation import Operation
from device_profiles.paths import render_path, shape_of
from device_profiles.profile import ABILITIES
from device_profiles.state import State
from drivers.conformance.differences import difference
from drivers.conformance.promise import ability, promise, writable
from drivers.conformance.trial import Trial, expect
from drivers.contract import Confirming, Driver, Watching

_STATE = TypeAdapter(State)
_METHODS = ("read", "apply", "undo", "save", "operation", "facts", "links", "close")


@promise("declares what it does, and has the methods of the contract")
async def declares_what_it_does(trial: Trial) -> None:
    driver = (await trial.open()).driver
    declared = frozenset(trial.subject.profile.capabilities)
    lacking = declared - driver.capabilities
    expect(not lacking, f"the profile declares what the driver does not have: {', '.join(sorted(lacking))}")
    for name in _METHODS:
        method = getattr(driver, name, None)
        expect(inspect.iscoroutinefunction(method), f"{name} is no coroutine function of the driver")
        expect(_arguments(method) == _arguments(getattr(Driver, name), bound=False), f"{name} takes other arguments")
    expect(callable(getattr(driver, "plan", None)), "plan is no function of the driver")
    watching = isinstance(driver, Watching)
    expect(watching or "watch" not in declared, "watch is declared, and the driver has no changes()")
    confirming = isinstance(driver, Confirming)
    expect(
        confirming or "confirmed_commit" not in declared, "confirmed_commit is declared, and there is no apply_all()"
    )
    holes = trial.goals.unsampled()
    expect(not holes, f"the suite itself has no case for {', '.join(sorted(holes))}: nobody knows whether it works")
    unknown = {name for name in declared if name not in RULES and name not in CREATABLE} - ABILITIES
    expect(not unknown, f"nobody knows what {', '.join(sorted(unknown))} is")


def _arguments(method: Any, *, bound: bool = True) -> int:
    return len(inspect.signature(method).parameters) - (0 if bound else 1)


@promise("reads all that it declares", excuse=writable)
async def reads_all_it_declares(trial: Trial) -> None:
    lacking = {name for name in trial.want if name not in CREATABLE and not RULES[name].token}
    for case in reversed(trial.goals.covering):
        opened = await trial.settle(case.before)
        for state in (await trial.read(opened), await trial.converge(opened, case.after)):
            expect(canonical(state), "a reading is not in canonical form")
            lacking -= {shape_of(path) for path in leaves(state)}
        if not lacking:
            break
    expect(not lacking, f"declared, and never read: {', '.join(sorted(lacking))}")


def canonical(state: State) -> bool:
    """Whether a state is as the schema would write it: sorted sets, clean texts, keys of their type."""
    try:
        return _STATE.validate_python(_STATE.dump_python(state), context=OBSERVED) == state
    except ValidationError:
        return False


@promise("reads only what it is asked for")
async def reads_only_what_is_asked(trial: Trial) -> None:
    parts = [part[1] for part in trial.goals.parts()]
    opened = await trial.settle(trial.goals.bystander(), *parts[-1:])
    whole = leaves(await trial.read(opened))
    for shape in sorted(trial.want):
        state = await trial.read(opened, {shape})
        for path in leaves(state):
            found = shape_of(path)
            beside = found == path[0] == shape.partition(".")[0] or getattr(RULES.get(found), "observed_only", False)
            expect(found == shape or beside, f"asked for {shape}, it reads {render_path(path)}")
        asked = {path: value for path, value in whole.items() if shape_of(path) == shape}
        shown = {path: value for path, value in leaves(state).items() if shape_of(path) == shape}
        expect(shown == asked, f"asked for {shape} alone, it does not read what it reads else")
    everything = await trial.read(opened, ())
    expect(leaves(everything) == whole, "asked without a choice, it does not read all that the profile declares")


@promise("gives the same object for the same bytes")
async def gives_the_same_object(trial: Trial) -> None:
    opened = await trial.settle(trial.goals.bystander())
    first = await trial.read(opened)
    second = await trial.read(opened)
    expect(first == second, f"nothing changed, and it reads {difference(first, second)}")
    expect(first is second, "nothing changed, and a reading is another object")
    other = await trial.read(await trial.open())
    expect(first == other, f"another driver reads {difference(first, other)}")


@promise("answers several who ask at once")
async def answers_several_at_once(trial: Trial) -> None:
    opened = await trial.settle()
    alone = await trial.read(opened)
    together = await asyncio.gather(*(trial.read(opened) for _ in range(3)))
    expect(all(state == alone for state in together), "asked by several at once, it answers something else")


@promise("tells what the device is doing, as far as it is asked", excuse=ability("operation"))
async def tells_operation(trial: Trial) -> None:
    opened = await trial.settle()
    state = await trial.read(opened)
    whole = await trial.call(opened.driver.operation({"ports", "macs"}), "operation")
    expect(isinstance(whole, Operation), "operation is no Operation")
    expect(whole.source, "operation does not say where it was read")
    expect(whole.at.tzinfo is not None, "operation bears a time without an offset")
    strange = set(whole.ports) - set(state.ports)
    expect(not strange, f"operation names ports that a reading does not: {', '.join(sorted(strange))}")
    silent = set(trial.subject.ground.ports) - set(whole.ports)
    expect(not silent, f"operation says nothing of {', '.join(sorted(silent))}")
    ports = await trial.call(opened.driver.operation({"ports"}), "operation")
    expect(not ports.macs, "asked for ports, operation reads MAC addresses")


@promise("tells which MAC addresses were learned where", excuse=ability("fdb"))
async def tells_macs(trial: Trial) -> None:
    opened = await trial.settle()
    state = await trial.read(opened)
    found = await trial.call(opened.driver.operation({"macs"}), "operation")
    expect(not found.ports, "asked for MAC addresses, operation reads ports")
    expect(found.macs or not trial.subject.grammar, "the twin has learned no MAC address, so nothing was tried")
    for entry in found.macs:
        parts = entry.mac.split(":")
        shaped = len(parts) == 6 and all(len(part) == 2 and part == part.lower() for part in parts)
        expect(shaped, f"a MAC address is not written as 52:54:00:00:00:07: {entry.mac[:40]!r}")
        expect(entry.vlan is None or 1 <= entry.vlan <= 4094, f"a MAC address is in VLAN {entry.vlan}")
        expect(entry.port in state.ports, f"a MAC address is behind {entry.port}, which a reading does not know")


@promise("tells what the device is, in ohai's words", excuse=ability("facts"))
async def tells_facts(trial: Trial) -> None:
    opened = await trial.settle()
    facts = await trial.call(opened.driver.facts(), "facts")
    orjson.dumps(facts)
    for name in ("platform", "platform_version", "hostname"):
        expect(isinstance(facts.get(name), str) and facts[name], f"the fact {name} is missing")
    expect(facts.get("schema") == FACTS_SCHEMA, f"the facts do not bear schema {FACTS_SCHEMA}")
    again = await trial.call(opened.driver.facts(), "facts")
    expect(digest(facts) == digest(again), "nothing changed, and facts other than the uptime did")


@promise("tells who is at the other end of its cables", excuse=ability("neighbours"))
async def tells_neighbours(trial: Trial) -> None:
    opened = await trial.settle()
    state = await trial.read(opened)
    links = await trial.call(opened.driver.links(), "links")
    expect(links or not trial.subject.grammar, "the twin has no neighbour, so nothing was tried")
    places = {*state.ports, *state.outlets, *state.slots, *state.exports}
    for link in links:
        known = not places or link.port in places
        expect(known, f"a neighbour is seen at {link.port}, which a reading does not know")
        shown = (link.name, link.chassis_id, link.serial, link.uuid, link.macs, link.initiator)
        expect(any(shown), f"the neighbour at {link.port} has neither a name nor an identity")
