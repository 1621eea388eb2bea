"""powerman (LLNL): outlets of whatever PDUs, chassis and BMCs a powermand drives, by its line protocol.

A line is sent, and the answer is lines of three digits and a text: 3xx are parts of an answer, 1xx ends one that went
well and 2xx one that did not (powerman's ``client_proto.h`` has the list; every code is handled by its first digit).
``exprange`` is turned on at the beginning of a session, so that each outlet is told on a line of its own.

An outlet's key is its node name in powerman.conf. An outlet whose controller does not answer is ``unknown``, and is
then read as an outlet whose power nobody knows. ``cycle`` is never sent: a cycle is off, proved, on, proved.
"""

from drivers.vendors.powerman.driver import Powerman

DRIVER = Powerman
