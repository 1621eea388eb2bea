"""A driver on a twin that speaks a language, in this process."""

from device_profiles.profile import load_profiles
from drivers.registry import make_driver
from pointsman.twins.languages.bench import connected


class OnTwin:
    """A twin whose sessions ``session`` begins, and the driver of a profile on it."""

    def __init__(self, profile, session):
        self.driver = make_driver(connected(session), load_profiles()[profile])

    async def plan(self, goal):
        return self.driver.plan(goal, await self.driver.read(()))

    async def converge(self, goal):
        for step in await self.plan(goal):
            await self.driver.apply(step)
        return await self.driver.read(())
