"""The page ``docs/drivers.md``, printed from profiles, evidence and the suite; a test compares it with the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from device_profiles.leaves import SHAPES
from device_profiles.profile import Profile
from drivers.conformance import SUITE
from drivers.levels import Evidence, Trials, evidence
from drivers.quality import EXEMPT, RULES, quality

_HEAD: Final = """\
# Drivers

This page is printed from the profiles, the evidence and the suite. To print it again:

```
pointsman driver list --markdown > docs/drivers.md
```

## Levels

| level | derived from |
|---|---|
| untried | nothing yet |
| reads | its parsers pass recordings of real devices that it was not written from |
| writes | it keeps every promise on a twin whose grammar comes from a source that the twin names |
| proven | it keeps every promise on real software or hardware |

The promises are tried on a profile's twin, or on a device:

```
pointsman driver test openvswitch
pointsman driver test openvswitch --against ssh://root@192.0.2.11 --credentials lab.key --ports p5,p6,p7,p8 --lag lag9
```

Of a device only the ports, the LAG and the VLANs that were named are changed, and it is brought back to what it was.
There a few cases stand for all; `--thorough` tries each.
"""

_PLUGINS: Final = """\
## A driver of your own

A folder with three files, named in `POINTSMAN_PLUGINS`:

| file | what |
|---|---|
| `zeta_os.toml` | the profile: data, as in `device_profiles/profiles/` |
| `zeta_os.py` | the driver, with `DRIVER = ZetaOs` in it: what it promises stands in `drivers/contract.py` |
| `zeta_os_twin.py` | the twin: `subject(profile)` makes a device for the suite, see `drivers/conformance/subject.py` |

`pointsman driver test zeta_os --evidence evidence.json` runs the suite on it and notes what it found beside the driver,
where the list looks for it. A distribution names the same things by entry points: `pointsman.profiles` (a package that
holds `.toml` files), `pointsman.drivers` and `pointsman.subjects` (each by the driver's name). A whole example is
`tests/unit/drivers/conformance/zeta/`.
"""


def page(profiles: Iterable[Profile]) -> str:
    """The page."""
    found = {profile.name: profile for profile in profiles}
    parts = [_HEAD, _overview(found.values()), *map(_profile, found.values()), _promises(), _rules(), _PLUGINS]
    return "\n".join(parts)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def _overview(profiles: Iterable[Profile]) -> str:
    rows = []
    for profile in profiles:
        found = evidence(profile.name)
        recordings = f"{found.recordings.read} of {found.recordings.files}" if found.recordings.files else "-"
        name = f"[{profile.name}](#{profile.name})"
        tried = (_tried(found.twin), _tried(found.real))
        rows.append((name, profile.vendor, profile.kind, profile.driver, found.level.value, recordings, *tried))
    columns = (
        "profile",
        "vendor",
        "kind",
        "driver",
        "level",
        "recordings read",
        "kept on a twin",
        "kept on the real thing",
    )
    return f"## Profiles\n\n{_table(columns, rows)}"


def _tried(trials: Trials) -> str:
    return f"{trials.kept} of {trials.asked}" if trials.asked else "-"


def _profile(profile: Profile) -> str:
    found = evidence(profile.name)
    shapes = sorted(name for name in profile.capabilities if name in SHAPES)
    abilities = sorted(name for name in profile.capabilities if name not in SHAPES)
    rows = [
        ("reads and writes", _words(shapes)),
        ("tells", _words(abilities)),
        ("has by itself", _words(profile.implicit)),
        ("keeps its configuration", profile.persistence),
        ("is known by", _words(profile.identity)),
        *_sources(found),
    ]
    status = quality(profile, found)
    todo = [name for name, said in status.items() if said == "todo"]
    exempt = [f"{name} ({said.removeprefix(EXEMPT)})" for name, said in status.items() if said.startswith(EXEMPT)]
    done = [name for name, said in status.items() if said == "done"]
    rows += [("done", _list(done)), ("to do", _list(todo)), ("exempt", _list(exempt))]
    return f"### {profile.name}\n\n{profile.title}.\n\n{_table(('', ''), rows)}"


def _sources(found: Evidence) -> Iterator[tuple[str, str]]:
    if found.twin.source:
        yield "the twin's grammar", found.twin.source
    if found.real.source:
        yield "tried on", found.real.source


def _words(names: Iterable[str]) -> str:
    return _list([f"`{name}`" for name in names])


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "-"


def _promises() -> str:
    return f"## Promises\n\n{_table(('promise', 'a driver ...'), ((each.name, each.sentence) for each in SUITE))}"


def _rules() -> str:
    rows = ((rule.name, rule.sentence, "a program" if rule.check else "people") for rule in RULES)
    return f"## Quality\n\n{_table(('rule', 'done when it ...', 'judged by'), rows)}"
