"""SSH: one connection per device, one channel without a terminal per byte stream.

Nothing of the user's own SSH set-up is used: no agent, no configuration file, no known_hosts. Who a device is, is the
fingerprint of its host key; it is looked at while keys are exchanged, before the user's name or any secret is sent.

Every exception of asyncssh and of the operating system ends here, as one of :mod:`drivers.errors`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

import asyncssh

from device_profiles.names import printable
from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential, Login
from drivers.errors import AuthFailed, Garbled, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.transports._channels import Channel, without_packet_log

# Fast ones first, and no compression: a held session is mostly small answers. The older ones are for older devices.
_KEX: Final = (
    *("curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384"),
    *("diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group14-sha1"),
)
_CIPHERS: Final = (
    *("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"),
    *("aes128-ctr", "aes256-ctr"),
)
_MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1")
# A fixed order: which of a device's keys we are shown, and so its identity, must not change from day to day.
_HOST_KEYS: Final = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"),
)

_MSG_IGNORE: Final = 2
_TOO_MANY_TRIES: Final = "too many authentication failures"
_KEEPALIVE_S: Final = 20.0
_KEEPALIVES_MISSED: Final = 3


class Client(asyncssh.SSHClient):
    """What asyncssh asks us while it connects: whether this is the right device."""

    def __init__(self, pin: str | None) -> None:
        self.pin = pin
        self.fingerprint = ""

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Keep the connection from what nobody needs."""
        without_empty_packets(conn)
        without_packet_log(conn)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Compare with the pin; called during the key exchange, before authentication."""
        del host, addr, port
        self.fingerprint = key.get_fingerprint()
        return self.matches

    @property
    def matches(self) -> bool:
        """Whether the device showed the key that was expected of it."""
        return self.pin is None or self.pin == self.fingerprint


def without_empty_packets(conn: asyncssh.SSHClientConnection | asyncssh.SSHServerConnection) -> None:
    """Spare a connection the empty packet that asyncssh sends before every packet, and OpenSSH does not.

    It hides how CBC chains its blocks (RFC 4251, section 9.3.1), and no cipher of that mode is offered here.
    """
    conn.send_packet = functools.partial(_send_packet, conn.send_packet)  # type: ignore[method-assign]


def _send_packet(send: Callable[..., None], kind: int, *parts: bytes, **options: Any) -> None:
    if kind != _MSG_IGNORE:
        send(kind, *parts, **options)


class Connection:
    """An open SSH connection (see :class:`drivers.contract.Connection`)."""

    __slots__ = ("_connection", "_name", "identity", "login")

    def __init__(self, connection: asyncssh.SSHClientConnection, *, identity: str, name: str, login: Login) -> None:
        self._connection = connection
        self._name = name
        self.identity = identity
        self.login = login

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.is_closed()

    async def stream(self, command: str) -> ByteStream:
        """A channel without a terminal that runs ``command``; an empty text: the login shell, on a terminal."""
        # A CLI shows prompts only on a terminal. Wide and high, where the device minds it: nothing is wrapped or paged.
        terminal: dict[str, Any] = {} if command else {"term_type": "vt100", "term_size": (511, 1000)}
        with _mapped(self._name):
            channel = Channel()
            await self._connection.create_session(lambda: channel, command or None, encoding=None, **terminal)
        return channel

    async def subsystem(self, name: str) -> ByteStream:
        """A channel to a subsystem of the device (``netconf``)."""
        with _mapped(self._name):
            channel = Channel()
            await self._connection.create_session(lambda: channel, subsystem=name, encoding=None)
        return channel

    async def close(self) -> None:
        """Close at once: what a hung device has not taken by now it does not get."""
        self._connection.abort()
        await self._connection.wait_closed()


async def connect(
    access: Access,
    *,
    credential: Credential | None,
    pin: str | None,
    timeout_s: float,
    sock: socket.socket | None = None,
) -> Connection:
    """Connect and log in. ``sock`` is a connected socket to use in place of dialling ``access``; it is ours then.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    client = Client(pin)
    options: dict[str, Any] = {**_secret(credential), "username": access.user or "root", "options": _options()}
    name = str(access)
    try:
        with _mapped(name, client=client, timeout_s=timeout_s):
            async with asyncio.timeout(timeout_s):
                # A cancelled connect aborts its transport, which closes the socket (asyncssh's _connect).
                found = await asyncssh.connect(
                    access.host if sock is None else "",
                    access.port if sock is None else (),
                    sock=sock,
                    config=None,
                    client_factory=lambda: client,
                    **options,
                )
    except BaseException:
        if sock is not None:
            sock.close()
        raise
    login = Login(user=access.user, secret=credential)
    return Connection(found, identity=client.fingerprint, name=name, login=login)


