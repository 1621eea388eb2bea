"""What drivers promise, by theme; each module holds :class:`~drivers.conformance.promise.Promise` objects."""
