"""What planning for switches has in common, whatever a vendor's words are.

A vendor says how its switch is told something (lines, statements, transactions); what is to be said, in which order and
what a step touches stands here: the switching of a port (:mod:`modes`), the change of a port (:mod:`ports`), LAGs
(:mod:`lags`), VLANs (:mod:`vlans`), the order of it all (:mod:`order`, :mod:`planner`); and what readings share
(:mod:`blocks`, :mod:`reading`, :mod:`interfaces`, :mod:`operating`, :mod:`describing`).
"""
