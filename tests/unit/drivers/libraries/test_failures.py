"""Foreign exceptions end at one seam."""

import importlib

import pytest

from drivers.errors import AuthFailed, Busy, Garbled, Rejected, Unreachable, Unsupported
from drivers.libraries import failures
from drivers.libraries.bridge import BridgeClosed

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", failures._OURS)
def test_the_libraries_have_what_is_mapped(name):
    module, _, kind = name.rpartition(".")
    found = getattr(importlib.import_module(module), kind)
    assert f"{found.__module__}.{found.__qualname__}" == name


def raised(name, text):
    module, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(module), kind)(text)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (raised("netmiko.exceptions.NetmikoAuthenticationException", "x"), AuthFailed),
        (raised("netmiko.exceptions.ReadTimeout", "x"), Unreachable),
        (raised("napalm.base.exceptions.MergeConfigException", "x"), Rejected),
        (raised("napalm.base.exceptions.SessionLockedException", "x"), Busy),
        (raised("napalm.base.exceptions.DriverTemplateNotImplemented", "x"), Garbled),
        (raised("lxml.etree.LxmlError", "x"), Garbled),
        (NotImplementedError(), Unsupported),
        (ConnectionResetError(104, "reset"), Unreachable),
        (IndexError("list index out of range"), Garbled),
        (BridgeClosed(), Unreachable),
    ],
)
def test_a_failure_of_a_library_is_one_of_ours(error, expected):
    with pytest.raises(expected) as caught, failures.mapped("library", doing="'show version'"):
        raise error
    assert caught.value.__suppress_context__


def test_what_a_device_said_is_not_repeated():
    text = "Pattern not detected: 'sw1#' in output.\nusername admin password s3cret"
    told = str(failures.failure(raised("netmiko.exceptions.ReadTimeout", text), library="netmiko", doing="'show run'"))
    assert "s3cret" not in told
    assert "sw1#" not in told


def test_a_refused_configuration_is_shown_without_secrets():
    error = raised("napalm.base.exceptions.MergeConfigException", "% refused near s3cret")
    told = str(failures.failure(error, library="napalm", doing="the change", secrets=("s3cret",)))
    assert told == "the device refuses the change: % refused near ***"
