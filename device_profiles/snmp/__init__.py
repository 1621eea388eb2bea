"""What SNMP devices hold, as data: tables, columns, index syntax, and what they feed.

A MIB is a file of ``mibs/`` (or a folder of plug-ins): tables and scalars by their names in the document that defines
them. A profile names the MIBs that its devices speak, and may add tables of its own, or put one in the place of a MIB's
where a device does it differently::

    [snmp]
    mibs = ["system", "if", "bridge"]

    [[snmp.signs]]                              # how the device is known: the longest object that fits wins
    object = "1.3.6.1.4.1.318.1.3.4"            # sysObjectID begins with it
    descr = '(?i)apc web/snmp'                  # and sysDescr matches it
    unless = 'AP9'                              # and does not match this
    present = "1.3.6.1.4.1.318.1.1.12"          # and there is something below this

    [snmp.facts]                                # word = sources: the first that says something
    serial = [{ of = "rPDUIdentSerialNumber" }, { of = "sysDescr", pattern = 'SN: (\\S+)' }]

    [snmp.scalars]                              # read as OID.0
    rPDUIdentSerialNumber = { oid = "1.3.6.1.4.1.318.1.1.12.1.6", type = "text" }

    [snmp.tables.rPDUOutletStatusTable]         # the OID of the table's *entry*; columns are relative to it
    oid = "1.3.6.1.4.1.318.1.1.12.3.5.1.1"
    index = { outlet = "integer" }              # parts in order: name = syntax
    columns.rPDUOutletStatusOutletName = { oid = "2", type = "text" }
    columns.rPDUOutletStatusOutletState = { oid = "4", type = "enum", enum = { on = 1, off = 2 } }
    columns.rPDUOutletStatusLoad = { oid = "7", type = "gauge", scale = 0.1, unit = "A" }

Types and syntaxes are :data:`~device_profiles.snmp.syntax.VALUES` and :data:`~device_profiles.snmp.syntax.INDEXES`;
:mod:`drivers.snmp.polling` decodes just those, and a test holds the two together. Whatever a file says that is not
known here is an error when it is loaded, with file and key.
"""

from device_profiles.snmp.schema import Column, Scalar, Sign, Snmp, Source, Table

__all__ = ["Column", "Scalar", "Sign", "Snmp", "Source", "Table"]
