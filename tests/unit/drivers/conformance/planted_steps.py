"""Faults in what a driver's steps say of themselves, and in how they are undone; importing this plants them."""

from dataclasses import replace

from drivers.errors import Rejected
from tests.unit.drivers.conformance.planted import planted
from tests.unit.drivers.conformance.zeta.zeta_os import ZetaOs


@planted("survives-an-undo-twice")
class CannotUndoAgain(ZetaOs):
    async def undo(self, step):
        for command in step.undo:
            if command.startswith("delete vlan") and int(command.split(" ")[2]) not in (await self.read(())).vlans:
                raise Rejected("there is no such VLAN")
        await super().undo(step)


@planted("survives-an-undo-twice")
class UndoesTheOtherWayRoundTheSecondTime(ZetaOs):
    async def undo(self, step):
        done = self.__dict__.setdefault("undone", set())
        await (super().apply(step) if step in done else super().undo(step))
        done.add(step)


@planted("undoes-half-a-step")
class UndoesOnlyWhatItHasSeenDone(ZetaOs):
    async def apply(self, step):
        await super().apply(step)
        self.__dict__.setdefault("applied", set()).add(step)

    async def undo(self, step):
        if step in self.__dict__.get("applied", ()):
            await super().undo(step)


@planted("accounts-for-its-steps")
class SaysNothingOfWhatItMakes(ZetaOs):
    def plan(self, goal, observed):
        return tuple(replace(step, creates=()) for step in super().plan(goal, observed))


@planted("accounts-for-its-steps")
class ClaimsToHaveMadeWhatItFound(ZetaOs):
    def plan(self, goal, observed):
        found = (("vlans", "1"),) if 1 in observed.vlans else tuple(("vlans", str(n)) for n in list(observed.vlans)[:1])
        return tuple(replace(step, creates=(*step.creates, *found)) for step in super().plan(goal, observed))


@planted("accounts-for-its-steps")
class SaysNothingOfWhatItRemoves(ZetaOs):
    def plan(self, goal, observed):
        return tuple(replace(step, removes=()) for step in super().plan(goal, observed))


@planted("accounts-for-its-steps")
class SaysThatItTouchesNothing(ZetaOs):
    def plan(self, goal, observed):
        return tuple(replace(step, touches=()) for step in super().plan(goal, observed))
