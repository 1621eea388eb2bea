"""The service: remembers what is declared and what was found, computes what each node shall be, and tells the agents.

It never speaks to a device and never imports the code that does; agents call it, over HTTP.
"""
