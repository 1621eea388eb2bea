"""How the IOS-like twin is reached, as it is configured: address, gateway, users and their keys, SSH, remote lines.

Shapes of IOS: Cisco "IOS Security Command Reference" (username, crypto key generate rsa, ip ssh pubkey-chain, show ip
ssh), "IOS IP Addressing Services Command Reference" (ip address), "IOS Terminal Services Command Reference" (line). Of
NX-OS: Cisco "Nexus 9000 Series NX-OS Security Configuration Guide" (username, sshkey, feature ssh). Of EOS: Arista "EOS
User Manual" (username, username ssh-key, ip route, management ssh).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from pointsman.twins.languages.ios_like import Interface, Switch

_GENERATED: Final = """The name for the keys will be: {label}

% The key modulus size is 2048 bits
% Generating 2048 bit RSA keys, keys will be non-exportable...
[OK] (elapsed time was 1 seconds)
"""
_TOP, _CHAIN, _USER, _LINE = "", "conf-ssh-pubkey", "conf-ssh-pubkey-user", "config-line"
_SSH: Final = "config-mgmt-ssh"
_VRF: Final = "config-vrf"
_UP: Final = {_USER: _CHAIN}


class Reaching:
    """One session's place among these lines; ``place`` is empty where it is in none of their modes."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.place = _TOP
        self._user = ""

    def up(self) -> bool:
        """Leave one mode; whether there was one to leave."""
        was, self.place = self.place, _UP.get(self.place, _TOP)
        return was != _TOP

    def run(self, line: str) -> str | None:
        """Do what a line says, and what it prints; None where it is none of these, or not of this mode."""
        for place, pattern, change in _LINES.get(self._switch.dialect.name, ()):
            match = re.fullmatch(pattern, line)
            if match is not None and place == self.place:
                return change(self, match)
        return None

    def address(self, port: Interface, line: str) -> bool:
        """Whether a line of an interface was its address."""
        name, pattern = _ADDRESSED.get(self._switch.dialect.name, ("", ""))
        match = re.fullmatch(pattern, line) if port.name == name else None
        if match is None:
            return False
        self._switch.config.address = (match[1], match[2])
        return True

    def _wrote(self) -> str:
        self._switch.writes += 1
        self._switch.changed_at += 1
        return ""

    def _gateway(self, match: re.Match[str]) -> str:
        self._switch.config.gateway = match[1]
        return self._wrote()

    def _account(self, match: re.Match[str]) -> str:
        self._switch.config.users[match[1]] = f"privilege {match[2]}" + (" secret 5 $1$twin$" if match[3] else "")
        return self._wrote()

    def _role(self, match: re.Match[str]) -> str:
        secret = "nopassword" if match[2] == "nopassword" else "secret sha512 $6$twin$"
        self._switch.config.users[match[1]] = f"privilege 15 role network-admin {secret}"
        return self._wrote()

    def _whole_key(self, match: re.Match[str]) -> str:
        if match[1] not in self._switch.config.users:
            return "% Error: user does not exist\n"
        self._switch.config.user_keys[match[1]] = match[2]
        return self._wrote()

    def _vrf(self, match: re.Match[str]) -> str:
        del match
        self.place = _VRF
        return ""

    def _network_admin(self, match: re.Match[str]) -> str:
        held = "password 5 $5$twin$" if match[2] else "password 5 ! "
        self._switch.config.users[match[1]] = f"{held} role network-admin"
        return self._wrote()

    def _server(self, match: re.Match[str]) -> str:
        del match
        self.place = _SSH
        return ""

    def _serve(self, match: re.Match[str]) -> str:
        self._switch.has_keys = bool(match[1])
        return self._wrote()

    def _chain(self, match: re.Match[str]) -> str:
        del match
        self.place = _CHAIN
        return ""

    def _of(self, match: re.Match[str]) -> str:
        self.place, self._user = _USER, match[1]
        return ""

    def _key(self, match: re.Match[str]) -> str:
        self._switch.config.user_keys[self._user] = match[1].upper()
        return self._wrote()

    def _generate(self, match: re.Match[str]) -> str:
        self._switch.has_keys = True
        self._wrote()
        return _GENERATED.format(label=match[1])

    def _pair(self, match: re.Match[str]) -> str:
        del match
        return self._wrote()

    def _version(self, match: re.Match[str]) -> str:
        if not self._switch.has_keys:
            return "Please create RSA keys to enable SSH (and of at least 768 bits for SSH v2).\n"
        self._switch.config.ssh_version = f"{match[1]}.0"
        return self._wrote()

    def _remote(self, match: re.Match[str]) -> str:
        del match
        self.place = _LINE
        return ""

    def _of_line(self, match: re.Match[str]) -> str:
        kind = match[0].partition(" ")[0]
        remote = self._switch.config.remote
        remote[:] = sorted([*(line for line in remote if not line.startswith(kind)), match[0]])
        return self._wrote()


