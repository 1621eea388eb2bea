"""What a port does with VLANs, in the words of the schema.

A port of one VLAN without a tag, and nothing else, is an access port. What carries tagged VLANs is a trunk, whose
native VLAN is the one without a tag. Where frames without a tag come in on another VLAN than they go out, or go out on
several, the port is ``other``, in the device's own words: no declaration could say that.
"""

from __future__ import annotations

from device_profiles.state import NativeVlan, Port
from drivers.vendors.snmp_bridge.members import Membership


def switching(port: int, known: Membership) -> Port:
    """Mode and VLANs of a port, by ifIndex; all absent where nothing tells."""
    tagged, untagged = known.tagged.get(port, set()), known.untagged.get(port, set())
    pvid = known.pvid.get(port)
    if port in known.dynamic:
        return Port(mode="other", native=f"untagged {pvid}; {known.dynamic[port]}")
    if not (tagged or untagged or port in known.trunks):
        return _nothing(pvid, known)
    if len(untagged) > 1 or (untagged and pvid is not None and pvid not in untagged):
        return Port(mode="other", native=_words(tagged, untagged, pvid))
    own = next(iter(untagged), None)
    if not tagged and own is not None and port not in known.trunks:
        return Port(mode="access", access_vlan=own)
    return _trunk(port, known, native=own if own is not None else "none")


def _trunk(port: int, known: Membership, *, native: NativeVlan) -> Port:
    if port in known.untold:
        return Port(mode="trunk", native_vlan=native)
    if port in known.everything:
        return Port(mode="trunk", native_vlan=native, trunk_vlans="all")
    return Port(mode="trunk", native_vlan=native, trunk_vlans=tuple(sorted(known.tagged.get(port, ()))))


def _nothing(pvid: int | None, known: Membership) -> Port:
    """A port that nobody put into a VLAN: one that carries nothing, where the device tells at all who carries what."""
    if pvid is None or not (known.tagged or known.untagged):
        return Port()
    return Port(mode="trunk", native_vlan="none", trunk_vlans=())


def _words(tagged: set[int], untagged: set[int], pvid: int | None) -> str:
    parts = [f"untagged {_list(untagged)}"] if untagged else []
    parts += [f"tagged {_list(tagged)}"] if tagged else []
    return "; ".join((*parts, f"pvid {pvid}"))[:500]


def _list(vlans: set[int]) -> str:
    return ",".join(map(str, sorted(vlans)))
