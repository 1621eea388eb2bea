"""Attaching an agent to a device by its serial line: what is at the far end of a cable, and making it a node.

``hearing`` finds the speed, ``finding`` the profile and the facts, ``joining`` makes the agent that holds the line.
``bootstrapping`` and ``proving`` make a device reachable first, ``leaving`` leaves it to another agent. ``offline``
works with no service, and ``kept`` is what the agent's folder tells of that later.
"""
