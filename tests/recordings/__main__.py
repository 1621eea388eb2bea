"""`python -m tests.recordings` (`make recordings`): judge every recording, print what was found, write the counts.

`--check` writes nothing and fails where the committed counts are not those that were found.
"""

import json
import sys

from drivers.levels import FOLDER, RECORDINGS
from tests.recordings import sites
from tests.recordings.all import committed, outcomes
from tests.recordings.judging import platforms, scores
from tests.recordings.outcome import Outcome
from tests.recordings.shared_data import ABSENT

HEAD = f"{'platform':<20} {'kind':<10} {'expected':>8} {'found':>6} {'recall':>7} {'precision':>9}"


def main(arguments: list[str]) -> int:
    """Judge; the exit code."""
    if not platforms():
        say(f"skipped: {ABSENT}")
        return 0
    found = outcomes()
    say(HEAD)
    for name, each in found.items():
        tell(name, each)
    for site in sites.judged():
        tell_site(site)
    made = committed(found)
    for name, numbers in made.items():
        say(f"{name:<20} {numbers['read']} of {numbers['files']} recordings read")
    file = FOLDER / RECORDINGS
    text = json.dumps(made, indent=2, sort_keys=True) + "\n"
    if "--check" in arguments:
        return int(not file.is_file() or file.read_text(encoding="utf-8") != text)
    file.write_text(text, encoding="utf-8")
    say(f"wrote {file}")
    return 0


def tell(name: str, outcomes: list[Outcome]) -> None:
    """One platform."""
    for kind, score in scores(outcomes).items():
        numbers = f"{score.expected:>8} {score.found:>6} {score.recall:>7.3f} {score.precision:>9.3f}"
        say(f"{name:<20} {kind:<10} {numbers}")
    for outcome in outcomes:
        if outcome.missing or outcome.surplus or outcome.error:
            what = f"{len(outcome.missing)} missing, {len(outcome.surplus)} more"
            say(f"    {outcome.name}: {what}: {outcome.reason or outcome.error or 'not explained'}")


def tell_site(site: sites.SiteOutcome) -> None:
    """One site, as the graph has it."""
    numbers = f"{len(site.expected):>8} {len(site.found):>6} {site.recall:>7.3f} {site.precision:>9.3f}"
    say(f"{site.name:<20} {'site':<10} {numbers}")
    if site.missing or site.surplus:
        what = f"{len(site.missing)} missing, {len(site.surplus)} more"
        say(f"    {what}: {site.reason or 'not explained'}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
