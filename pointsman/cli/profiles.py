"""Profiles as commands name them."""

from __future__ import annotations

from collections.abc import Mapping

from device_profiles.catalogue import known_profiles
from device_profiles.profile import Profile, ProfileError
from pointsman.problems import PointsmanError, WrongUsage


def known() -> Mapping[str, Profile]:
    """All profiles by name. Raises PointsmanError where one of them cannot be used."""
    try:
        return known_profiles()
    except ProfileError as error:
        raise PointsmanError(f"a profile cannot be used: {error}") from None


def profile_called(name: str) -> Profile:
    """The profile of this name. Raises WrongUsage, PointsmanError."""
    found = known().get(name)
    if found is None:
        raise WrongUsage(f"there is no profile {name!r}: `pointsman driver list` shows those there are")
    return found
