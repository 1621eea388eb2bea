"""The power keeper as a process of its own: python -m pointsman.lab.keeper NAME ROOT."""

import sys
from pathlib import Path

from pointsman.lab import power
from pointsman.lab.rig import Rig

if __name__ == "__main__":
    power.keep(Rig(sys.argv[1], root=Path(sys.argv[2])))