_IOS: Final[tuple[tuple[str, str, Callable[[Reaching, re.Match[str]], str]], ...]] = (
    (_TOP, r"ip default-gateway (\d+(?:\.\d+){3})", Reaching._gateway),
    (_TOP, r"username (\S+) privilege (\d+)( secret \S+)?", Reaching._account),
    (_TOP, r"ip ssh pubkey-chain", Reaching._chain),
    (_CHAIN, r"username (\S+)", Reaching._of),
    (_USER, r"key-hash ssh-rsa ([0-9A-Fa-f]{32})(?: \S+)?", Reaching._key),
    (_TOP, r"crypto key generate rsa label (\S+) modulus \d+", Reaching._generate),
    (_TOP, r"ip ssh rsa keypair-name (\S+)", Reaching._pair),
    (_TOP, r"ip ssh version ([12])", Reaching._version),
    (_TOP, r"line vty 0 4", Reaching._remote),
    (_LINE, r"login local|transport input (?:ssh|telnet|all|none)", Reaching._of_line),
)
"""The mode in which a line stands, its pattern, and what is done."""
_EOS: Final = (
    (_TOP, r"ip route 0\.0\.0\.0/0 (\d+(?:\.\d+){3})", Reaching._gateway),
    (_TOP, r"username (\S+) privilege 15 role network-admin (nopassword|secret \S+)", Reaching._role),
    (_TOP, r"username (\S+) ssh-key ((?:ssh|ecdsa)-\S+ \S+)", Reaching._whole_key),
    (_TOP, r"management ssh", Reaching._server),
    (_SSH, r"(no )?shutdown", Reaching._serve),
)
_NXOS: Final = (
    (_TOP, r"vrf context management", Reaching._vrf),
    (_VRF, r"ip route 0\.0\.0\.0/0 (\d+(?:\.\d+){3})", Reaching._gateway),
    (_TOP, r"username (\S+)( password \S+)? role network-admin", Reaching._network_admin),
    (_TOP, r"username (\S+) sshkey (ssh-rsa \S+)", Reaching._whole_key),
)
_LINES: Final = {"ios": _IOS, "eos": _EOS, "nxos": _NXOS}
_ADDRESSED: Final = {
    "ios": ("Vlan1", r"ip address (\d+(?:\.\d+){3}) (\d+(?:\.\d+){3})"),
    "eos": ("Management1", r"ip address (\d+(?:\.\d+){3})/(\d+)"),
    "nxos": ("mgmt0", r"ip address (\d+(?:\.\d+){3})/(\d+)"),
}
"""Which interface bears the address of a dialect, and how that is said."""


def ssh(switch: Switch) -> str:
    """``show ip ssh``: with the device's key, once there is one (IOS 15)."""
    if not switch.has_keys:
        why = "%Please create RSA keys to enable SSH (and of at least 768 bits for SSH v2).\n"
        return f"SSH Disabled - version {switch.config.ssh_version}\n{why}"
    kind, _, key = switch.host_key.partition(" ")
    wrapped = "".join(f"{key[start : start + 64]}\n" for start in range(0, len(key), 64))
    shown = f"IOS Keys in SECSH format({kind}, base64 encoded): pointsman\n{kind} {wrapped}" if key else ""
    return (
        f"SSH Enabled - version {switch.config.ssh_version}\n"
        f"Authentication timeout: 120 secs; Authentication retries: 3\n{shown}"
    )


def accounts(switch: Switch) -> Iterator[str]:
    """The lines of the configuration about users, which stand before the interfaces."""
    yield from (f"username {user} {rest}" for user, rest in switch.config.users.items())
    word = {"eos": "ssh-key", "nxos": "sshkey"}.get(switch.dialect.name)
    if word:
        yield from (f"username {user} {word} {key}" for user, key in switch.config.user_keys.items())


def address(switch: Switch) -> str:
    """The line of the one interface that has an address."""
    found = switch.config.address
    return f"ip address {(' ' if switch.dialect.name == 'ios' else '/').join(found)}" if found else "no ip address"


def served(switch: Switch) -> str:
    """``show management ssh`` of EOS."""
    return (
        f"SSHD status for Default VRF is {'enabled' if switch.has_keys else 'disabled'}\nSSH connection limit is 50\n"
    )


def ssh_feature(switch: Switch) -> str:
    """``show feature | include sshServer`` of NX-OS."""
    return f"sshServer              1          {'enabled' if 'ssh' in switch.config.features else 'disabled'}\n"


def reaching_nxos(switch: Switch) -> Iterator[str]:
    """The lines of NX-OS behind the interfaces."""
    if switch.config.gateway:
        yield from ("vrf context management", f"  ip route 0.0.0.0/0 {switch.config.gateway}")


def reaching_eos(switch: Switch) -> Iterator[str]:
    """The lines of EOS behind the interfaces."""
    if switch.config.gateway:
        yield from (f"ip route 0.0.0.0/0 {switch.config.gateway}", "!")


def reaching(switch: Switch) -> Iterator[str]:
    """The lines behind the interfaces."""
    config = switch.config
    if config.gateway:
        yield f"ip default-gateway {config.gateway}"
    if config.ssh_version == "2.0":
        yield "ip ssh version 2"
    if config.user_keys:
        yield "ip ssh pubkey-chain"
    for user, digest in config.user_keys.items():
        yield from (f"  username {user}", f"   key-hash ssh-rsa {digest}", "  quit")
    yield "!"
    yield from ("line vty 0 4", *(f" {line}" for line in config.remote or ["login local"]), "!", "end")
