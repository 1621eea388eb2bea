"""A change on a Junos-like switch: the candidate configuration for oneself, the lines, the commit.

``configure exclusive`` is refused while somebody else has changed the candidate or holds it for himself; that is waited
for. Whatever goes wrong on the way, the candidate is discarded: by ``rollback``, or by the end of the session. Commands
and answers: Junos CLI User Guide, "Commit Operation", "Locking the Configuration", "commit confirmed".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import ceil
from typing import Final

from device_profiles.cli import Candidate
from device_profiles.names import printable
from drivers.cli.session import CliSession
from drivers.errors import Busy, Rejected
from drivers.vendors.juniper_junos.bundles import COUNT

CONFIG: Final = "config"
"""The mode of the profile's command line in which a switch is configured."""

_HELD: Final = re.compile(r"error: configuration database (?:locked|modified)")
_HOLDER: Final = re.compile(r"(?m)^\s+(?P<who>[\w.@-]+) terminal (?P<where>\S+)")
_DONE: Final = "commit complete"
_PENDING: Final = re.compile(r"^0 .*commit confirmed, rollback in")
_COUNTED: Final = re.compile(r"set chassis aggregated-devices ethernet device-count (\d+)")
_BACK: Final = "rollback 1"
_SECONDS_A_MINUTE: Final = 60


class Committer:
    """Changes the configuration over a session that nobody else uses meanwhile."""

    def __init__(self, session: CliSession, *, candidate: Candidate, commit_s: float) -> None:
        self._session = session
        self._says = candidate
        self._commit_s = commit_s

    async def change(self, lines: Iterable[str], *, within_s: float | None = None) -> None:
        """All lines in one commit; nothing is committed where they change nothing.

        ``within_s``: the switch takes the change back by itself unless it is confirmed within that time (whole minutes
        on the device, rounded up). Raises :class:`~drivers.errors.Busy`, ``Rejected`` and what the session raises.
        """
        commit = self._says.commit
        if within_s is not None:
            commit = self._says.commit_confirmed.format(minutes=minutes(within_s))
        await self._begin()
        try:
            await self._load(lines)
            if (await self._session.run(self._says.compare, mode=CONFIG)).text.strip():
                await self._commit(commit)
        except Rejected:
            await self._discard()
            raise
        except BaseException:
            await self._session.close()
            raise
        await self._leave()

    async def confirm(self) -> None:
        """Keep a change that waits to be confirmed. Raises ``Rejected`` where none does: it was taken back."""
        if not await self._pending():
            raise Rejected("no commit waits to be confirmed: the switch has taken the change back, or has kept it")
        await self._settle(self._says.confirm)

    async def revert(self) -> None:
        """Take a change back that waits to be confirmed; nothing where none does."""
        if await self._pending():
            await self._settle(self._says.commit, before=_BACK)

    async def _settle(self, commit: str, *, before: str = "") -> None:
        await self._begin()
        try:
            if before:
                await self._session.run(before, mode=CONFIG)
            await self._commit(commit)
        except BaseException:
            await self._session.close()
            raise

    async def _pending(self) -> bool:
        text = (await self._session.run("show system commit")).text
        return any(_PENDING.match(line) for line in text.splitlines())

    async def _begin(self) -> None:
        """Take the candidate for ourselves."""
        said = (await self._session.run("configure exclusive")).text
        if _HELD.search(said):
            holder = _HOLDER.search(said)
            who = f"{holder['who']} ({holder['where']})" if holder is not None else "somebody else"
            raise Busy(f"the configuration is held by {printable(who, most=80)}: it is waited for, not broken into")

    async def _load(self, lines: Iterable[str]) -> None:
        row: list[str] = []
        for line in lines:
            if line.startswith(COUNT):
                row += [line] if await self._counts_less(line) else []
            elif line.startswith("rename "):
                await self._row(row)
                await self._tolerant(line)
                row = []
            else:
                row.append(line)
        await self._row(row)

    async def _row(self, lines: list[str]) -> None:
        if lines:
            await self._session.run_all(lines, mode=CONFIG)

    async def _tolerant(self, line: str) -> None:
        """A renaming that may have been done before: the line behind it, and the commit, tell whether all is right."""
        try:
            await self._session.run(line, mode=CONFIG)
        except Rejected:
            return

    async def _counts_less(self, line: str) -> bool:
        """Whether the switch has room for fewer LAGs than ``line`` asks for: others may need what it has."""
        shown = await self._session.run("show chassis aggregated-devices | display set", mode=CONFIG)
        counted = [int(number) for number in _COUNTED.findall(shown.text)]
        return max(counted, default=0) < int(line.rpartition(" ")[2])

    async def _commit(self, command: str) -> None:
        said = (await self._session.run(command, mode=CONFIG, timeout_s=self._commit_s)).text
        if _DONE not in said:
            raise Rejected(f"the switch refuses the commit: {printable('; '.join(_reasons(said)), most=200)}")

    async def _discard(self) -> None:
        """Leave the candidate as it was, and configuration mode."""
        try:
            await self._session.run(self._says.discard, mode=CONFIG)
            await self._leave()
        except BaseException:
            await self._session.close()
            raise

    async def _leave(self) -> None:
        """Give the candidate back: any command outside of configuration mode leads there."""
        await self._session.run_all(())


def minutes(seconds: float) -> int:
    """Whole minutes that are not less than ``seconds``."""
    return max(1, ceil(seconds / _SECONDS_A_MINUTE))


def _reasons(said: str) -> Iterator[str]:
    for line in said.splitlines():
        if line.strip() and not line.startswith("warning:"):
            yield line.strip()
