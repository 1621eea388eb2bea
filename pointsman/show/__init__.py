"""What people see: tables and trees on a terminal, plain lines on a pipe, JSON where it is asked for.

All text of a service or a device is made safe here, at the last step before it is printed.
"""
