"""Faults to be planted in a driver, one at a time, each with the promise that has to catch it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from device_profiles.compare import Goal
from device_profiles.state import EMPTY, Port, State
from drivers.conformance import Subject
from drivers.errors import Garbled, Rejected, Transient
from drivers.planning import edits
from tests.unit.drivers.conformance.zeta import zeta_os
from tests.unit.drivers.conformance.zeta.zeta_os import ZetaOs


@dataclass(frozen=True)
class Fault:
    """A driver (or a subject) that is wrong in one way, and the promise by whose name it is caught."""

    caught_by: str
    driver: Callable[..., Any] = ZetaOs
    capability: str = ""
    change: Callable[[Subject], Subject] = lambda subject: subject

    def planted(self, subject: Subject) -> Subject:
        """The subject with the fault in it."""
        profile = subject.profile
        if self.capability:
            profile = replace(profile, capabilities=(*profile.capabilities, self.capability))
        return self.change(replace(subject, profile=profile, driver=self.driver))


FAULTS: dict[str, Fault] = {}


def planted(caught_by: str, **settings: Any) -> Callable[[type], type]:
    """Add a driver to the faults under its name."""

    def add(driver: type) -> type:
        FAULTS[driver.__name__] = Fault(caught_by, driver, **settings)
        return driver

    return add


# What is read.


@planted("reads-all-it-declares", capability="ports.mtu")
class DeclaresWhatItNeverReturns(ZetaOs):
    capabilities = ZetaOs.capabilities | {"ports.mtu"}

    async def run(self, command):
        return "" if " mtu " in command else await super().run(command)


@planted("reads-only-what-is-asked")
class IgnoresWhatIsAsked(ZetaOs):
    async def read(self, want):
        return await super().read(())


@planted("gives-the-same-object")
class MakesANewObjectEachTime(ZetaOs):
    async def read(self, want):
        return replace(await super().read(want))


@planted("converges-and-stays-quiet")
class RemembersForEver(ZetaOs):
    async def read(self, want):
        self.first = getattr(self, "first", None) or await super().read(want)
        return self.first


@planted("answers-several-at-once")
class ConfusesThoseWhoAskAtOnce(ZetaOs):
    busy = False

    async def read(self, want):
        if self.busy:
            return EMPTY
        self.busy = True
        try:
            return await super().read(want)
        finally:
            self.busy = False


@planted("declares-what-it-does")
class LacksAMethod(ZetaOs):
    links = None  # type: ignore[assignment]


@planted("declares-what-it-does")
class LacksWhatTheProfileDeclares(ZetaOs):
    capabilities = ZetaOs.capabilities - {"vlans.name"}


@planted("declares-what-it-does")
class TakesOtherArguments(ZetaOs):
    async def save(self, where):  # type: ignore[override]
        await self.run(f"save {where}")


# What is planned.


@planted("converges-and-stays-quiet")
class PlansAgainWhatIsThere(ZetaOs):
    def plan(self, goal, observed):
        return super().plan(goal, EMPTY) if goal.state.vlans else super().plan(goal, observed)


@planted("plans-nothing-for-nothing")
class PlansWithoutBeingAsked(ZetaOs):
    def plan(self, goal, observed):
        return super().plan(goal, observed) or super().plan(Goal(State(ports={"e5": Port(description="x")})), EMPTY)


@planted("plans-purely")
class TalksWhilePlanning(ZetaOs):
    tasks: tuple[asyncio.Task[Any], ...] = ()

    def plan(self, goal, observed):
        self.tasks += (asyncio.get_running_loop().create_task(self.session.run(":")),)
        return super().plan(goal, observed)

    async def close(self):
        await asyncio.gather(*self.tasks)
        await super().close()


@planted("plans-purely")
class PlansByLot(ZetaOs):
    lot = random.Random(7)

    def plan(self, goal, observed):
        steps = list(super().plan(goal, observed))
        self.lot.shuffle(steps)
        return tuple(steps)


@planted("plans-purely")
class ChangesWhatItIsGiven(ZetaOs):
    def plan(self, goal, observed):
        steps = super().plan(goal, observed)
        observed.ports.pop("e5", None)
        return steps


@planted("refuses-hostile-names")
class SendsAnyName(ZetaOs):
    def plan(self, goal, observed):
        return tuple(map(zeta_os.step, edits(goal, observed)))


@planted("refuses-the-undeclared")
class PassesOverWhatItCannotDo(ZetaOs):
    def plan(self, goal, observed):
        found = [edit for edit in edits(goal, observed) if self._able(edit)]
        return tuple(map(zeta_os.step, found))

    def _able(self, edit):
        return all(".".join((path[0], *path[2:])) in self.able for path in edit.paths)


# What is written.


@planted("leaves-the-undeclared-alone")
class TouchesTheUndeclared(ZetaOs):
    async def apply(self, step):
        await super().apply(step)
        await self.run("set port e5 description mine")


@planted("leaves-the-undeclared-alone")
class ResetsThePort(ZetaOs):
    async def apply(self, step):
        for command in step.commands:
            what = " ".join(command.split(" ")[:3])
            if " port " in command and " mode " in command:
                await self.run(f"{what} description")
        await super().apply(step)


@planted("tells-what-is-refused")
class SwallowsARefusal(ZetaOs):
    async def run(self, command):
        return (await self.session.run(command)).strict_text()


@planted("tells-what-is-refused")
class GoesOnAfterARefusal(ZetaOs):
    async def apply(self, step):
        refused = []
        for command in step.commands:
            try:
                await self.run(command)
            except Rejected as error:
                refused.append(error)
        if refused:
            raise refused[0]


@planted("converges-and-stays-quiet")
class AppliesHalfOfAList(ZetaOs):
    async def run(self, command):
        words, trunk, numbers = command.partition(" mode trunk ")
        return await super().run(words + trunk + numbers.split(",")[0])


@planted("survives-a-step-twice")
class CannotRepeatAStep(ZetaOs):
    async def apply(self, step):
        for command in step.commands:
            if command.startswith("delete vlan") and int(command.split(" ")[2]) not in (await self.read(())).vlans:
                raise Rejected("there is no such VLAN")
        await super().apply(step)


@planted("survives-a-cut-plan")
class PlansOnlyFromTheStart(ZetaOs):
    def plan(self, goal, observed):
        steps = super().plan(goal, observed)
        if "e1" in goal.state.ports and observed.ports["e1"].access_vlan == 3102:
            return tuple(step for step in steps if "removed" not in step.text)
        return steps


@planted("undo-restores")
class UndoesNothing(ZetaOs):
    async def undo(self, step):
        await self.run(":")


@planted("undo-restores")
class UndoesWhatItHasNotDone(ZetaOs):
    async def undo(self, step):
        await super().undo(step)
        await self.run("set vlan 7")


@planted("writes-nothing-when-equal")
class WritesWhileItReads(ZetaOs):
    async def read(self, want):
        await self.run("set port e5 enabled True")
        return await super().read(want)


@planted("saves")
class DoesNotSave(ZetaOs):
    async def save(self):
        await self.run(":")


@planted("keeps-a-safe-order")
class RemovesAVlanUnderAPort(ZetaOs):
    def plan(self, goal, observed):
        return tuple(sorted(super().plan(goal, observed), key=lambda step: "removed" not in step.text))


@planted("keeps-a-safe-order")
class OpensAPortFirst(ZetaOs):
    def plan(self, goal, observed):
        return tuple(sorted(super().plan(goal, observed), key=lambda step: "enabled" not in step.text))


@planted("keeps-a-safe-order")
class CarriesAllForAMoment(ZetaOs):
    async def apply(self, step):
        for command in step.commands:
            if " mode trunk " in command:
                await self.run(command.partition(" mode ")[0] + " mode any")
        await super().apply(step)


# What goes wrong.


@planted("concludes-nothing-from-garbage")
class RaisesWhateverComes(ZetaOs):
    async def run(self, command):
        return (await self.session.run(command)).data.decode()


@planted("concludes-nothing-from-garbage")
class TakesGarbageForNothing(ZetaOs):
    async def read(self, want):
        try:
            return await super().read(want)
        except Garbled:
            return EMPTY


@planted("survives-a-cut-reading")
class TakesALostConnectionForNothing(ZetaOs):
    async def read(self, want):
        try:
            return await super().read(want)
        except Transient:
            return EMPTY


@planted("survives-a-cut-reading")
class NeverOpensAnotherSession(ZetaOs):
    def __init__(self, connection, profile):
        super().__init__(connection, profile)
        self.session._drop = self._keep  # type: ignore[method-assign]

    async def _keep(self):
        return None


@planted("refuses-half-an-answer")
class ReadsWhatThereIs(ZetaOs):
    async def run(self, command):
        try:
            return await super().run(command)
        except Transient:
            return '{"vlans": {}, "ports": {}}' if command == "show" else ""


@planted("survives-silence")
class WaitsForEver(ZetaOs):
    def __init__(self, connection, profile):
        super().__init__(connection, replace(profile, command_timeout_s=1e6))


@planted("waits-for-a-slow-device")
class GivesUpTooSoon(ZetaOs):
    def __init__(self, connection, profile):
        super().__init__(connection, replace(profile, command_timeout_s=profile.command_timeout_s / 10))


@planted("keeps-to-one-session")
class OpensASessionForEachCommand(ZetaOs):
    def __init__(self, connection, profile):
        super().__init__(connection, profile)
        self.connection, self.profile, self.others = connection, profile, []

    async def run(self, command):
        self.others.append(self.session)
        self.session = ZetaOs(self.connection, self.profile).session
        return await super().run(command)

    async def close(self):
        for session in (*self.others, self.session):
            await session.close()


@planted("closes-its-sessions")
class LeavesItsSessionOpen(ZetaOs):
    async def close(self):
        return None


@planted("survives-a-cancelled-reading")
class GoesOnWhenItIsCancelled(ZetaOs):
    async def read(self, want):
        try:
            return await super().read(want)
        except asyncio.CancelledError:
            return self.state


@planted("survives-a-cancelled-apply")
class TakesACancelledStepForDone(ZetaOs):
    done = frozenset[str]()

    async def apply(self, step):
        self.done |= {step.text}
        await super().apply(step)

    def plan(self, goal, observed):
        return tuple(step for step in super().plan(goal, observed) if step.text not in self.done)


@planted("survives-a-cut-apply")
class TellsALostConnectionAsARefusal(ZetaOs):
    async def apply(self, step):
        try:
            await super().apply(step)
        except Transient as error:
            raise Rejected(str(error)) from None


# Who is talked to, and what is said.


@planted("shows-no-secret")
class ShowsASecretInAStep(ZetaOs):
    def plan(self, goal, observed):
        return tuple(replace(step, text=f"{step.text} ({self.text})") for step in super().plan(goal, observed))


@planted("shows-no-secret")
class ShowsASecretInAnError(ZetaOs):
    async def read(self, want):
        text = await self.run("show")
        try:
            self.state = zeta_os.parse(text)
        except Garbled:
            raise Garbled(f"this cannot be read: {text}") from None
        return self.selection.of(self.state, want)


@planted("shows-no-secret")
class ShowsASecretInATraceback(ZetaOs):
    async def run(self, command):
        reply = await self.session.run(command)
        try:
            return reply.data.decode()
        except UnicodeDecodeError as error:
            raise Garbled("the switch prints what is no text") from error


def _login(answer: Callable[[Subject], Any]) -> Callable[[Subject], Subject]:
    def change(subject: Subject) -> Subject:
        async def login(_wanted):
            return await answer(subject)

        profile = replace(subject.profile, identity=("ssh_host_key",))
        return replace(subject, profile=profile, login=login)

    return change


async def _refused(_subject: Subject) -> None:
    raise Rejected("the password is wrong")


FAULTS["TellsAWrongPasswordAsARefusal"] = Fault("tells-a-wrong-password", change=_login(_refused))
FAULTS["TakesAnyPassword"] = Fault("tells-a-wrong-password", change=_login(lambda subject: subject.open()))
FAULTS["TakesAnyDevice"] = Fault("tells-a-wrong-device", change=_login(lambda subject: subject.open()))
