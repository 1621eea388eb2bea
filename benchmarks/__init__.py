"""Measurements of Pointsman as it runs: whole processes, real devices where this machine can make them.

``python -m benchmarks [ROW ...]`` prints one figure with its goal per line and a table at the end. Nothing here
asserts a time: a figure that misses its goal is shown as missed, and the exit status stays 0.
"""
