"""Faults planted in a driver of arrays: each would lose data, show it to somebody else, or hide who uses it."""

from dataclasses import replace

from drivers.storage.changes import VolumeChange
from drivers.storage.seen import Limits
from drivers.vendors.tgt.driver import Tgt
from drivers.vendors.tgt.telling import Tongue, admin
from tests.unit.drivers.conformance.planted_elsewhere import planted_in


class Emptying(Tongue):
    """Empties a file before it is given its length."""

    def volume(self, change: VolumeChange):
        commands, undo = super().volume(change)
        path = self.reading.files.path(change.pool, change.name)
        return (f"truncate --size=0 {path}", *commands), undo


@planted_in("tgt", "takes-a-volume-as-it-is")
class MakesVolumesAnew(Tgt):
    @property
    def tongue(self):
        return Emptying(self.reading)


@planted_in("tgt", "keeps-data-when-it-grows")
class GrowsByMakingAnew(Tgt):
    def plan(self, goal, observed):
        return tuple(self._emptied(step) for step in super().plan(goal, observed))

    def _emptied(self, step):
        grows = step.capability == "volumes.size"
        return replace(step, commands=("truncate --size=0 /srv/tgt/tank/conf-a", *step.commands)) if grows else step


@planted_in("tgt", "loses-nothing-unasked")
class NeedsNoLeave(Tgt):
    def plan(self, goal, observed):
        return tuple(replace(step, needs=()) for step in super().plan(goal, observed))


@planted_in("tgt", "masks-exactly")
class LetsEverybodyIn(Tgt):
    def plan(self, goal, observed):
        everybody = admin("target", "bind", tid=2, initiator_address="ALL")
        return tuple(
            replace(step, commands=(*step.commands, everybody)) if step.capability == "exports" else step
            for step in super().plan(goal, observed)
        )


@planted_in("tgt", "shows-all-or-nothing")
class LetsInFirst(Tgt):
    def plan(self, goal, observed):
        return tuple(
            replace(step, commands=tuple(sorted(step.commands, key=self._turn)))
            for step in super().plan(goal, observed)
        )

    def _turn(self, command):
        return ("--op new --tid 2 --targetname" not in command, "bind" not in command)


@planted_in("tgt", "waits-for-sessions")
class SeesNoSession(Tgt):
    async def see(self):
        return replace(await super().see(), sessions=())


@planted_in("tgt", "refuses-what-cannot-be")
class SaysNothingOfWhatCannotBe(Tgt):
    def plan(self, goal, observed):
        return tuple(step for step in super().plan(goal, observed) if step.refused is None)


@planted_in("tgt", "refuses-numbers")
class GivesAnyNumber(Tgt):
    def __init__(self, *given):
        super().__init__(*given)
        self.limits = Limits(luns=range(16384), grows_online=False)


@planted_in("tgt", "tells-sessions")
class TellsOfNobody(Tgt):
    async def operation(self, want):
        return replace(await super().operation(want), sessions=())


@planted_in("tgt", "comes-back-with-its-data")
class RemembersForEverWhatAnArrayWas(Tgt):
    first = None

    async def see(self):
        seen = await super().see()
        if len(seen.exports) > len((self.first or seen).exports):
            self.first = seen
        self.first = self.first or seen
        return self.first
