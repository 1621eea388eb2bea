"""NAPALM's drivers over a bridge in place of the sockets that they would open. Runs in a thread.

NAPALM reaches IOS, NX-OS (``nxos_ssh``), EOS (its ``ssh`` transport) and IOS XR (the XML agent behind the command line)
by netmiko, and Junos by ncclient. Where a driver would make one of these, it gets ours: netmiko's class over the bridge
(:mod:`drivers.libraries.netmiko_line`), or ncclient's session over the bridge's NETCONF.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Callable
from typing import Any, Final

from napalm import get_network_driver

from device_profiles.names import printable
from drivers.credentials import Login
from drivers.errors import Rejected, Unsupported
from drivers.libraries.bridge import Bridge
from drivers.libraries.netmiko_line import connection

_EAPI_LOG: Final = logging.getLogger("pyeapi.utils")
for _handler in tuple(_EAPI_LOG.handlers):  # importing pyeapi opens a socket to syslog; nothing is logged there by us
    _EAPI_LOG.removeHandler(_handler)
    _handler.close()

_HOST: Final = "device"
_MINUTE_S: Final = 60
"""Junos counts in minutes."""
_SESSION: Final = "pointsman-"
"""How the names of our configuration sessions on EOS begin."""
_NEVER_S: Final = 3600
"""NAPALM's own deadlines are out of the way: ours closes the stream."""


class NapalmDevice:
    """An open driver of NAPALM that is asked."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def ask(self, getter: str) -> Any:
        """What a getter tells. Raises what NAPALM raises."""
        return getattr(self._device, getter)()

    def change(self, text: str, *, within_s: float | None) -> None:
        """Merge lines into a candidate and commit it. Raises what NAPALM raises, and ``Rejected``."""
        device = self._device
        self._refusals.clear()
        self._take_session()
        device.load_merge_candidate(config=text)
        if not device.compare_config():
            device.discard_config()
            return
        device.commit_config(revert_in=None if within_s is None else _MINUTE_S * math.ceil(within_s / _MINUTE_S))
        if self._refusals:
            raise Rejected(f"the device refuses the commit: {printable(self._refusals[0], most=160)}")
        if within_s is not None and not device.has_pending_commit():
            raise Rejected("the device did not begin to wait for the change to be confirmed")

    def confirm(self) -> None:
        """Keep the change that waits. Raises ``Rejected`` where none does."""
        if not self._waits():
            raise Rejected("no commit waits to be confirmed: the device has taken the change back, or has kept it")
        self._device.confirm_commit()

    def revert(self) -> None:
        """Take the change back that waits; nothing happens where none does."""
        if self._waits():
            self._device.rollback()

    def _take_session(self) -> None:
        """A configuration session of our own name, where there are such (EOS); what we left behind once goes first."""
        device = self._device
        if not hasattr(device, "config_session"):
            return
        found = device._run_commands(["show configuration sessions"])[0].get("sessions", {})
        for name, told in found.items():
            if name.startswith(_SESSION) and told.get("state") == "pending":
                device._run_commands([f"configure session {name} abort"], encoding="text")
        device.config_session = f"{_SESSION}{secrets.token_hex(4)}"

    def _waits(self) -> bool:
        """Whether a change of ours waits. After a new login NAPALM no longer knows by which name it was made (EOS)."""
        device = self._device
        if getattr(device, "config_session", "") is None:
            ours = (name for name in device._get_pending_commits() if name.startswith(_SESSION))
            device.config_session = next(ours, None)
        return bool(device.has_pending_commit())

    @property
    def _refusals(self) -> list[str]:
        line = getattr(self._device, "_netmiko_device", None)
        return line.refusals if line is not None else []


def opened(name: str, bridge: Bridge, login: Login) -> NapalmDevice:
    """NAPALM's driver ``name``, open over ``bridge``. Raises what it raises, and ``Unsupported``."""
    make = _MAKERS.get(name)
    if make is None:
        raise Unsupported(f"NAPALM's driver {name} cannot work over our connections: use one of {', '.join(_MAKERS)}")
    made = make(name, bridge, login)
    made.open()
    return NapalmDevice(made)


def _arguments(login: Login) -> tuple[str, str, str]:
    return _HOST, login.user, login.texts[0] if login.texts else ""


def _over_netmiko(name: str, bridge: Bridge, login: Login, **options: Any) -> Any:
    base: Any = get_network_driver(name)

    class Bridged(base):  # type: ignore[misc]  # which driver it is, is data
        def _netmiko_open(self, device_type: str, netmiko_optional_args: dict[str, Any] | None = None) -> Any:
            """In place of dialling."""
            del netmiko_optional_args
            self._netmiko_device = connection(device_type, bridge, login)
            return self._netmiko_device

    return Bridged(*_arguments(login), timeout=_NEVER_S, optional_args=dict(options))


def _eos(name: str, bridge: Bridge, login: Login) -> Any:
    return _over_netmiko(name, bridge, login, transport="ssh")


def _iosxr(name: str, bridge: Bridge, login: Login) -> Any:
    from napalm.pyIOSXR import IOSXR  # noqa: PLC0415 -- only for this driver

    class BridgedAgent(IOSXR):  # type: ignore[misc]  # untyped
        def open(self) -> None:
            """In place of dialling; then into the XML agent, as ever."""
            self.device = connection("cisco_xr", bridge, login)
            self._xml_agent_alive = True
            self._cli_prompt = self.device.find_prompt()
            self._enter_xml_mode()

    made: Any = get_network_driver(name)(*_arguments(login), timeout=_NEVER_S, optional_args={"config_lock": False})
    made.device = BridgedAgent(*_arguments(login), timeout=_NEVER_S, lock=False)
    return made


_JUNOS: Final = {"ignore_warning": "statement not found"}
"""What is to go may be gone."""


def _junos(name: str, bridge: Bridge, login: Login) -> Any:
    from drivers.libraries.netconf_session import junos_device  # noqa: PLC0415 -- only for this driver

    made: Any = get_network_driver(name)(*_arguments(login), timeout=_NEVER_S, optional_args=_JUNOS)
    made.device = junos_device(bridge, host=_HOST, user=login.user)
    return made


_MAKERS: Final[dict[str, Callable[[str, Bridge, Login], Any]]] = {
    "eos": _eos,
    "ios": _over_netmiko,
    "iosxr": _iosxr,
    "junos": _junos,
    "nxos_ssh": _over_netmiko,
}
