"""Reading: what people and programs are shown of nodes, roles, links and events."""
