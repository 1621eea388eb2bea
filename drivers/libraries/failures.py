"""What libraries raise, as our errors: the one seam that no foreign exception passes.

Libraries are recognised by the names of their classes, so that none is imported to tell that it is not the one that
failed. What they say is not repeated: netmiko puts the device's last output into a timeout, and that may be a
configuration with secrets in it. Only where a device refused a configuration is its first line shown, since we sent
that; what we logged in with is taken out of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Final

from device_profiles.names import printable
from drivers.errors import AuthFailed, Busy, DeviceError, Garbled, Rejected, Unreachable, Unsupported, WrongDevice
from drivers.libraries.bridge import Bridge, BridgeClosed

_HIDDEN: Final = "***"
_OURS: Final[dict[str, type[DeviceError]]] = {
    "netmiko.exceptions.NetmikoAuthenticationException": AuthFailed,
    "netmiko.exceptions.NetmikoTimeoutException": Unreachable,
    "netmiko.exceptions.ReadTimeout": Unreachable,
    "netmiko.exceptions.ReadException": Unreachable,
    "netmiko.exceptions.WriteException": Unreachable,
    "netmiko.exceptions.ConfigInvalidException": Rejected,
    "netmiko.exceptions.NetmikoBaseException": Garbled,
    "napalm.base.exceptions.ConnectAuthError": AuthFailed,
    "napalm.base.exceptions.ConnectionException": Unreachable,
    "napalm.base.exceptions.ConnectTimeoutError": Unreachable,
    "napalm.base.exceptions.ConnectionClosedException": Unreachable,
    "napalm.base.exceptions.CommandTimeoutException": Unreachable,
    "napalm.base.exceptions.LockError": Busy,
    "napalm.base.exceptions.UnlockError": Busy,
    "napalm.base.exceptions.SessionLockedException": Busy,
    "napalm.base.exceptions.MergeConfigException": Rejected,
    "napalm.base.exceptions.ReplaceConfigException": Rejected,
    "napalm.base.exceptions.CommitError": Rejected,
    "napalm.base.exceptions.CommitConfirmException": Rejected,
    "napalm.base.exceptions.CommandErrorException": Rejected,
    "napalm.base.exceptions.UnsupportedVersion": Unsupported,
    "napalm.base.exceptions.NapalmException": Garbled,
    "napalm.pyIOSXR.exceptions.ConnectError": Unreachable,
    "napalm.pyIOSXR.exceptions.TimeoutError": Unreachable,
    "napalm.pyIOSXR.exceptions.LockError": Busy,
    "napalm.pyIOSXR.exceptions.UnlockError": Busy,
    "napalm.pyIOSXR.exceptions.InvalidInputError": Rejected,
    "napalm.pyIOSXR.exceptions.CommitError": Rejected,
    "napalm.pyIOSXR.exceptions.XMLCLIError": Garbled,
    "napalm.pyIOSXR.exceptions.IteratorIDError": Garbled,
    "napalm.nxapi_plumbing.errors.NXAPIAuthError": AuthFailed,
    "napalm.nxapi_plumbing.errors.NXAPIConnectionError": Unreachable,
    "napalm.nxapi_plumbing.errors.NXAPICommandError": Rejected,
    "napalm.nxapi_plumbing.errors.NXAPIError": Garbled,
    "pyeapi.eapilib.CommandError": Rejected,
    "pyeapi.eapilib.ConnectionError": Unreachable,
    "pyeapi.eapilib.EapiError": Garbled,
    "jnpr.junos.exception.ConnectAuthError": AuthFailed,
    "jnpr.junos.exception.ConnectError": Unreachable,
    "jnpr.junos.exception.RpcTimeoutError": Unreachable,
    "jnpr.junos.exception.LockError": Busy,
    "jnpr.junos.exception.ConfigLoadError": Rejected,
    "jnpr.junos.exception.CommitError": Rejected,
    "jnpr.junos.exception.RpcError": Garbled,
    "ncclient.transport.errors.AuthenticationError": AuthFailed,
    "ncclient.transport.errors.TransportError": Unreachable,
    "ncclient.operations.errors.TimeoutExpiredError": Unreachable,
    "ncclient.operations.rpc.RPCError": Rejected,
    "ncclient.NCClientError": Garbled,
    "paramiko.ssh_exception.BadHostKeyException": WrongDevice,
    "paramiko.ssh_exception.AuthenticationException": AuthFailed,
    "paramiko.ssh_exception.SSHException": Unreachable,
    "requests.exceptions.RequestException": Unreachable,
    "lxml.etree.LxmlError": Garbled,
    "builtins.EOFError": Unreachable,
    "builtins.OSError": Unreachable,
    "builtins.NotImplementedError": Unsupported,
}
_SENTENCES: Final[dict[type[DeviceError], str]] = {
    AuthFailed: "the device refuses the login: check the user in access, and credentials",
    WrongDevice: "the device shows a host key that is not the pinned one",
    Unreachable: "the device did not answer {doing} as {library} waits for it",
    Busy: "somebody else configures the device, and is waited for",
    Rejected: "the device refuses {doing}: {line}",
    Unsupported: "{library} cannot do {doing} on this device",
    Garbled: "{library} could not read what the device answered to {doing} ({name}): nothing was concluded from it",
}


@contextlib.contextmanager
def mapped(library: str, *, doing: str, bridge: Bridge | None = None, secrets: Collection[str] = ()) -> Iterator[None]:
    """Turn what a library raises into our errors; what went wrong with ``bridge`` before that is the reason."""
    try:
        yield
    except DeviceError:
        raise
    except Exception as error:  # noqa: BLE001 -- a library may raise anything, and nothing foreign passes here
        if bridge is not None:
            bridge.check()
        raise failure(error, library=library, doing=doing, secrets=secrets) from None
    if bridge is not None:
        bridge.check()


def failure(error: Exception, *, library: str, doing: str, secrets: Collection[str] = ()) -> DeviceError:
    """Our error for what a library raised."""
    if isinstance(error, BridgeClosed):
        return Unreachable("the device ended the session")
    kind = next((found for name in _names(error) if (found := _OURS.get(name)) is not None), Garbled)
    line = printable(next(iter(str(error).strip().splitlines()), type(error).__name__), most=160)
    for secret in secrets:
        line = line.replace(secret, _HIDDEN)
    return kind(_SENTENCES[kind].format(library=library, doing=doing, line=line, name=type(error).__name__))


def _names(error: Exception) -> Iterator[str]:
    return (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
