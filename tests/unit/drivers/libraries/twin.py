"""The IOS-like twin over real SSH and telnet on loopback, and a profile by which netmiko reads it."""

from contextlib import asynccontextmanager

from device_profiles.generic import NEUTRAL
from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password

PASSWORD = Password(user="admin", password="pointsman-twin")

PROFILE = Profile(
    name="netmiko_ios",
    title="What netmiko calls cisco_ios",
    vendor="Cisco",
    kind="switch",
    driver="generic_cli",
    capabilities=("operation", "facts", "neighbours", "fdb"),
    persistence="none",
    identity=("serial", "ssh_host_key"),
    cli=NEUTRAL,
    command_timeout_s=10.0,
    quirks={
        "platform": "cisco_ios",
        "netmiko": "cisco_ios",
        "tables": [
            {"kind": "facts", "command": "show version"},
            {"kind": "vlans", "command": "show vlan brief", "read_command": "show vlan"},
            {"kind": "ports", "command": "show interfaces status"},
            {"kind": "lldp", "command": "show lldp neighbors detail"},
            {"kind": "macs", "command": "show mac address-table"},
        ],
    },
)


class WithInterfaces(IosSession):
    """The twin, with the table that NAPALM asks for (Cisco IOS Interface Command Reference, `show interfaces`)."""

    def run(self, line):
        if line.strip() != "show interfaces":
            return super().run(line)
        text = ""
        for port in self._switch.config.interfaces.values():
            state = "administratively down" if port.shut else "up"
            protocol = "up" if self._switch.is_up(port) else "down"
            text += f"{port.name} is {state}, line protocol is {protocol} \n"
            text += "  Hardware is Gigabit Ethernet, address is 0200.0000.0001 (bia 0200.0000.0001)\n"
            text += f"  Description: {port.description}\n" if port.description else ""
            text += "  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec, \n"
        return text


@asynccontextmanager
async def serving(switch=None):
    switch = switch or Switch("cisco_ios")
    async with LanguageServer(lambda: IosSession(switch), password=PASSWORD) as server:
        yield server


async def dial(url, *, password=PASSWORD.password, pin=None):
    credential = Credential(name="file:twin", text=password)
    return await open_connection(parse_access(url), credential=credential, pin=pin, timeout_s=5.0)
