"""The CLI session: commands over a byte stream, by the prompts and modes of a profile."""

from drivers.cli.session import CliSession

__all__ = ["CliSession"]
