"""EMC VNX and CLARiiON by ``naviseccli`` (VNX Command Line Interface reference for Block).

The client runs on a machine that is reached over SSH: a VNX's control station, or whatever host has it; the profile
says how it is called there. An export is a storage group: its HBAs are the initiators, its HLU/ALU pairs the LUNs. An
HBA that is logged in, and of which group, stands in the list of HBAs. Capacities are in units of 1024.
"""

from drivers.vendors.emc_vnx.driver import Vnx

DRIVER = Vnx
