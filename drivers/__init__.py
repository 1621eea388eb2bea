"""How to talk to devices: the contract, the registry, transports that carry bytes, and one file per vendor OS."""
