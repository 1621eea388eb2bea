"""Who is connected to whom: evidence over time, resolved to nodes and servers, and what can be asked of it."""
