"""Dell EMC Unity over its REST interface (Unisphere Management REST API): ``/api/types/<type>/instances``.

An export is a host: its initiators, and the LUNs that it is given (``hostLUN``, with the number ``hlu``). An initiator
with a path that is logged in has a session. Every request bears ``X-EMC-REST-CLIENT``; without it the array answers
with the page of its login.
"""

from drivers.vendors.dell_unity.driver import Unity

DRIVER = Unity
