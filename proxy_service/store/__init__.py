"""What the service remembers: one store, one way to write, and a wake-up after every commit."""

from proxy_service.store import graph_tables as graph_tables  # with them the metadata is whole
from proxy_service.store.errors import DatabaseUnusable
from proxy_service.store.store import Store, open_store
from proxy_service.store.unit import Cause, Rows, Unit

__all__ = ["Cause", "DatabaseUnusable", "Rows", "Store", "Unit", "open_store"]
