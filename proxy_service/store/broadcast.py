"""Wake-ups after commits: who waits for a topic is woken when a unit that touched it is on disk.

A topic is a short text: ``node:sw1``, ``location:row-a``, ``request:ab12``, ``events``. A watcher subscribes *before*
it reads, so nothing that commits between its reading and its waiting is lost. Commits of other replicas are noticed
by the counter of events having moved by itself, and wake everybody: they look, and wait again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator


class Stopping(Exception):
    """The service is about to stop: whoever waits shall end."""


class Watch:
    """One waiter's subscription."""

    def __init__(self, owner: Broadcast) -> None:
        self._owner = owner
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Let the next or the running :meth:`wait` return."""
        self._event.set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a wake-up; False when the time was over first. Raises :class:`Stopping`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        if self._owner.stopping:
            raise Stopping
        woken = self._event.is_set()
        self._event.clear()
        return woken


class Broadcast:
    """Topics and who waits for them, in one process; used from the event loop only."""

    def __init__(self) -> None:
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._known = 0
        self.stopping = False

    @property
    def known(self) -> int:
        """The newest event id that this process has heard of."""
        return self._known

    @property
    def waited_for(self) -> bool:
        """Whether anybody waits at all."""
        return bool(self._watches)

    @contextlib.contextmanager
    def watching(self, *topics: str) -> Iterator[Watch]:
        """A subscription to ``topics``."""
        watch = Watch(self)
        if self.stopping:  # who comes after the last call does not wait at all
            watch.wake()
        for topic in topics:
            self._watches[topic].add(watch)
        try:
            yield watch
        finally:
            for topic in topics:
                self._watches[topic].discard(watch)
                if not self._watches[topic]:
                    del self._watches[topic]

    def committed(self, topics: Iterable[str], *, first: int, last: int) -> None:
        """A unit of this process took the event ids from ``first`` to ``last`` and is on disk."""
        foreign = first > self._known + 1
        self._known = max(self._known, last)
        if foreign:
            self._wake_all()
        else:
            for topic in topics:
                for watch in self._watches.get(topic, ()):
                    watch.wake()

    def seen(self, last: int) -> None:
        """The database's last event id is ``last``: if that is news, another replica wrote."""
        if last > self._known:
            self._known = last
            self._wake_all()

    def stop(self) -> None:
        """End everybody's waiting."""
        self.stopping = True
        self._wake_all()

    def _wake_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.wake()
