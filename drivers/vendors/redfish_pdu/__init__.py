"""A PDU that speaks Redfish (DSP0268: PowerDistribution, Outlet, Circuit; ``PowerEquipment`` of the service root).

An outlet's key is its Id, with the PDU's before it where a service stands for several. It is switched by
``Outlet.PowerControl`` and is on when it shows that: outlets have delays of their own. One without that action is only
measured. ``UserLabel`` is a name that somebody gave; ``Name`` is the manufacturer's, and cannot be written.
"""

from drivers.vendors.redfish_pdu.driver import RedfishPdu

DRIVER = RedfishPdu
"""The driver: rack and floor PDUs, their outlets, and what feeds them."""
