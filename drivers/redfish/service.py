"""A Redfish service, read with as few requests as it offers, and with the holes that it has.

Collections come with their members in one answer where the service offers that (``$expand``, DSP0266 section 7.3.3),
and one by one, a few at a time, where it does not, or does not keep its word. What a link leads to and is not there is
said (:attr:`Service.unread`) and left out: mockups and half-built firmware link to what they do not have. Every other
failure is the reading's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from typing import Any, Final, Self, TypeVar

from device_profiles.names import printable
from drivers.contract import Connection
from drivers.errors import DeviceError, Garbled, Rejected, Unsupported
from drivers.redfish.documents import at, own, reference, references, same
from drivers.rest.failures import Failing, Missing
from drivers.rest.session import Document, Session

T = TypeVar("T")

ROOT: Final = "/redfish/v1/"
_MOST_PAGES: Final = 64
_MOST_MEMBERS: Final = 4096


class Service:
    """The resources of one service. Raises only :class:`~drivers.errors.DeviceError`."""

    def __init__(
        self, connection: Connection, *, timeout_s: float, conditional: bool = True, expand: bool = True
    ) -> None:
        self.session = Session(connection, timeout_s=timeout_s, conditional=conditional)
        self._wants_expand = expand
        self._expand: str | None = None
        self._root: Document | None = None
        self._unread: dict[str, None] = {}
        self._in_passing = False

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return tuple(self._unread)

    def note(self, sentence: str) -> None:
        """Say that something could not be read."""
        self._unread.setdefault(sentence)

    def in_passing(self) -> Self:
        """The same service, for what is looked at now and then: nothing is kept, and what this user may not see, or
        the device fails at, is said and left out as well.
        """
        found = copy(self)
        found._in_passing = True
        return found

    @property
    def expands(self) -> bool:
        """Whether collections come with their members; known once the root was read."""
        return bool(self._expand)

    async def root(self) -> Document:
        """The service root; read once."""
        if self._root is None:
            root = await self.session.get(ROOT)
            if self._expand is None:
                self._expand = _expanding(root) if self._wants_expand else ""
            self._root = root
        return self._root

    async def get(self, path: str) -> Document | None:
        """A resource; None, and said, where there is none."""
        try:
            return await self.session.get(path, keep=not self._in_passing)
        except Missing:
            self.note(f"{printable(path, most=120)}: is linked to, and is not there")
        except (Rejected, Unsupported, Failing) as error:
            if not self._in_passing:
                raise
            self.note(str(error))
        return None

    async def linked(self, document: Document | None, *keys: str | int) -> Document | None:
        """The resource that a link leads to; None where there is no link, or nothing at its end."""
        path = reference(document, *keys)
        return await self.get(path) if path else None

    async def members(self, path: str) -> tuple[Document, ...]:
        """The members of a collection, in its order; none where there is no such collection."""
        found: list[Document] = []
        seen: set[str] = set()
        while path and len(seen) < _MOST_PAGES:
            seen.add(path)
            page = await self._page(path)
            if page is None:
                break
            found += await self._filled(at(page, "Members"), path)
            if len(found) > _MOST_MEMBERS:
                raise Garbled(f"{path}: has more than {_MOST_MEMBERS} members: nothing of it was believed")
            further = at(page, "Members@odata.nextLink") or at(page, "@odata.nextLink")
            path = reference({"@odata.id": further}) if further not in seen else ""
        return tuple(found)

    async def _page(self, path: str) -> Document | None:
        await self.root()
        if self._expand and "?" not in path:
            try:
                return await self.session.get(path + self._expand, keep=not self._in_passing)
            except Missing:
                return await self.get(path)
            except (Rejected, Unsupported, Garbled):
                # It offers what it cannot do (some only for small collections): it is not asked for that again.
                self._expand = ""
        return await self.get(path)

    async def _filled(self, members: Any, path: str) -> list[Document]:
        """Members as they came where they came whole, and read one by one where only their links did."""
        listed = members if isinstance(members, list) else []

        async def fill(member: Any) -> Document | None:
            if isinstance(member, dict) and len(member) > 1 and own(member):
                return member
            link = reference(member)
            if not link:
                self.note(f"{printable(path, most=120)}: has a member that is no link")
                return None
            return await self.get(link)

        return [member for member in await gathered(listed, fill) if member is not None]

    async def collection(self, document: Document | None, *keys: str | int) -> tuple[Document, ...]:
        """The members of the collection that a link leads to."""
        path = reference(document, *keys)
        return await self.members(path) if path else ()

    async def all_of(self, paths: Iterable[str]) -> dict[str, Document]:
        """Several resources, by their path as it is compared; those that are not there are left out."""
        wanted = {same(path): path for path in paths}
        found = await gathered(wanted.values(), self.get)
        return {key: each for key, each in zip(wanted, found, strict=True) if each is not None}


async def gathered(items: Iterable[Any], ask: Callable[[Any], Awaitable[T]]) -> list[T]:
    """What ``ask`` says to each, in order, at the same time. Raises the first :class:`~drivers.errors.DeviceError`."""
    asked = list(items)
    if len(asked) == 1:
        return [await ask(asked[0])]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_awaited(ask, item)) for item in asked]
    except* DeviceError as errors:
        raise _first(errors) from None
    return [task.result() for task in tasks]


async def _awaited(ask: Callable[[Any], Awaitable[T]], item: Any) -> T:
    return await ask(item)


def _first(errors: BaseExceptionGroup[DeviceError]) -> DeviceError:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            return _first(error)
        return error
    return Garbled("nothing was read")


def _expanding(root: Document) -> str:
    """The query that asks for members with their collection; an empty text where the service offers none."""
    offered = at(root, "ProtocolFeaturesSupported", "ExpandQuery")
    # '.' is all that is subordinate, and no links elsewhere; '*' would bring those as well.
    mark = "." if at(offered, "NoLinks") is True else "*" if at(offered, "ExpandAll") is True else ""
    if not mark:
        return ""
    return f"?$expand={mark}($levels=1)" if at(offered, "Levels") is True else f"?$expand={mark}"


def links_to(documents: Iterable[Document], *keys: str) -> set[str]:
    """Where links of several resources lead, as paths are compared."""
    return {same(path) for document in documents for path in references(document, *keys)}
