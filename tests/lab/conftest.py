"""The lab of real parts, brought up once for all tests that ask for it."""

import os
from collections.abc import Iterator

import pytest

from pointsman.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab of our own: its name carries our process id, so that runs side by side do not meet."""
    made = Lab.up(f"t{os.getpid()}")
    yield made
    made.down()
