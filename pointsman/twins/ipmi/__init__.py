"""A management controller in Python: what it does with requests, and the same behind pyghmi's own IPMI server.

The requests and answers are those of the IPMI v2.0 specification, compared with OpenIPMI's ipmi_sim and ipmitool.
"""
