"""The commands of ovs-vsctl that know bridges and ports (ovs-vsctl(8))."""

from __future__ import annotations

from pointsman.twins.database import ROOT, Transaction
from pointsman.twins.records import Options, settings
from pointsman.twins.values import CommandFailed, first


def add_bridge(transaction: Transaction, options: Options, bridge: str) -> str:
    """Make a bridge with its internal port."""
    if transaction.find("Bridge", bridge) is not None:
        if "--may-exist" in options:
            return ""
        raise CommandFailed(f"cannot create a bridge named {bridge} because a bridge named {bridge} already exists")
    interface = transaction.create("Interface", name=(bridge,), type=("internal",))
    port = transaction.create("Port", name=(bridge,), interfaces=(interface,))
    key = transaction.create("Bridge", name=(bridge,), ports=(port,))
    root = transaction.key(ROOT, ".")
    transaction.change(ROOT, root, bridges=(*transaction.tables[ROOT][root]["bridges"], key))
    return ""


def add_port(transaction: Transaction, options: Options, bridge: str, port: str, *words: str) -> str:
    """Make a plain port."""
    return _new_port(transaction, options, bridge=bridge, port=port, members=(port,), words=words)


def add_bond(transaction: Transaction, options: Options, bridge: str, port: str, *words: str) -> str:
    """Make a port of several interfaces."""
    members = tuple(word for word in words if "=" not in word)
    if len(members) < 2:
        raise CommandFailed("'add-bond' command requires at least 4 arguments")
    return _new_port(transaction, options, bridge=bridge, port=port, members=members, words=words[len(members) :])


def _new_port(
    transaction: Transaction,
    options: Options,
    *,
    bridge: str,
    port: str,
    members: tuple[str, ...],
    words: tuple[str, ...],
) -> str:
    key = transaction.find("Bridge", bridge)
    if key is None:
        raise CommandFailed(f"no bridge named {bridge}")
    there = transaction.find("Port", port)
    if there is not None:
        own = sorted(_names(transaction, there))
        if "--may-exist" in options and own == sorted(members) and port_bridge(transaction, there) == bridge:
            return ""
        raise CommandFailed(f"cannot create a port named {port} because a port named {port} already exists")
    taken = {name for each in transaction.tables["Port"] for name in _names(transaction, each)}
    for member in members:
        if member in taken:  # a row that no port refers to any more is as good as gone
            raise CommandFailed(f"cannot create an interface named {member} because it already exists")
    interfaces = tuple(sorted(transaction.create("Interface", name=(member,)) for member in members))
    made = transaction.create("Port", name=(port,), interfaces=interfaces)
    transaction.change("Bridge", key, ports=tuple(sorted((*transaction.tables["Bridge"][key]["ports"], made))))
    transaction.change("Port", made, **settings(transaction, "Port", transaction.tables["Port"][made], words))
    return ""


def _names(transaction: Transaction, port: str) -> list[str]:
    interfaces = transaction.tables["Interface"]
    own = transaction.tables["Port"][port]["interfaces"]
    return [first(interfaces[key]["name"]) for key in own if key in interfaces]


def port_bridge(transaction: Transaction, port: str) -> str:
    """The name of the bridge that holds a port, by its UUID."""
    return next((first(row["name"]) for row in transaction.tables["Bridge"].values() if port in row["ports"]), "")


def delete_port(transaction: Transaction, options: Options, *words: str) -> str:
    """Delete a port with its interfaces."""
    port = words[-1]
    key = transaction.find("Port", port)
    if key is None:
        if "--if-exists" in options:
            return ""
        raise CommandFailed(f"no port named {port}")
    for interface in transaction.tables["Port"][key]["interfaces"]:
        transaction.tables["Interface"].pop(interface, None)
    bridge = transaction.key("Bridge", port_bridge(transaction, key))
    ports = transaction.tables["Bridge"][bridge]["ports"]
    transaction.change("Bridge", bridge, ports=tuple(each for each in ports if each != key))
    transaction.delete("Port", key)
    return ""


def list_bridges(transaction: Transaction, _options: Options) -> str:
    """The names of all bridges."""
    return "\n".join(sorted(first(row["name"]) for row in transaction.tables["Bridge"].values()))


def list_ports(transaction: Transaction, _options: Options, bridge: str) -> str:
    """The names of a bridge's ports, without its own."""
    ports = (first(transaction.tables["Port"][key]["name"]) for key in transaction.row("Bridge", bridge)["ports"])
    return "\n".join(sorted(port for port in ports if port != bridge))


def port_to_bridge(transaction: Transaction, _options: Options, port: str) -> str:
    """The bridge that holds a port."""
    return port_bridge(transaction, transaction.key("Port", port))
