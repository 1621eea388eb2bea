"""netmiko's ways with a hundred platforms, over a bridge in place of its own sockets. Runs in a thread.

A class of netmiko is taken as it is but for one method: where it would dial, log in and make a channel, it is given
ours. Its session preparation (prompt, paging, width), its way to enable and its ``send_command`` then do what they
always do. What it logs is kept off: it would log all that passes, secrets as well.

netmiko takes an answer for whole when the prompt's text is in it. So what it found is proven: an empty line is sent
behind it, and nothing but the prompt may come; text before it is the rest of an answer that was cut short.
"""

from __future__ import annotations

import codecs
import functools
import logging
import re
from typing import Any, Final

from netmiko.channel import Channel
from netmiko.ssh_dispatcher import CLASS_MAPPER

from device_profiles.cli import Pager
from device_profiles.generic import NEUTRAL
from drivers.credentials import Login
from drivers.errors import AuthFailed, Garbled, Unsupported
from drivers.libraries.bridge import Bridge

_NEVER_S: Final = 3600.0
"""netmiko's own deadlines are out of the way: ours closes the stream."""
_ERASED: Final = re.compile(r"\A(?:\x08+ +\x08+|\r +\r)")
"""How a device takes its pager away when the page is turned."""
_REFUSAL: Final = re.compile(r"(?m)^% ?(?:Invalid|Incomplete|Ambiguous|Error|Cannot|Unable|Permission)[^\r\n]*")
"""How IOS-like command lines refuse; a device that warns goes on."""
for _name in ("netmiko", "paramiko", "napalm", "ncclient", "jnpr"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # they log all that passes, secrets as well


class BridgeChannel(Channel):
    """netmiko's channel over a bridge. A device that pages although it was told not to has its pages turned here."""

    def __init__(self, bridge: Bridge, encoding: str, pager: Pager | None) -> None:
        self._bridge = bridge
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._pager = pager
        self._shown = re.compile(pager.prompt) if pager is not None else None
        self._pages = 0

    def read_buffer(self) -> str:
        """What came, without the pager. Raises ``Garbled`` where there is no last page."""
        text = self._decoder.decode(self._bridge.take())
        if self._pages:
            text = _ERASED.sub("", text, count=1)
        start = text.rfind("\n") + 1
        if self._pager is None or self._shown is None or not self._shown.fullmatch(text[start:].strip("\r ")):
            return text
        self._pages += 1
        if self._pages > self._pager.most_pages:
            raise Garbled(f"the device's answer has no end: {self._pager.most_pages} pages were read")
        self._bridge.send(self._pager.key.encode(self._encoding))
        return text[:start]

    def read_channel(self) -> str:
        """What came."""
        return self.read_buffer()

    def write_channel(self, out_data: str) -> None:
        """Send."""
        self._pages = 0
        self._bridge.send(out_data.encode(self._encoding))


class BridgeRemote:
    """What netmiko and napalm expect where a paramiko channel would be: whether it is there, and its end."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.transport = self

    def is_active(self) -> bool:
        """Whether the stream is open."""
        return self._bridge.is_open

    def set_keepalive(self, interval_s: float) -> None:
        """The transport keeps its connection alive itself."""

    def close(self) -> None:
        """The stream is closed by who opened it."""


def connection(
    device_type: str, bridge: Bridge, login: Login, *, pager: Pager | None = NEUTRAL.pager, host: str = "device"
) -> Any:
    """A connection of netmiko's class for ``device_type`` over ``bridge``, prepared and enabled.

    The stream stands behind the login. Raises what netmiko raises, ``AuthFailed`` where the privileged mode is refused
    and ``Unsupported`` for a device type that netmiko does not have.
    """
    made = _bridged(device_type)(
        device_type=device_type,
        host=host,
        username=login.user,
        password=login.texts[0] if login.texts else "",
        secret=login.texts[-1] if login.texts else "",
        read_timeout_override=_NEVER_S,
        auto_connect=False,
        bridge=bridge,
        pager=pager,
    )
    logging.getLogger("netmiko").removeFilter(made._secrets_filter)  # nothing is logged, and it would be kept for ever
    made._open()
    if login.texts and not made.check_enable_mode():
        _enable(made)
    made.prove_answers()
    return made


def _enable(made: Any) -> None:
    try:
        made.enable()
    except ValueError:
        raise AuthFailed("the device refuses 'enable': its second password is line 2 of the credential") from None


class _Proof:
    """How an answer ends at a device's prompt."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        shown = rf"{re.escape(prompt[:-1])}(?:\([^()\s]*\))?{re.escape(prompt[-1:])}"  # a mode may stand in it
        self.ends = rf"(?:\A|\n)[ \r]*{shown}\s*\Z"
        self._only = re.compile(rf"\s*{shown}\s*")

    def check(self, rest: str, command: str) -> None:
        """Raise ``Garbled`` where behind an answer came more than the prompt."""
        if not self._only.fullmatch(rest):
            raise Garbled(
                f"the answer to '{command}' did not end where its prompt stood: nothing was concluded from it"
            )

    def without(self, text: str, *, prompt: bool) -> str:
        """An answer without its prompt, where that is not wanted."""
        return text if prompt else re.sub(self.ends, "\n", text, count=1)


@functools.cache
def _bridged(device_type: str) -> type[Any]:
    base = CLASS_MAPPER.get(device_type)
    if base is None:
        raise Unsupported(f"netmiko has no device type {device_type}: use another profile")

    class Bridged(base):  # type: ignore[misc, valid-type]  # which class it is, is data
        def __init__(self, *, bridge: Bridge, pager: Pager | None, **options: Any) -> None:
            self.bridge, self.pager = bridge, pager
            self.proof: _Proof | None = None
            self.refusals: list[str] = []
            super().__init__(**options)

        def establish_connection(self, width: int = 511, height: int = 1000) -> None:
            """In place of dialling."""
            del width, height
            self.remote_conn_pre = None
            self.remote_conn = BridgeRemote(self.bridge)
            self.channel = BridgeChannel(self.bridge, self.encoding, self.pager)
            self.special_login_handler()

        def prove_answers(self) -> None:
            """From now on, answers count when their end is proven."""
            self.proof = _Proof(str(self.find_prompt()))

        def send_command(self, command_string: str, expect_string: str | None = None, **options: Any) -> Any:
            """The answer to a command. Raises ``Garbled`` for one that is not proven."""
            if self.proof is None or expect_string is not None:
                return super().send_command(command_string, expect_string=expect_string, **options)
            keep = not options.pop("strip_prompt", True)
            text = super().send_command(command_string, expect_string=self.proof.ends, strip_prompt=False, **options)
            self.write_channel(self.RETURN)
            self.proof.check(self.read_until_pattern(pattern=self.proof.ends), command_string)
            answer = self.proof.without(str(text), prompt=keep)
            self.refusals += _REFUSAL.findall(answer)
            return answer

        def send_config_set(self, config_commands: Any = None, *, error_pattern: str = "", **options: Any) -> Any:
            """Send lines of configuration. A line that is refused is an error, whoever did not ask for that."""
            pattern = error_pattern or _REFUSAL.pattern
            return super().send_config_set(config_commands, error_pattern=pattern, **options)

    return Bridged


class NetmikoLine:
    """A prepared line that is asked."""

    def __init__(self, made: Any) -> None:
        self._made = made
        self.prompt: str = made.proof.prompt

    def ask(self, command: str) -> str:
        """The whole answer to a command, without echo and prompt. Raises ``Garbled`` for one that is not proven."""
        return str(self._made.send_command(command))
