"""The agent's side of shared consoles: a line heard for people, held for the one who writes, told to the service.

``consoles`` answers requests, ``session`` is one open console, ``sources`` finds the line (or a shell of its own),
``spool`` keeps what the service has not stored, ``veil`` masks secrets that a device sends back, ``dialling`` is the
WebSocket.
"""
