"""The one error of the lab: a sentence that says what failed, on what, why, and what to do next."""


class LabError(Exception):
    """The lab cannot be made, found or changed as asked; the message is meant for people."""
