"""Faults planted in drivers that switch power and set boot devices; importing this plants them."""

from dataclasses import replace

from drivers.ipmi import chassis
from drivers.ipmi.messages import ask
from drivers.vendors.ipmi.driver import Ipmi
from drivers.vendors.powerman.driver import Powerman
from tests.unit.drivers.conformance.planted_elsewhere import planted_in


@planted_in("ipmi", "switches-power")
class TakesACommandForAReading(Ipmi):
    power = None

    async def apply(self, step):
        self.power = {"power on": "on", "power off": "off"}.get(step.commands[0])

    async def read(self, want):
        state = await super().read(want)
        if self.power is None:
            return state
        return replace(state, slots={"1": replace(state.slots["1"], power=self.power)})


@planted_in("powerman", "switches-power")
class LeavesItToTheOutlet(Powerman):
    async def apply(self, step):
        return None


@planted_in("ipmi", "asks-before-it-cuts-off")
class CutsOffWithoutAWord(Ipmi):
    async def apply(self, step):
        hard = tuple(command.replace("soft", "off") for command in step.commands)
        await super().apply(replace(step, commands=hard))


@planted_in("ipmi", "boots-once-for-each-power-on")
class ResetsWhatIsOn(Ipmi):
    async def apply(self, step):
        if step.commands == ("power on",) and (await self._status()).power == "on":
            await ask(self._bmc, chassis.control("off"))
            await self._until(lambda status: status.power == "off", 5.0)
        await super().apply(step)


@planted_in("ipmi", "boots-from-there-once")
class SetsItForGood(Ipmi):
    async def apply(self, step):
        if step.commands[0].startswith("boot once"):
            await self._boot(chassis.boot_from("pxe", once=False))
        else:
            await super().apply(step)


@planted_in("ipmi", "boots-from-there-once")
class SetsNothing(Ipmi):
    async def apply(self, step):
        if not step.commands[0].startswith("boot once"):
            await super().apply(step)


@planted_in("ipmi", "tells-a-lie-about-power")
class BelievesTheAnswer(Ipmi):
    async def _until(self, is_done, within_s):
        return True
