"""What carries bytes to a device: one file per protocol, chosen by the scheme of an access URL."""
