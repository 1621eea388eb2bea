"""Run by Alembic: migrates on the connection that :mod:`proxy_service.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from proxy_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
