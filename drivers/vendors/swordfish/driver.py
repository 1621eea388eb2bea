"""The driver: what is asked of the array, and when."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import orjson

from device_profiles.names import printable
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.contract import Connection, Want
from drivers.errors import Rejected, Unsupported
from drivers.redfish.commands import Writer, patch
from drivers.redfish.documents import at, own, reference, same, text
from drivers.redfish.service import Service
from drivers.rest.session import Document
from drivers.rest.tasks import finished
from drivers.storage.changes import ExportChange, VolumeChange
from drivers.storage.driver import Array
from drivers.storage.seen import Limits, Seen, System
from drivers.storage.steps import Commands
from drivers.vendors.swordfish.reading import named, seen_of
from drivers.vendors.swordfish.tree import Tree, read

_DONE_WITHIN_S: Final = 120.0
_SHAPES: Final = ("volumes", "volumes.size", "volumes.pool")


class Swordfish(Array):
    """A Swordfish service (see :class:`drivers.contract.Driver`). What could not be read: :attr:`unread`."""

    source: ClassVar[str] = "Swordfish"
    capabilities: ClassVar[frozenset[str]] = frozenset({*_SHAPES, "operation", "facts", "neighbours"})
    # What the pool has left is the service's to judge: volumes may be thin, and no property says so for all.
    limits = Limits(thin=True)

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._service = Service(connection, timeout_s=profile.command_timeout_s)
        self._writer = Writer(self._service, within_s=_DONE_WITHIN_S)
        self._tree = Tree()
        self._read = Seen()

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return self._service.unread

    async def read(self, want: Want) -> State:
        """All volumes, and then what of them is wanted. Exports are facts: nobody can declare them here."""
        return await super().read(want or _SHAPES)

    async def see(self) -> Seen:
        """Pools, volumes, and who is shown them; the same resources give the same reading."""
        tree = await read(self._service)
        new, known = tree.documents, self._tree.documents
        if len(new) != len(known) or any(one is not other for one, other in zip(new, known, strict=True)):
            self._tree, self._read = tree, seen_of(tree)
        return self._read

    async def system(self) -> System:
        """What the array is: by its chassis, else by its storage system."""
        if not self._tree.systems:
            await self.see()
        service = self._service.in_passing()
        root = await service.root()
        chassis: Document = next(iter(await service.collection(root, "Chassis")), {})
        manager: Document = next(iter(await service.collection(root, "Managers")), {})
        storage: Document = next(iter(self._tree.systems), {})
        told = [chassis, *_controllers(storage), storage]
        return System(
            hostname=text(storage, "Name"),
            manufacturer=_first(told, "Manufacturer"),
            product=_first(told, "Model"),
            serial=_first(told, "SerialNumber"),
            version=_first([manager, *told], "FirmwareVersion"),
        )

    @property
    def tongue(self) -> _Tongue:
        """In resources."""
        return _Tongue(self._tree)

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """Make volumes that are not there yet, and write properties."""
        for line in commands:
            match shlex.split(line):
                case ["make", collection, document] if collection.startswith("/"):
                    await self._make(collection, orjson.loads(document), doing=doing)
                case ["patch", _, _]:
                    await self._writer.run([line], doing=doing)
                case _:
                    raise Rejected(f"{doing}: '{printable(line, most=60)}' is no command that this driver made")

    async def _make(self, collection: str, document: dict[str, Any], *, doing: str) -> None:
        """A volume of that name that is there already is that volume, and is left as it is."""
        self._service.session.forget()
        if document["Name"] in named(await self._service.members(collection)):
            return
        response = await self._service.session.send("POST", collection, document, doing=doing)
        await finished(self._service.session, response, within_s=_DONE_WITHIN_S, doing=doing)
        self._service.session.forget()


class _Tongue:
    """How a service is told what is planned."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def volume(self, change: VolumeChange) -> Commands:
        """Make or grow one. The standard says nothing of shrinking, and removing is left to people."""
        if change.kind == "create":
            pool = named(self._tree.pools)[change.pool]
            document = {
                "Name": change.name,
                "CapacityBytes": change.size,
                "CapacitySources": [{"ProvidingPools": [{"@odata.id": own(pool)}]}],
            }
            return (shlex.join(("make", self._collection(pool), orjson.dumps(document).decode())),), ()
        volume = named(self._tree.volumes).get(change.name)
        if change.kind != "grow" or volume is None:
            raise Unsupported(f"{change.text}: is not done over Swordfish: do it on the array")
        if at(volume, "CapacityBytes") is not None:
            return (patch(own(volume), {"CapacityBytes": change.size}),), ()
        return (patch(own(volume), {"Capacity": {"Data": {"AllocatedBytes": change.size}}}),), ()

    def _collection(self, pool: Document) -> str:
        """Where the volumes of the system stand to which a pool belongs."""
        place = same(own(pool))
        for system in self._tree.systems:
            if place.startswith(same(own(system)) + "/") and reference(system, "Volumes"):
                return reference(system, "Volumes")
        raise Unsupported(f"the array has no collection of volumes beside its pool {text(pool, 'Id')}")

    def export(self, change: ExportChange) -> Commands:
        """Never: exports are not declared here."""
        raise Unsupported(f"{change.text}: who is shown a volume is only read over Swordfish")


def _controllers(storage: Document) -> list[Document]:
    found = at(storage, "StorageControllers")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _first(documents: Sequence[Document], name: str) -> str:
    return next((found for each in documents if (found := text(each, name))), "")
