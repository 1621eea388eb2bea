"""Several commands are asked, of which the device may not know each."""

import pytest

from drivers.cli.asking import answers
from drivers.errors import Rejected
from drivers.session import Reply

pytestmark = pytest.mark.unit


async def run(command: str) -> Reply:
    if command.startswith("no "):
        raise Rejected(f"'{command}': invalid")
    return Reply(command.upper().encode(), status=0, elapsed_s=0.0)


async def test_what_is_refused_is_left_out_and_what_is_asked_twice_is_asked_once() -> None:
    assert await answers(run, ["a", "", "no b", "a", "c"]) == {"a": "A", "c": "C"}


async def test_a_needed_command_that_is_refused_is_an_error() -> None:
    with pytest.raises(Rejected, match="no b"):
        await answers(run, ["a", "no b"], needed=["no b"])


async def test_nothing_but_refusals_is_an_error_where_some_answer_is_needed() -> None:
    assert await answers(run, ["no a", "no b"]) == {}
    with pytest.raises(Rejected, match="no a"):
        await answers(run, ["no a", "no b"], some=True)
