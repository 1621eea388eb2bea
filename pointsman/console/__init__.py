"""A shared console on a terminal: keys and commands, the raw terminal, the stream to the service, and replaying."""
