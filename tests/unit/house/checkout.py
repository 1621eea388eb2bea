"""The checkout that is tested: where it lies, its packages, and its files."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ("agents", "device_profiles", "drivers", "pointsman", "proxy_service")


def files(*folders: str) -> list[str]:
    """The files below `folders` (all without any) that git knows or would add, as paths within the checkout."""
    # A checkout that belongs to another account, as in a container, is read all the same.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(
        [*command, "--", *folders], cwd=ROOT, check=True, capture_output=True, text=True, timeout=20
    ).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]
