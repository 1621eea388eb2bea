"""How the Comware-like twin is reached, as it is configured: address, gateway, users, SSH, remote lines.

Shapes: HPE "FlexNetwork 5130 EI Switch Series Security Configuration Guide" (local-user, public-key local create, ssh
server, ssh user), "Fundamentals Configuration Guide" (line vty) and "Layer 3 - IP Services Configuration Guide"; Huawei
S series "Typical Configuration Examples" (STelnet login) and "Command Reference" (AAA, user login).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from pointsman.twins.languages.comware import Switch
from pointsman.twins.languages.terminal import Asks

_TOP, _USER, _LINE, _VLAN = "", "-luser-manage-", "-line-vty0-63", "-Vlan-interface1"
_AAA, _VTY, _VLANIF = "-aaa", "-ui-vty0-4", "-Vlanif1"
_MODULUS: Final = """The range of public key modulus is (512 ~ 4096).
If the key modulus is greater than 512, it will take a few minutes.
Press CTRL+C to abort.
Input the modulus length [default = 1024]:"""
_BITS: Final = """The key name will be: {}_Host
The range of public key size is (2048 ~ 2048).
NOTES: If the key modulus is greater than 512,
       it will take a few minutes.
Input the bits in the modulus[default = 2048]:"""
_LEVEL: Final = (
    "Warning: This operation may affect online users, are you sure to change the user privilege level ?[Y/N]"
)


class Reaching:
    """One session's place among these lines; ``place`` is what the prompt shows behind the name."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.place = _TOP
        self._user = ""

    def run(self, line: str) -> str | Asks | None:
        """Do what a line says, and what it prints; None where it is none of these, or not of this view."""
        for place, pattern, change in _OF_VRP if self._switch.is_vrp else _LINES:
            match = re.fullmatch(pattern, line)
            if match is not None and (self.place.startswith(place) if place else not self.place):
                return change(self, match)
        return None

    def _wrote(self) -> str:
        self._switch.writes += 1
        return ""

    def _to(self, match: re.Match[str]) -> str:
        if match[0].startswith("interface"):
            self.place = _VLAN
        elif match[0].startswith("line"):
            self.place = _LINE
        else:
            self._user, self.place = match[1], f"{_USER}{match[1]}"
            self._switch.config.users.setdefault(match[1], set())
        return ""

    def _address(self, match: re.Match[str]) -> str:
        self._switch.config.address = (match[1], match[2])
        return self._wrote()

    def _gateway(self, match: re.Match[str]) -> str:
        self._switch.config.gateway = match[1]
        return self._wrote()

    def _of_user(self, match: re.Match[str]) -> str:
        self._switch.config.users[self._user].add(re.sub(r"(?<=^password )simple .*", "hash $h$6$twin$", match[0]))
        return self._wrote()

    def _of_lines(self, match: re.Match[str]) -> str:
        word = match[0].split()[0]
        kept = {line for line in self._switch.config.remote if line.split()[0] != word}
        self._switch.config.remote = kept | {match[0]}
        return self._wrote()

    def _ssh(self, match: re.Match[str]) -> str:
        self._switch.config.ssh.add(match[0])
        return self._wrote()

    def _create(self, match: re.Match[str]) -> Asks:
        del match

        def made(bits: str) -> str:
            self._switch.has_keys = True
            self._wrote()
            end = "" if self._switch.is_vrp else "Create the key pair successfully.\n"
            return f"Generating Keys...\n{'.' * (int(bits or 1024) // 64)}\n{end}"

        return Asks(_BITS.format(self._switch.config.hostname) if self._switch.is_vrp else _MODULUS, made, echo=True)

    # Of VRP.

    def _into(self, match: re.Match[str]) -> str:
        self.place = {"aaa": _AAA, "user-interface": _VTY, "interface": _VLANIF}[match[0].split()[0]]
        return ""

    def _local_user(self, match: re.Match[str]) -> str | Asks:
        user, line = match[1], re.sub(r"(?<=irreversible-cipher ).*", "$1c$twin$", match[2])
        if not line.startswith("privilege"):
            return self._of_aaa(user, line)
        return Asks(_LEVEL, lambda said: self._of_aaa(user, line) if said.lower() == "y" else "", echo=True)

    def _of_aaa(self, user: str, line: str) -> str:
        self._switch.config.users.setdefault(user, set()).add(line)
        return self._wrote()


