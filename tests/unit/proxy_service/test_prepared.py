"""Statements that go to the driver as they are: what they take, give and refuse."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, prepared, texts_in
from proxy_service.store.session import Session, SqliteDriver

pytestmark = pytest.mark.unit

INSERT = prepared(sa.insert(t.counters))
NAMED = Prepared(lambda dialect: sa.select(t.counters).where(t.counters.c.name.in_(texts_in(dialect, "names"))))


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        t.counters.create(connection)
        yield Session(connection, SqliteDriver(connection.connection.driver_connection))
    engine.dispose()


def row(name: str, value: int = 0) -> dict[str, object]:
    return {"name": name, "value": value, "pruned": 0}


def test_rows_that_were_written_are_read_by_their_columns(session: Session) -> None:
    session.run(INSERT, [row("a", 1)])
    session.run(INSERT, [row("b", 2), row("c", 3)])
    found = session.fetch(NAMED, {"names": '["a", "c", "of nobody"]'})
    assert sorted((each.name, each.value) for each in found) == [("a", 1), ("c", 3)]
    assert session.fetch(NAMED, {"names": "[]"}) == []


def test_a_value_in_the_statement_itself_need_not_be_given(session: Session) -> None:
    session.run(INSERT, [row("a", 1), row("b", 2)])
    above = sa.select(t.counters.c.name).where(t.counters.c.value > sa.bindparam("least"), t.counters.c.pruned == 0)
    assert [each.name for each in session.fetch(prepared(above), {"least": 1})] == ["b"]


def test_a_value_that_is_missing_is_an_error(session: Session) -> None:
    with pytest.raises(KeyError):
        session.run(INSERT, [{"name": "a"}])


@pytest.mark.parametrize("statement", [sa.select(t.reach.c.named), sa.select(t.reach.c.role).where(t.reach.c.named)])
def test_what_needs_converting_is_refused(session: Session, statement: sa.Select[tuple[object]]) -> None:
    wanted = statement.where(t.reach.c.named == sa.bindparam("named", type_=sa.Boolean))
    with pytest.raises(TypeError, match="converting"):
        session.fetch(prepared(wanted), {"named": True})
