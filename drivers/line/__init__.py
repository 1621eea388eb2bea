"""One physical line to a device (a serial cable, a port of a console server): held by one, heard by many.

``line`` has the line, ``holding`` who may use it, ``listening`` what everybody hears; ``endpoint`` is what a line is
made of, with one file for each kind.
"""
