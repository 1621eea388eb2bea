"""What lets an agent trust the service: its keys and its epoch, what agents refuse, backups."""
