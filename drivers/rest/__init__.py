"""Resources over HTTP: what Redfish, Swordfish and the REST interfaces of arrays have in common.

``messages`` are a request and its response; ``served`` is the one function, ``exchange``, at which transports,
recordings, twins and faults meet. Above it, ``session`` reads, writes and remembers (ETags), ``tasks`` waits for what
is done later, and ``failures`` says what a status means. Below it, a transport carries bytes, shows who answers before
a secret is sent, and is logged in by one of ``logins``.
"""