@functools.cache
def _options() -> asyncssh.SSHClientConnectionOptions:
    """What all connections have in common, worked out once."""
    return asyncssh.SSHClientConnectionOptions(
        config=None,
        known_hosts=([], [], []),  # nobody is known: so the client is asked about every key
        agent_path=None,
        agent_forwarding=False,
        client_keys=None,
        client_host_keys=None,
        gss_host=None,
        gss_kex=False,
        gss_auth=False,
        host_based_auth=False,
        x509_trusted_certs=None,
        kex_algs=_KEX,
        encryption_algs=_CIPHERS,
        mac_algs=_MACS,
        compression_algs=None,
        server_host_key_algs=_HOST_KEYS,
        keepalive_interval=_KEEPALIVE_S,
        keepalive_count_max=_KEEPALIVES_MISSED,
        login_timeout=0,
        send_env=(),
    )


def _secret(credential: Credential | None) -> dict[str, Any]:
    if credential is None:
        return {}
    if not credential.is_private_key:
        return {"password": credential.password}
    try:
        return {"client_keys": [asyncssh.import_private_key(credential.text)]}
    except (asyncssh.KeyImportError, ValueError):
        raise SecretRefused(f"{credential.name} is no private key that can be read: it may be encrypted") from None


def public_key(credential: Credential) -> tuple[str, bytes]:
    """The kind (``ssh-rsa``) and the public part, as SSH carries it, of a private key. Raises ``SecretRefused``."""
    for key in _secret(credential).get("client_keys", ()):
        return key.get_algorithm(), key.public_data
    raise SecretRefused(f"{credential.name} is no private key")


@contextlib.contextmanager
def _mapped(name: str, *, client: Client | None = None, timeout_s: float = 0.0) -> Iterator[None]:
    """Turn what asyncssh and the system raise into our errors; ``name`` says which device."""
    try:
        yield
    except asyncssh.HostKeyNotVerifiable as error:
        raise _wrong(name, client, error) from None
    except asyncssh.PermissionDenied:
        raise _refused(name) from None
    except asyncssh.KeyExchangeFailed as error:
        raise Unsupported(f"{name} has no SSH algorithm in common with us: {_line(error)}") from None
    except asyncssh.ConnectionLost as error:
        raise Unreachable(f"{name} closed the connection: {_line(error)}") from None
    except (asyncssh.ProtocolError, asyncssh.ProtocolNotSupported, asyncssh.MACError) as error:
        if (
            _TOO_MANY_TRIES in error.reason.lower()
        ):  # OpenSSH calls this a protocol error (auth.c, auth_maxtries_exceeded)
            raise _refused(name) from None
        raise Garbled(f"what answers at {name} does not speak SSH as it should: {_line(error)}") from None
    except TimeoutError:
        raise Unreachable(f"{name} did not answer within {timeout_s:g} s") from None
    except UnicodeError:  # what the resolver makes of a name that can be none
        raise Unsupported(f"{name} is no address that can be looked up: correct the node's access") from None
    except (asyncssh.Error, OSError) as error:
        raise Unreachable(f"{name}: {_line(error)}") from None


def _refused(name: str) -> AuthFailed:
    return AuthFailed(f"{name} refuses the login: check the user in access, and credentials")


def _wrong(name: str, client: Client | None, error: asyncssh.HostKeyNotVerifiable) -> WrongDevice:
    if client is None or client.matches:
        return WrongDevice(f"{name} shows a host key that cannot be checked: {_line(error)}")
    return WrongDevice(
        f"{name} shows the host key {client.fingerprint}, and {client.pin} is expected: "
        "if the device was replaced or reinstalled, see pointsman replace; nothing was sent",
        shown=client.fingerprint,
    )


def _line(error: Exception) -> str:
    """What an exception says, as one printable line."""
    if isinstance(error, OSError) and error.strerror:
        return printable(error.strerror)
    words = getattr(error, "reason", "") or str(error) or type(error).__name__
    return printable(str(words).partition("\n")[0], most=120)
