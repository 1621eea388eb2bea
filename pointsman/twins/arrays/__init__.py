"""Arrays as twins: machines with files and pools (:mod:`host`), and what exports them (:mod:`tgt`, :mod:`lio`)."""
