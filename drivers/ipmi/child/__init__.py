"""pyghmi in a process of its own: sessions to many controllers, driven by one loop, spoken to over pipes.

Why a process: pyghmi has one I/O thread for everything, waits in ``select`` (which takes no file descriptor above 1023,
and an agent has those), and has been seen to stall. Here it has few descriptors, and whoever started us kills us when
we stop answering.

Why callbacks only: pyghmi's blocking calls wait for their own answer while nobody takes those of the others. So nothing
is ever called here that waits: login, commands and timeouts all come back as callbacks of ``Session.wait_for_rsp``,
which one loop calls. No command is sent from within a callback: when that returns, pyghmi forgets the command that it
takes for the answered one, and would forget the new one.

What of pyghmi's session is our own: the privilege level is asked for by callback, the controller's GUID is looked at
before the login goes on, and a controller that takes SHA-256 and then speaks SHA-1 is asked for SHA-1. Keep-alives are
sent by us, since pyghmi's collide with commands.

Protocol: one JSON document a line. In: ``{"id", "do", ...}``, where ``do`` is ``open``, ``ask``, ``attach``, ``say``,
``close`` or ``ping``; out: ``{"id"}`` with the answer, or ``error`` (a word of :mod:`drivers.ipmi.child.controllers`)
and ``text``. What a serial line says comes unasked (``{"bmc", "heard"}``), and so does its end (``{"bmc", "lost"}``).
It ends at the end of its input.
"""
