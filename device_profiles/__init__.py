"""The words that agents, drivers and the service share: what a device is, shall be, does and holds.

This package imports none of the others and does no input or output beside reading its own profile files.
"""
