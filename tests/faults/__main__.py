"""``python -m tests.faults``: thousands of schedules on all cores, and what they found. See ``make faults``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.faults.running import BLOCK, Found, play_block

_SHOWN_EVERY_S = 2.0


def say(line: str) -> None:
    """One line for whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: Sequence[str] | None = None) -> int:
    """Run, print, and say by the exit code whether anything was violated."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--n", type=int, default=2000, help="schedules to play (N=)")
    parser.add_argument("--seed", type=int, default=None, help="the number that a run is drawn from (SEED=)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(words)
    seed = random.randrange(10**9) if asked.seed is None else asked.seed
    blocks = [(seed + number, min(BLOCK, asked.n - number * BLOCK)) for number in range(-(-asked.n // BLOCK))]
    say(f"seed {seed}: {asked.n} schedules in {len(blocks)} blocks on {asked.workers} workers")
    with ProcessPoolExecutor(asked.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        playing = [pool.submit(play_block, *block) for block in blocks]
        found = list(_shown((each.result() for each in as_completed(playing)), asked.n))
    return _say(found, seed)


def _shown(found: Iterable[Found], most: int) -> Iterator[Found]:
    """The same, and a line of progress every now and then."""
    begun = told = time.monotonic()
    played = 0
    for each in found:
        played += each.played
        now = time.monotonic()
        if now - told > _SHOWN_EVERY_S:
            told = now
            say(f"{played:6d} of {most} schedules, {now - begun:.0f} s")
        yield each


def _say(found: Sequence[Found], seed: int) -> int:
    injected: Counter[str] = sum((each.injected for each in found), Counter())
    bad = [each for each in found if each.schedule is not None]
    hours = sum(each.virtual_s for each in found) / 3600
    say(f"schedules run    {sum(each.played for each in found)} ({hours:.0f} hours of their own time)")
    for device, count in sum((each.on for each in found), Counter()).most_common():
        say(f"  {device:14} {count}")
    say(f"faults injected  {injected.total()}")
    for kind, count in injected.most_common():
        say(f"  {kind:14} {count}")
    say(f"violations       {len(bad)}")
    for each in bad:
        say(f"\nmake faults SEED={each.seed} N={BLOCK} shows again:")
        for violation in each.violations:
            say(f"  {violation}")
        say(f"  by {each.schedule}")
    say(f"seed             {seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
