"""The conformance suite: what every driver promises, tried on a device or its twin with faults where bytes pass.

A :class:`~drivers.conformance.subject.Subject` is a device with what on it may be changed; the suite brings it into a
known state, opens drivers on it, and tries each :class:`~drivers.conformance.promise.Promise` whose subject matter
the profile declares. Nothing is left out for a lack that was not declared.
"""

from drivers.conformance.promise import Promise
from drivers.conformance.subject import Ground, Login, Subject
from drivers.conformance.suite import SUITE, Outcome, Verdict, asked, judge, run

__all__ = ["SUITE", "Ground", "Login", "Outcome", "Promise", "Subject", "Verdict", "asked", "judge", "run"]
