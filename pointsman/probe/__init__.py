"""Reading one device without service, node or agent: which profile fits it, what it is, and what is set on it.

``reaching`` makes a connection of a URL, ``detection`` finds the profile, ``reading`` asks the driver for everything
and ``document`` is what is shown of it.
"""
