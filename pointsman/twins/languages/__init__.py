"""Twins of command lines: a terminal that echoes, pages and asks for a login, and languages that are spoken over it.

A language is one session's view of a device (:class:`~pointsman.twins.languages.terminal.Language`); the device behind
it is shared by its sessions. :class:`~pointsman.twins.languages.server.LanguageServer` puts terminals behind SSH and
telnet.
"""
