"""Plain values to declarations, strictly; and declarations to the text that is stored.

The stored text is the validated object written again, so equal declarations are equal texts, however they were
written. Objects are read back through caches keyed by that text: a role is parsed once, not at every compile.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from device_profiles.catalogue import known_profiles
from device_profiles.checks import exclusive_problems, state_problems
from device_profiles.documents import Cable, Document, LocationSpec, NodeSpec, RoleSpec, ServerSpec
from device_profiles.paths import Path, parse_path, render_path
from device_profiles.problems import Problem
from device_profiles.profile import Profile
from device_profiles.state import State
from proxy_service import clock
from proxy_service.declare.access import access_problems
from proxy_service.forms import filled_mapping
from proxy_service.problems import Refused, Slug, invalid, refused_at

T = TypeVar("T")

NODE: Final = TypeAdapter(NodeSpec)
ROLE: Final = TypeAdapter(RoleSpec)
LOCATION: Final = TypeAdapter(LocationSpec)
SERVER: Final = TypeAdapter(ServerSpec)
CABLE: Final = TypeAdapter(Cable)
DOCUMENT: Final = TypeAdapter(Document)
PROFILE: Final = TypeAdapter(Profile)

MOST_OBJECTS: Final = 5_000


def node_spec(value: Any) -> NodeSpec:
    """A node of a body. Raises :class:`Refused`."""
    spec = filled_mapping(NODE, value)
    _raise(node_problems(spec))
    _known_profile(spec, "profile")
    return spec


def role_spec(value: Any) -> RoleSpec:
    """A role of a body. Raises :class:`Refused`."""
    spec = filled_mapping(ROLE, value)
    _raise(role_problems(spec))
    _of_this_version(spec, "")
    return spec


def location_spec(value: Any) -> LocationSpec:
    """A location of a body. Raises :class:`Refused`."""
    spec = filled_mapping(LOCATION, value)
    _raise(_protect_problems(spec.protect))
    return spec


def server_spec(value: Any) -> ServerSpec:
    """A server of a body. Raises :class:`Refused`."""
    spec = filled_mapping(SERVER, value)
    _needs_nothing(spec, "")
    return spec


def _needs_nothing(spec: ServerSpec, place: str) -> None:
    if spec.needs:
        message = "this version does not compile what servers need; declare roles on the nodes"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, f"{place}needs", message)


def document(value: Any) -> Document:
    """A whole document of a body. Raises :class:`Refused`."""
    if isinstance(value, dict):
        held = (value.get(name) for name in ("locations", "nodes", "roles", "servers"))
        if sum(len(part) for part in held if isinstance(part, dict)) > MOST_OBJECTS:
            raise Refused(Slug.TOO_LARGE, f"a document holds at most {MOST_OBJECTS} objects; split it")
    found = filled_mapping(DOCUMENT, value)
    problems: list[Problem] = []
    for name, location in found.locations.items():
        problems += _below(render_path(("locations", name)), _protect_problems(location.protect))
    for name, node in found.nodes.items():
        problems += _below(render_path(("nodes", name)), node_problems(node))
    for name, role in found.roles.items():
        problems += _below(render_path(("roles", name)), role_problems(role))
    _raise(problems)
    for name, node in found.nodes.items():
        _known_profile(node, render_path(("nodes", name)) + ".profile")
    for name, role in found.roles.items():
        _of_this_version(role, render_path(("roles", name)) + ".")
    for name, server in found.servers.items():
        _needs_nothing(server, render_path(("servers", name)) + ".")
    return found


_TOKEN_AHEAD: Final = timedelta(seconds=60)


def node_problems(spec: NodeSpec) -> list[Problem]:
    """What the types cannot say about a node; paths from the node."""
    return [*access_problems(spec.access), *_protect_problems(spec.protect)]


def role_problems(spec: RoleSpec) -> list[Problem]:
    """What the types cannot say about a role; paths from the role."""
    tokens = _tokens_ahead(spec.state)
    return [*_below("state", [*state_problems(spec.state), *tokens]), *exclusive_problems(spec.exclusive)]


def _tokens_ahead(state: State) -> list[Problem]:
    """Verbs with a time that has not come: until it has, every later one would be taken for an older."""
    latest = clock.now() + _TOKEN_AHEAD
    tokens: dict[Path, datetime | None] = {
        ("outlets", str(key), "cycled_at"): item.cycled_at for key, item in state.outlets.items()
    }
    for key, slot in state.slots.items():
        tokens["slots", str(key), "cycled_at"] = slot.cycled_at
        if slot.boot_once is not None:
            tokens["slots", str(key), "boot_once", "at"] = slot.boot_once.at
    message = "is more than 60 s ahead of this service's clock: send the time of now"
    return [Problem(render_path(path), message) for path, at in tokens.items() if at is not None and at > latest]


def _below(place: str, problems: Iterable[Problem]) -> list[Problem]:
    return [Problem(f"{place}.{problem.path}", problem.message) for problem in problems]


def _protect_problems(paths: tuple[str, ...]) -> list[Problem]:
    found = []
    for index, path in enumerate(paths):
        try:
            parse_path(path)
        except ValueError:
            found.append(Problem(f"protect.{index}", "is not a path like ports.p48 or vlans.1"))
    return found


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise invalid(problems)


def _known_profile(spec: NodeSpec, path: str) -> None:
    known = profiles()
    if spec.profile not in known:
        near = difflib.get_close_matches(spec.profile, known)
        message = (
            f"there is no such profile{f' (did you mean {near[0]}?)' if near else ''}: GET /v1/profiles lists them"
        )
        raise refused_at(Slug.UNKNOWN_PROFILE, path, message)


def _of_this_version(spec: RoleSpec, place: str) -> None:
    if spec.on_release == "reset":
        message = "this version leaves a released port as it is; use leave"
        raise refused_at(Slug.NOT_IN_THIS_VERSION, f"{place}on_release", message)


def stored(adapter: TypeAdapter[T], spec: T) -> str:
    """The text that is stored for a declaration: what was said, nothing that was left out."""
    return adapter.dump_json(spec, exclude_none=True, exclude_defaults=True).decode()


@functools.lru_cache(maxsize=8_192)
def read_node(text: str) -> NodeSpec:
    """The node that :func:`stored` wrote."""
    return NODE.validate_json(text)


@functools.lru_cache(maxsize=8_192)
def read_role(text: str) -> RoleSpec:
    """The role that :func:`stored` wrote."""
    return ROLE.validate_json(text)


@functools.lru_cache(maxsize=8_192)
def read_server(text: str) -> ServerSpec:
    """The server that :func:`stored` wrote."""
    return SERVER.validate_json(text)


@functools.lru_cache(maxsize=1_024)
def read_location(text: str) -> LocationSpec:
    """The location that :func:`stored` wrote."""
    return LOCATION.validate_json(text)


@functools.cache
def profiles() -> Mapping[str, Profile]:
    """All profiles of this service by name: ours, those of plug-ins, and those made for what no file describes."""
    return known_profiles()
