"""A Unix socket listens when it takes connections, not when its file is there."""

import socket
from pathlib import Path

import pytest

from pointsman.lab.reach import listens

pytestmark = pytest.mark.unit


def test_a_socket_that_is_bound_does_not_listen_yet(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    assert not listens(path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert path.exists()
        assert not listens(path)
        server.listen()
        assert listens(path)
    assert not listens(path)
