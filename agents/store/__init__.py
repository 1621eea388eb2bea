"""The agent's own store: SQLite behind one writer thread, and a file of functions for each of its tables."""

from agents.store.writer import Store

__all__ = ["Store"]
