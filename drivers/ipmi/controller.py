"""What a controller is and has: firmware, its LAN, its event log, and what DCMI measures (IPMI v2.0; DCMI 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any, Final

from device_profiles.names import printable
from drivers.ipmi.messages import Commanded, NetFn, Request, ask, try_to_ask

DCMI: Final = 0xDC
_THIS_CHANNEL: Final = 0x0E
_ADDRESS, _SOURCE, _MAC, _MASK, _GATEWAY, _VLAN = 3, 4, 5, 6, 12, 20
_SOURCES: Final = {1: "static", 2: "dhcp", 3: "bios", 4: "other"}
_LONGEST_NAME: Final = 64
_A_PART: Final = 16


async def device_id(bmc: Commanded) -> Mapping[str, Any]:
    """What the controller itself is: firmware, version of IPMI, and the numbers of its maker and model."""
    data = await ask(bmc, Request(NetFn.APP, 0x01, doing="asking what it is"), least=11)
    return {
        "firmware": f"{data[2] & 0x7F}.{data[3]:02x}",
        "version": f"{data[4] & 0x0F}.{data[4] >> 4}",
        "manufacturer_id": int.from_bytes(data[6:9], "little") & 0xFFFFF,
        "product_id": int.from_bytes(data[9:11], "little"),
    }


async def guid(bmc: Commanded) -> bytes:
    """Its GUID; nothing where it has none."""
    return await try_to_ask(bmc, Request(NetFn.APP, 0x37, doing="asking for its GUID")) or b""


async def event_log(bmc: Commanded) -> Mapping[str, Any]:
    """How full its event log is; nothing where it has none."""
    data = await try_to_ask(bmc, Request(NetFn.STORAGE, 0x40, doing="asking for its event log"), least=14)
    if data is None:
        return {}
    free = int.from_bytes(data[3:5], "little")
    return {
        "entries": int.from_bytes(data[1:3], "little"),
        "free_bytes": None if free == 0xFFFF else free,  # "64 kB or more"
        "overflow": bool(data[13] & 0x80),
    }


async def lan(bmc: Commanded) -> Mapping[str, Any]:
    """Its own network settings, as far as it tells them: ``address``, ``netmask``, ``mac``, ``gateway``, ``vlan``."""
    found: dict[str, Any] = {}
    for name, number, size in (("address", _ADDRESS, 4), ("netmask", _MASK, 4), ("gateway", _GATEWAY, 4)):
        data = await _lan(bmc, number, size)
        if data and any(data):
            found[name] = str(IPv4Address(data[:4]))
    mac = await _lan(bmc, _MAC, 6)
    if mac and any(mac):
        found["mac"] = mac[:6].hex(":")
    source = await _lan(bmc, _SOURCE, 1)
    if source and source[0] & 0x0F in _SOURCES:
        found["source"] = _SOURCES[source[0] & 0x0F]
    vlan = await _lan(bmc, _VLAN, 2)
    if vlan and vlan[1] & 0x80:
        found["vlan"] = (vlan[1] & 0x0F) << 8 | vlan[0]
    return found


async def _lan(bmc: Commanded, number: int, size: int) -> bytes | None:
    """One parameter of the channel that we came by."""
    request = Request(NetFn.TRANSPORT, 0x02, bytes((_THIS_CHANNEL, number, 0, 0)), doing="asking for its LAN settings")
    data = await try_to_ask(bmc, request, least=1)
    return data[1:] if data is not None and len(data) > size else None


async def name(bmc: Commanded) -> str:
    """The name that an administrator gave it (DCMI); an empty text where there is none."""
    text = b""
    while len(text) < _LONGEST_NAME:
        doing = "asking for its name"
        request = Request(NetFn.GROUP, 0x09, bytes((DCMI, len(text), min(_A_PART, _LONGEST_NAME - len(text)))), doing)
        data = await try_to_ask(bmc, request, least=2)
        if data is None or data[0] != DCMI:
            break
        text += data[2:]
        if len(data) == 2 or len(text) >= data[1]:
            break
    return printable(text.split(b"\x00")[0].decode("latin-1").strip(), most=_LONGEST_NAME)


async def watts(bmc: Commanded) -> float | None:
    """What its machine draws now (DCMI); None where it does not measure."""
    request = Request(NetFn.GROUP, 0x02, bytes((DCMI, 1, 0, 0)), doing="asking for the power that is drawn")
    data = await try_to_ask(bmc, request, least=3)
    measuring = data is not None and data[0] == DCMI and (len(data) < 18 or data[17] & 0x40)
    return float(int.from_bytes(data[1:3], "little")) if measuring and data is not None else None
