"""All profiles that there are: ours, those of installed distributions, and those of folders of plug-ins.

A distribution names the package that holds its ``.toml`` files by an entry point of the group ``pointsman.profiles``;
a folder is named by ``POINTSMAN_PLUGINS`` (several joined as in PATH). Two profiles of one name are an error: nobody
could tell which one a node means.
"""

from __future__ import annotations

import functools
import importlib.resources
import os
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Final

from device_profiles.generic import generic_profiles
from device_profiles.installed import entry_points
from device_profiles.profile import FOLDER, Profile, ProfileError, load_profiles

ENTRY_POINTS: Final = "pointsman.profiles"
VARIABLE: Final = "POINTSMAN_PLUGINS"


def all_profiles() -> Mapping[str, Profile]:
    """Every profile by name. Raises :class:`~device_profiles.profile.ProfileError`."""
    return _loaded(tuple(_folders()))


def known_profiles() -> Mapping[str, Profile]:
    """Every profile by name, and beside them those that are made at run time for what no file describes.

    Raises :class:`~device_profiles.profile.ProfileError`.
    """
    return {**generic_profiles(), **all_profiles()}


def _folders() -> Iterator[File]:
    yield FOLDER
    for entry in entry_points(ENTRY_POINTS):
        yield File(str(importlib.resources.files(entry.value)))
    yield from (File(text) for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text)


@functools.cache
def _loaded(folders: tuple[File, ...]) -> Mapping[str, Profile]:
    found: dict[str, Profile] = {}
    for folder in folders:
        for name, profile in load_profiles(folder).items():
            if name in found:
                raise ProfileError(f"{folder.name}/{name}.toml: there is another profile of this name")
            found[name] = profile
    return dict(sorted(found.items()))
