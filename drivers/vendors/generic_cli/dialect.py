"""A profile of this driver: which platform of ntc-templates it is, and which commands it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from device_profiles.patterns import Pattern
from device_profiles.problems import problems_of
from device_profiles.profile import Profile
from drivers.errors import Unsupported
from drivers.vendors.generic_cli import index, own
from drivers.vendors.generic_cli.tables import Table, chosen
from drivers.vendors.generic_cli.words import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What the profile says to this driver.

    ``platform`` is the name in ntc-templates' index (the profile's own where nothing is said); ``tables`` the commands
    (chosen from the index where there are none); ``describes`` see :func:`drivers.vendors.generic_cli.facts.facts`.
    ``netmiko`` is the device type of netmiko that knows how to speak to a platform whose own ``cli`` is not described.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    platform: str = ""
    tables: tuple[Table, ...] = ()
    describes: Pattern = ""
    netmiko: str = ""


_QUIRKS: Final = TypeAdapter(Quirks)


class Dialect:
    """The checked quirks of a profile. Raises :class:`~drivers.errors.Unsupported` for what cannot be used."""

    def __init__(self, profile: Profile) -> None:
        try:
            self.quirks = _QUIRKS.validate_python(dict(profile.quirks))
        except ValidationError as error:
            first = problems_of(error)[0]
            raise Unsupported(f"the profile {profile.name}: quirks.{first.path}: {first.message}") from None
        self.profile = profile
        self.platform = self.quirks.platform or profile.name
        self.tables = self.quirks.tables or chosen(self.platform)
        for table in self.tables:
            if not self._is_read(table):
                raise Unsupported(f"the profile {profile.name}: quirks.tables: nothing here reads '{table.command}'")

    def _is_read(self, table: Table) -> bool:
        platform, command = table.read_as or self.platform, table.read_as_command
        return own.parser(platform, command) is not None or bool(index.templates_for(platform, command))

    def parse(self, table: Table, text: str) -> tuple[Reading, ...]:
        """The rows of an answer. Raises :class:`~drivers.errors.Garbled`."""
        platform, command = table.read_as or self.platform, table.read_as_command
        parser = own.parser(platform, command)
        if parser is not None:
            return (Reading(f"own {platform}", parser(text), asked=table.command),)
        parsed = index.parse(platform, command, text)
        return tuple(Reading(template, rows, asked=table.command, answer=text) for template, rows in parsed)
