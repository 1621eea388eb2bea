"""Keeping nodes as declared: one worker per node, the pass, the ledger, the store, and the way to the service."""
