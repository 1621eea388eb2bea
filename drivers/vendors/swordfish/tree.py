"""All resources that a reading is made of, and only those: what is unchanged is the same object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from drivers.errors import Garbled
from drivers.redfish.documents import at, objects, own, reference, references, same
from drivers.redfish.service import Service, gathered
from drivers.rest.session import Document

_SYSTEMS = ("Storage", "StorageServices", "StorageSystems")
_DEPTH = 5
_INITIATORS = ("InitiatorEndpoints", "InitiatorEndpointGroups", "ClientEndpointGroups")


@dataclass(slots=True)
class Tree:
    """What was read. ``linked`` are resources by their path, as paths are compared; ``home`` the pool of a volume."""

    systems: tuple[Document, ...] = ()
    pools: list[Document] = field(default_factory=list)
    volumes: list[Document] = field(default_factory=list)
    groups: list[Document] = field(default_factory=list)
    connections: list[Document] = field(default_factory=list)
    linked: dict[str, Document] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of it, so that the same reading is known."""
        told = (self.systems, self.pools, self.volumes, self.groups, self.connections, self.linked.values())
        return tuple(document for part in told for document in part)


async def read(service: Service) -> Tree:
    """Everything. Raises ``Garbled`` where the service has no storage of its own."""
    root = await service.root()
    systems = [each for name in _SYSTEMS for each in await service.collection(root, name)]
    if not systems:
        raise Garbled("the service has neither Storage nor StorageServices: it is none of an array")
    tree = Tree(systems=tuple(systems))
    for system in systems:
        tree.pools += await service.collection(system, "StoragePools")
        tree.volumes += await service.collection(system, "Volumes")
        tree.groups += await service.collection(system, "StorageGroups")
        tree.connections += await service.collection(system, "Connections")
    for fabric in await service.collection(root, "Fabrics"):
        tree.connections += await service.collection(fabric, "Connections")
    await _allocated(service, tree)
    await _sources(service, tree)
    await _endpoints(service, tree)
    return tree


async def _allocated(service: Service, tree: Tree) -> None:
    """Volumes that only their pool knows, and the pool of each."""
    known = {same(own(each)) for each in tree.volumes}
    found = await gathered(tree.pools, lambda pool: service.collection(pool, "AllocatedVolumes"))
    for pool, volumes in zip(tree.pools, found, strict=True):
        for volume in volumes:
            path = same(own(volume))
            tree.home[path] = same(own(pool))
            if path not in known:
                known.add(path)
                tree.volumes.append(volume)


async def _sources(service: Service, tree: Tree) -> None:
    """The pool of each volume by its capacity sources: these stand in it, or are resources of their own, and so are
    the lists of pools in them.
    """
    loose = [volume for volume in tree.volumes if same(own(volume)) not in tree.home]
    found = await service.all_of(path for volume in loose for path in _bare(volume))
    tree.linked |= found
    lists = [each for each in found.values() if reference(each, "ProvidingPools")]
    tree.linked |= await service.all_of(reference(each, "ProvidingPools") for each in lists)
    for volume in loose:
        if pool := next(_providing(volume, tree), ""):
            tree.home[same(own(volume))] = pool


def _bare(volume: Document) -> Iterator[str]:
    """Capacity sources of which only the link is here."""
    for source in objects(volume, "CapacitySources"):
        if len(source) == 1 and own(source):
            yield own(source)


def _providing(volume: Document, tree: Tree) -> Iterator[str]:
    pools = {same(own(pool)) for pool in tree.pools}
    for source in objects(volume, "CapacitySources"):
        whole = tree.linked.get(same(own(source)), source)
        for path in references(whole, "ProvidingPools"):
            within = references(tree.linked.get(same(path)), "Members")
            yield from (same(each) for each in (path, *within) if same(each) in pools)


async def _endpoints(service: Service, tree: Tree) -> None:
    """Who is let in: endpoints, groups of them, and collections of either."""
    holders = [part for each in (*tree.groups, *tree.connections) for part in (each, at(each, "Links"))]
    waiting = {path for each in holders for name in _INITIATORS for path in references(each, name)}
    for _ in range(_DEPTH):
        found = await service.all_of(waiting)
        tree.linked |= found
        waiting = {path for each in found.values() for path in endpoints_in(each) if same(path) not in tree.linked}


def endpoints_in(group: Document) -> Iterator[str]:
    """Where the members of a group of endpoints stand."""
    for way in (("Endpoints",), ("Links", "Endpoints"), ("Members",)):
        yield from references(group, *way)


def initiators_of(holder: Document, tree: Tree) -> Iterable[Document]:
    """The endpoints that a storage group or a connection lets in, each once."""
    waiting = [
        path for part in (holder, at(holder, "Links")) for name in _INITIATORS for path in references(part, name)
    ]
    seen: set[str] = set()
    while waiting:
        path = same(waiting.pop())
        document = tree.linked.get(path)
        if document is None or path in seen:
            continue
        seen.add(path)
        waiting += endpoints_in(document)
        if at(document, "Identifiers") is not None:
            yield document
