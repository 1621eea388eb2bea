"""Any PDU that speaks SNMP: one driver, each family a file of tables (:mod:`device_profiles.snmp.power`).

- ``seeing``: rows of tables as outlets, inputs, phases and banks, by the views of the profile.
- ``steps``: from edits to steps; ``writing``: the commands of a step, each proved by what the device shows then.
- ``facts``: what the device is, in ohai's words, with ``power.outlets``.

Outlets are found, never made. What a device does not let be switched is seen in what it says of itself (its type, the
capabilities of an outlet), not found out by trying. An outlet that is on its way, or has a command of its own under
way (a delay, a sequence), is waited for, and not given another.
"""

from drivers.vendors.snmp_pdu.driver import SnmpPdu

DRIVER = SnmpPdu
