"""The quirks of a profile, checked strictly by the type that a driver has for them."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from device_profiles.problems import problems_of
from device_profiles.profile import Profile
from drivers.errors import Unsupported

Quirks = TypeVar("Quirks")


def checked(profile: Profile, adapter: TypeAdapter[Quirks]) -> Quirks:
    """A profile's quirks. Raises :class:`~drivers.errors.Unsupported`, naming the file, the key and the reason."""
    try:
        return adapter.validate_python(dict(profile.quirks))
    except ValidationError as error:
        first = problems_of(error)[0]
        raise Unsupported(f"{profile.name}.toml: quirks.{first.path}: {first.message}") from None
