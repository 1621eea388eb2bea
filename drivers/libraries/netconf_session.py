"""ncclient's NETCONF session over a bridge, and PyEZ's device over that. Runs in threads.

ncclient hands each reply to whoever waits for it from a thread of its own; that thread waits on the bridge, and ends
when the bridge is closed. What is sent goes out at once in the caller's thread.
"""

from __future__ import annotations

from typing import Any, Final

from jnpr.junos import Device, jxml
from jnpr.junos.device import DeviceSessionListener
from ncclient.manager import Manager, make_device_handler
from ncclient.transport.errors import SessionCloseError
from ncclient.transport.session import END_DELIM, MSG_DELIM, NetconfBase
from ncclient.transport.unixSocket import UnixSocketSession

from drivers.libraries.bridge import Bridge, BridgeClosed
from drivers.libraries.netmiko_line import BridgeRemote

_LONG_S: Final = 3600.0
_PARAMETERS: Final = {"name": "junos", "local": False, "use_filter": False}


class BridgeSession(UnixSocketSession):  # type: ignore[misc]  # untyped
    """A NETCONF session (RFC 6242 framing) whose bytes go over a bridge."""

    def __init__(self, handler: Any, bridge: Bridge) -> None:
        super().__init__(handler)
        self.daemon = True
        self._bridge = bridge
        self.transport = BridgeRemote(bridge)

    def connect(self) -> None:
        """Exchange hellos."""
        self._connected = True
        self._post_connect(timeout=_LONG_S)

    def send(self, message: str) -> None:
        """Send a message, framed as both sides agreed."""
        data = message.encode()
        if self._base == NetconfBase.BASE_11:
            self._bridge.send(b"\n#%i\n%s%s" % (len(data), data, END_DELIM))
        else:
            self._bridge.send(data + MSG_DELIM)

    def run(self) -> None:
        """Hand out what comes, until nothing more can come."""
        try:
            while not self._closing.is_set():
                if self._bridge.wait(_LONG_S):
                    self.parser.parse(self._bridge.take())
        except BridgeClosed:
            self._dispatch_error(SessionCloseError("the stream was closed"))
        except Exception as error:  # noqa: BLE001 -- whoever waits for a reply must be told, whatever it is
            self._dispatch_error(error)
        self.close()

    def close(self) -> None:
        """The stream is closed by who opened it."""
        self._closing.set()
        self._connected = False


class BridgedDevice(Device):  # type: ignore[misc]  # untyped
    """PyEZ's device, which dials nobody."""

    bridge: Bridge

    def open(self, *arguments: Any, **options: Any) -> Any:
        """In place of dialling: a session over the bridge, and what PyEZ sets up behind it."""
        del arguments, options
        handler = make_device_handler(_PARAMETERS)
        session = BridgeSession(handler, self.bridge)
        session.connect()
        self._conn = Manager(session, handler, timeout=_LONG_S)
        session.add_listener(DeviceSessionListener(self))
        self.connected = True
        self._nc_transform = self.transform
        self._norm_transform = lambda: jxml.normalize_xslt.encode("UTF-8")
        return self


def junos_device(bridge: Bridge, *, host: str, user: str) -> Any:
    """PyEZ's device over ``bridge``, not open yet. It gathers nothing by itself."""
    made = BridgedDevice(host, user=user, password="", gather_facts=False)
    made.bridge = bridge
    return made
