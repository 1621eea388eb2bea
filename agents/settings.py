"""The agent's own file: who it is, whom it serves, and what it will not do whatever the service says.

Loaded strictly from TOML: an unknown key is an error that names it. ``secrets`` says which credential names may go to
which addresses, ``protect`` what nothing may ever touch.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Annotated, ClassVar, Final

from annotated_types import Ge, Gt, MinLen
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from agents.protection import parse_protected
from agents.redaction import parse_redaction
from device_profiles.names import ObjectName
from device_profiles.problems import problems_of
from device_profiles.state import STRICT

_URLS: Final = ("http://", "https://", "unix:")


class SettingsError(Exception):
    """A file that cannot be used; the message names file and key."""


def _service(url: str) -> str:
    if not url.startswith(_URLS) or url in _URLS:
        raise ValueError("the service is http://..., https://... or unix:PATH")
    return url


def _protected(path: str) -> str:
    parse_protected(path)
    return path


def _kept_back(path: str) -> str:
    parse_redaction(path)
    return path


Seconds = Annotated[float, Gt(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRule:
    """Credentials whose name matches the glob ``name`` may be sent to ``hosts``: networks, addresses or host names."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Annotated[str, MinLen(1)]
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One agent. ``protect`` holds paths (``ports.p48``), or paths of one node (``sw1/ports.p48``).

    ``redact`` holds paths into facts (``dmi.system.serial_number``) that never leave the agent.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: ObjectName
    location: ObjectName
    service: Annotated[str, AfterValidator(_service)]
    ca_file: File | None = None
    """Who signs the service's certificate, or that certificate itself; absent: whom the machine believes."""
    insecure_http: bool = False
    """Whether the agent's token may go to another machine unencrypted."""
    data_dir: File
    secrets_dir: File | None = None
    secrets: tuple[SecretRule, ...] = ()
    protect: tuple[Annotated[str, AfterValidator(_protected)], ...] = ()
    redact: tuple[Annotated[str, AfterValidator(_kept_back)], ...] = ()
    poll_s: Seconds | None = None
    """Instead of the profiles' poll intervals."""
    discover_s: Seconds = 30.0
    """How often links and operation are read where nothing changed."""
    confirm_s: Seconds = 30.0
    """How long a device may take to answer again after a change that touched the agent's own path to it."""
    power_on_gap_s: Annotated[float, Ge(0)] = 1.0
    """How far apart outlets and slots of the location are switched on, where several are to be at once."""
    heartbeat_s: Seconds = 10.0
    """How often the service is told of nodes that were read and are as they were."""


_ADAPTER: Final = TypeAdapter(Settings)


def load_settings(file: File) -> Settings:
    """The settings in ``file``; relative folders are those beside it. Raises :class:`SettingsError`."""
    try:
        settings = _ADAPTER.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}") from None
    except ValidationError as error:
        first = problems_of(error)[0]
        raise SettingsError(f"{file}: {first.path or 'the file'}: {first.message}") from None
    beside = file.parent
    secrets, authority = settings.secrets_dir, settings.ca_file
    return replace(
        settings,
        data_dir=beside / settings.data_dir,
        secrets_dir=None if secrets is None else beside / secrets,
        ca_file=None if authority is None else beside / authority,
    )
