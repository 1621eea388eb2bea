"""What has to answer before the lab says that it is up, asked from the management network as a manager would."""

from collections.abc import Callable
from functools import partial

from pointsman.lab import layout, neighbours, reach, waiting
from pointsman.lab.rig import Rig

Check = tuple[str, Callable[[], None]]


def checks(rig: Rig) -> list[Check]:
    """A sentence and a function that returns when it is true, for each service of the lab."""
    found: list[Check] = []
    for switch in layout.SWITCHES:
        address = _address(switch)
        found.append((f"{switch} answers over SSH", partial(_greets, rig, address, 22, b"SSH-2.0-")))
        found.append((f"{switch} answers over OVSDB", partial(_greets, rig, address, 6640, b"")))
        found.append((f"{switch} answers over SNMPv3", partial(_answers_snmp, rig, address)))
        found.append((f"{switch} sees its neighbours", partial(_sees_neighbours, rig, switch)))
    found += [(f"{bmc} answers over IPMI", partial(_answers_ipmi, rig, _address(bmc))) for bmc in layout.BLADES]
    found.append(("san answers over SSH", partial(_greets, rig, _address("san"), 22, b"SSH-2.0-")))
    found.append(("san answers over iSCSI", partial(_greets, rig, _address("san"), 3260, b"")))
    found.append(("pdu2 answers over SNMPv3", partial(_answers_snmp, rig, _address("pdu2"))))
    for device, port in layout.SERIAL_LINES.items():
        found.append(
            (f"{device} answers on its serial line", partial(_greets, rig, layout.MGMT_ADDRESS, port, b"\xff"))
        )
    return found


def _address(name: str) -> str:
    device = layout.device(name)
    return device.address if device else ""


def _greets(rig: Rig, address: str, port: int, greeting: bytes) -> None:
    namespace = rig.netns_path(layout.MGMT)
    waiting.until(lambda: reach.greets(namespace, (address, port), greeting=greeting), what=f"{address}:{port} answers")


def snmpget_argv(address: str, oid: str) -> list[str]:
    """net-snmp's own client, as the lab's user."""
    keys = ["-a", "SHA", "-A", layout.SNMP_AUTH_KEY, "-x", "AES", "-X", layout.SNMP_PRIV_KEY]
    return ["snmpget", "-v3", "-l", "authPriv", "-u", layout.SNMP_USER, *keys, "-t0.5", "-r0", "-Oqv", address, oid]


def _answers_snmp(rig: Rig, address: str) -> None:
    sys_name = "1.3.6.1.2.1.1.5.0"
    waiting.until(
        lambda: rig.run(layout.MGMT, snmpget_argv(address, sys_name)).returncode == 0, what=f"SNMP of {address} answers"
    )


def _answers_ipmi(rig: Rig, address: str) -> None:
    login = ["-I", "lanplus", "-C", "3", "-U", layout.IPMI_USER, "-P", layout.IPMI_PASSWORD, "-N", "1", "-R", "1"]
    argv = ["ipmitool", *login, "-H", address, "mc", "info"]
    waiting.until(lambda: rig.run(layout.MGMT, argv).returncode == 0, what=f"IPMI of {address} answers")


def _sees_neighbours(rig: Rig, switch: str) -> None:
    hosts = {f"h{number}" for number in range(1, 5)}
    wanted = {port.partition(":")[2]: name for name, port in layout.CABLES.items() if port.startswith(switch)}

    def complete() -> bool:
        seen = neighbours.seen(rig, switch)
        return all((name, "eth0") in seen.get(port, []) for port, name in wanted.items() if name in hosts)

    waiting.until(complete, what=f"{switch} sees its hosts by LLDP")