_IP: Final = r"(\d+(?:\.\d+){3})"
_LINES: Final[tuple[tuple[str, str, Callable[[Reaching, re.Match[str]], str | Asks]], ...]] = (
    (_TOP, r"interface Vlan-interface1|line vty 0 63|local-user (\S+) class manage", Reaching._to),
    (_VLAN, rf"ip address {_IP} {_IP}", Reaching._address),
    (_TOP, rf"ip route-static 0\.0\.0\.0 0 {_IP}", Reaching._gateway),
    (_USER, r"password simple \S+|service-type ssh|authorization-attribute user-role \S+", Reaching._of_user),
    (_TOP, r"public-key local create rsa", Reaching._create),
    (_TOP, r"ssh server enable|ssh user \S+ service-type stelnet authentication-type password", Reaching._ssh),
    (_LINE, r"authentication-mode scheme|protocol inbound ssh", Reaching._of_lines),
)
"""The view in which a line stands, its pattern, and what is done."""
_OF_VRP: Final[tuple[tuple[str, str, Callable[[Reaching, re.Match[str]], str | Asks]], ...]] = (
    (_TOP, r"aaa|user-interface vty 0 4|interface Vlanif1", Reaching._into),
    (_VLANIF, rf"ip address {_IP} {_IP}", Reaching._address),
    (_TOP, rf"ip route-static 0\.0\.0\.0 0\.0\.0\.0 {_IP}", Reaching._gateway),
    (
        _AAA,
        r"local-user (\S+) (password irreversible-cipher \S+|privilege level 15|service-type ssh)",
        Reaching._local_user,
    ),
    (_TOP, r"rsa local-key-pair create", Reaching._create),
    (_TOP, r"stelnet server enable|ssh user \S+( authentication-type password| service-type stelnet)?", Reaching._ssh),
    (_VTY, r"authentication-mode aaa|protocol inbound ssh", Reaching._of_lines),
)
"""The same of VRP."""
_ORDER: Final = ("password", "privilege", "service-type", "authorization-attribute")


def keys(switch: Switch) -> str:
    """``display public-key local rsa public``."""
    if not switch.has_keys:
        return ""
    if switch.is_vrp:
        name = f"{switch.config.hostname}_Host"
        return (
            f"{'=' * 53}\nKey name: {name}\nKey type: RSA encryption Key\n{'=' * 53}\nKey code:\n3082010A\n  02820101\n"
        )
    return f"{'=' * 45}\nKey name: hostkey (default)\nKey type: RSA\nKey code:\n   30819F300D06092A864886F70D0101\n"


def reaching(switch: Switch) -> Iterator[str]:
    """The lines of the configuration, but for those of remote lines."""
    config = switch.config
    if switch.is_vrp:
        yield from _reaching_of_vrp(switch)
        return
    if config.address is not None:
        yield from ("interface Vlan-interface1", f" ip address {config.address[0]} {config.address[1]}", "#")
    if config.gateway:
        yield from (f" ip route-static 0.0.0.0 0 {config.gateway}", "#")
    if config.ssh:
        yield from (*(f" {line}" for line in sorted(config.ssh)), "#")
    for user, lines in config.users.items():
        yield f"local-user {user} class manage"
        yield from (f" {line}" for line in sorted(lines, key=lambda line: _ORDER.index(line.partition(" ")[0])))
        yield "#"


def _reaching_of_vrp(switch: Switch) -> Iterator[str]:
    config = switch.config
    if config.users:
        yield "aaa"
        for user, lines in config.users.items():
            ordered = sorted(lines, key=lambda line: _ORDER.index(line.partition(" ")[0]))
            yield from (f" local-user {user} {line}" for line in ordered)
        yield "#"
    if config.address is not None:
        yield from ("interface Vlanif1", f" ip address {config.address[0]} {config.address[1]}", "#")
    if config.gateway:
        yield from (f"ip route-static 0.0.0.0 0.0.0.0 {config.gateway}", "#")
    if config.ssh:
        yield from (*sorted(config.ssh, key=lambda line: (not line.startswith("stelnet"), line)), "#")
