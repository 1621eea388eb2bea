"""Devices that only answer: a few commands, each with what it prints."""

from device_profiles.catalogue import known_profiles
from drivers.recording import Exchange, Recording
from drivers.registry import make_driver
from drivers.transports.replay import Replay


def device(platform, **answers):
    """A device of a platform; `show_vlan="..."` is what it answers to `show vlan`."""
    exchanges = tuple(Exchange(command.replace("_", " "), text) for command, text in answers.items())
    return Replay(Recording(exchanges), known_profiles()[platform])


def driver_of(connection, platform):
    return make_driver(connection, known_profiles()[platform])


def driver_on(platform, **answers):
    return driver_of(device(platform, **answers), platform)
