"""What arrays have in common, whatever their words are: the rules by which data is never lost.

A vendor says what its array shows (:class:`~drivers.storage.seen.Seen`) and how it is told a change; what may change,
in which order, and why something does not, stands here and is pure (:mod:`planning`, with the changes of volumes in
:mod:`volumes` and those of exports in :mod:`exports`). :mod:`steps` makes the steps, :mod:`driver` what drivers of
arrays share, :mod:`telling` facts, links and operation.
"""
