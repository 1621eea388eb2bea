"""IPMI: requests and answers of a management controller, and what they mean (IPMI v2.0 rev. 1.1, Intel and others).

All that we ask passes one function, ``exchange(request) -> answer``, at which transports, twins and faults meet. The
sessions (RMCP+) are pyghmi's, in a child process that is watched (:mod:`drivers.ipmi.children`); what answers mean is
read here, by pure functions over bytes, so that it can be tried without any controller.
"""
