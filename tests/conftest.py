"""What holds for every test: its marker, its skip with a reason, and nothing left behind.

The plug-ins are small and each does one thing; `tests/unit/house/` and `tests/system/` prove that each of them bites.
"""

pytest_plugins = [
    "pytester",
    "tests.plugins.thrift",
    "tests.plugins.workers",
    "tests.plugins.markers",
    "tests.plugins.skips",
    "tests.plugins.leaks",
    "tests.plugins.databases",
    "tests.plugins.postgres",
]
