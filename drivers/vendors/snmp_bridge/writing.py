"""Nothing is written yet."""

from drivers.snmp.manager import Managed


class Writer:
    """Refuses."""

    def __init__(self, managed: Managed) -> None:
        self._managed = managed

    async def run(self, commands: tuple[str, ...], *, doing: str) -> None:
        del commands, doing
