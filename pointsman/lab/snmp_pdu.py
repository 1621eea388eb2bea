"""The SNMP PDU as a process of its own: SNMP v1, v2c and v3 in front of the tables of `outlets`.

    python -m pointsman.lab.snmp_pdu --name pdu2 --address 10.8.0.52 --folder DIR --events FIFO

Every accepted SET adds a line to `writes.commands` in its folder (one per request, whether or not it changed anything)
and every change of an outlet a line "on 3" or "off 3" to the events, from which the power keeper knows what to switch.
Communities: `public` reads, `private` also writes; the v3 user is the lab's (SHA, AES).
"""

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi import error, instrum

from drivers.transports._snmp_engines import new_engine
from pointsman.lab import layout
from pointsman.lab.commands import counter_file
from pointsman.lab.outlets import Command, NotWritable, Oid, Outlet, Tables, Ticks, Value, WrongValue

OUTLETS = 8
DELAY_S = 1.0
"""How long a delayed command waits, and how long a rebooting outlet stays off."""
_ENGINE_ID = "80000000013850445532"
_EVERYTHING: Oid = (1, 3, 6)
_NOTHING: Oid = (1, 3, 6, 1, 4, 1, 318, 0)
"""A subtree without cells. pysnmp 7.1 lets everybody write where a view is not defined at all."""


class Switcher:
    """Carries out outlet commands: at once or after the delay, which a newer command for the outlet cancels."""

    def __init__(self, loop: asyncio.AbstractEventLoop, events: Path) -> None:
        self._loop = loop
        self._events = os.open(events, os.O_WRONLY | os.O_CLOEXEC)
        self._later: dict[int, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Forget what waits, and close the events."""
        for timer in self._later.values():
            timer.cancel()
        os.close(self._events)

    def act(self, outlet: Outlet, command: Command) -> None:
        """Carry out one command."""
        if timer := self._later.pop(outlet.number, None):
            timer.cancel()
            outlet.pending = False
        match command:
            case Command.ON | Command.OFF:
                self._switch(outlet, on=command is Command.ON)
            case Command.REBOOT:
                self._switch(outlet, on=False)
                self._after_delay(outlet, Command.ON)
            case Command.ON_LATER:
                self._after_delay(outlet, Command.ON)
            case Command.OFF_LATER:
                self._after_delay(outlet, Command.OFF)
            case Command.REBOOT_LATER:
                self._after_delay(outlet, Command.REBOOT)
            case Command.CANCEL:
                pass

    def _after_delay(self, outlet: Outlet, command: Command) -> None:
        outlet.pending = True
        self._later[outlet.number] = self._loop.call_later(DELAY_S, self.act, outlet, command)

    def _switch(self, outlet: Outlet, *, on: bool) -> None:
        outlet.on = on
        os.write(self._events, f"{'on' if on else 'off'} {outlet.number}\n".encode())


class Instrument(instrum.AbstractMibInstrumController):  # type: ignore[misc]
    """The tables, as pysnmp asks for them."""

    def __init__(self, tables: Tables, folder: Path) -> None:
        self._tables = tables
        self._writes = counter_file(folder)

    def read_variables(self, *varBinds: Any, **request: Any) -> list[Any]:  # noqa: N803 - pysnmp's name
        """Answer a GET."""
        found = []
        for place, (name, value) in enumerate(varBinds):
            hidden = request["acFun"]("read", (name, value), idx=place, **request)
            cell = None if hidden else self._tables.get(tuple(name))
            found.append((name, rfc1905.noSuchObject if cell is None else _to_snmp(cell)))
        return found

    def read_next_variables(self, *varBinds: Any, **request: Any) -> list[Any]:  # noqa: N803 - pysnmp's name
        """Answer a GETNEXT, or one row of a GETBULK."""
        found = []
        for place, (name, value) in enumerate(varBinds):
            request["acFun"]("read", (name, value), idx=place, **request)
            oid = self._tables.after(tuple(name))
            cell = None if oid is None else self._tables.get(oid)
            if oid is None or cell is None:
                found.append((name, rfc1905.endOfMibView))
            else:
                found.append((rfc1902.ObjectName(oid), _to_snmp(cell)))
        return found

    def write_variables(self, *varBinds: Any, **request: Any) -> list[Any]:  # noqa: N803 - pysnmp's name
        """Carry out a SET."""
        for place, (name, value) in enumerate(varBinds):
            if request["acFun"]("write", (name, value), idx=place, **request):
                raise error.NoAccessError(name=name, idx=place)
            try:
                self._tables.set(tuple(name), _from_snmp(value))
            except NotWritable:
                raise error.NotWritableError(name=name, idx=place) from None
            except WrongValue:
                raise error.WrongValueError(name=name, idx=place) from None
        with self._writes.open("a") as counted:
            counted.write("set " + " ".join(f"{name}={value.prettyPrint()}" for name, value in varBinds) + "\n")
        return list(varBinds)


def _to_snmp(value: Value | Ticks) -> Any:
    match value:
        case Ticks():
            return rfc1902.TimeTicks(value.hundredths)
        case int():
            return rfc1902.Integer32(value)
        case str():
            return rfc1902.OctetString(value)
        case _:
            return rfc1902.ObjectIdentifier(value)


def _from_snmp(value: Any) -> int | str:
    if isinstance(value, rfc1902.Integer32):
        return int(value)
    try:
        return bytes(value).decode("ascii")
    except (TypeError, UnicodeDecodeError):
        raise WrongValue from None


def make_engine(address: tuple[str, int], instrument: Instrument) -> engine.SnmpEngine:
    """An SNMP engine that listens at the address and answers from the instrument; needs a running loop."""
    made = new_engine(_ENGINE_ID)
    config.add_transport(made, udp.DOMAIN_NAME, udp.UdpTransport().open_server_mode(address))
    for community in ("public", "private"):
        config.add_v1_system(made, community, community)
        for model in (1, 2):
            writable = _EVERYTHING if community == "private" else _NOTHING
            config.add_vacm_user(made, model, community, "noAuthNoPriv", _EVERYTHING, writable)
    config.add_v3_user(
        made,
        layout.SNMP_USER,
        config.USM_AUTH_HMAC96_SHA,
        layout.SNMP_AUTH_KEY,
        config.USM_PRIV_CFB128_AES,
        layout.SNMP_PRIV_KEY,
    )
    config.add_vacm_user(made, 3, layout.SNMP_USER, "authPriv", _EVERYTHING, _EVERYTHING)
    answering = context.SnmpContext(made)
    answering.unregister_context_name(b"")
    answering.register_context_name(b"", instrument)
    for responder in (
        cmdrsp.GetCommandResponder,
        cmdrsp.NextCommandResponder,
        cmdrsp.BulkCommandResponder,
        cmdrsp.SetCommandResponder,
    ):
        responder(made, answering)
    return made


async def _serve(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    switcher = Switcher(asyncio.get_running_loop(), arguments.events)
    tables = Tables(
        name=arguments.name,
        serial="LAB0000052",
        outlets=[Outlet(number, f"Outlet {number}") for number in range(1, OUTLETS + 1)],
        act=switcher.act,
        uptime=lambda: int((time.monotonic() - began) * 100),
    )
    make_engine((arguments.address, 161), Instrument(tables, arguments.folder))
    await asyncio.Event().wait()


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser(description="an SNMP PDU for the lab")
    parser.add_argument("--name", required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--events", required=True, type=Path)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
