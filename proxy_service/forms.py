"""What a body says, by its form. Whatever is wrong with it is refused at once, naming each place."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from device_profiles.names import OBSERVED
from device_profiles.problems import Problem, problems_of
from proxy_service.problems import invalid

T = TypeVar("T")


def filled(form: TypeAdapter[T], value: Any) -> T:
    """What a plain value says. Raises :class:`~proxy_service.problems.Refused`."""
    try:
        return form.validate_python(value)
    except ValidationError as error:
        raise invalid(problems_of(error)) from None


def filled_mapping(form: TypeAdapter[T], value: Any) -> T:
    """What a mapping of keys to values says. Raises :class:`~proxy_service.problems.Refused`, for all else too."""
    if not isinstance(value, dict):
        raise invalid([Problem("", "the body is a mapping of keys to values")])
    return filled(form, value)


def told(form: TypeAdapter[T], body: bytes) -> T:
    """What an agent tells as JSON, names as its device has them. Raises :class:`~proxy_service.problems.Refused`."""
    try:
        return form.validate_json(body, context=OBSERVED)
    except ValidationError as error:
        raise invalid(problems_of(error)) from None
