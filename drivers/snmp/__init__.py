"""SNMP, as drivers use it: typed values, one request at a time, tables by column.

- :mod:`drivers.snmp.values`: what a variable holds, as frozen objects with their SNMP type; an OID is a tuple of int.
- :mod:`drivers.snmp.pdu`: a request and its response, without the message around them. ``exchange(request)`` is the one
  seam below: transports, recordings, twins and faults are all a function from the one to the other.
- :mod:`drivers.snmp.managed`: ``get``, ``walk`` and ``set`` over such a function, with everything that keeps them from
  going on for ever; and the protocol :class:`~drivers.snmp.managed.Managed` by which a driver knows such a connection.
- :mod:`drivers.snmp.ber`: SNMP v1 and v2c messages as bytes, fast.
- :mod:`drivers.snmp.polling`: the tables of a profile (:mod:`device_profiles.snmp`) read by name and decoded to rows.
- :mod:`drivers.snmp.records`: ``.snmprec`` recordings, and the agent that plays one.

A driver does no more than this::

    managed = managed_of(connection)                       # Unsupported where it is no SNMP connection
    poll = await Poller(managed, profile.snmp).read("ifTable", "ifXTable")
    for index, row in poll.rows("ifTable").items(): row["ifDescr"] ...
    await managed.set([(oid, Integer(1))])                 # one PDU: all or none; then read back
"""
