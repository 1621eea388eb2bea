"""`pointsman driver`: which devices can be managed, and how far each driver can be trusted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from device_profiles.catalogue import all_profiles, known_profiles
from device_profiles.profile import Profile, ProfileError
from drivers.levels import evidence
from drivers.pages import page
from drivers.quality import quality
from pointsman.cli.driver_test import EXAMPLES, try_promises
from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag
from pointsman.problems import PointsmanError
from pointsman.show.output import print_json, print_table

app = typer.Typer(help="List drivers, and try what they promise.", no_args_is_help=True, rich_markup_mode=None)
app.command("test", epilog=EXAMPLES)(try_promises)


@app.command(
    "list",
    epilog=examples(
        "pointsman driver list",
        "pointsman driver list --json",
        "pointsman driver list --markdown > docs/drivers.md",
        "POINTSMAN_PLUGINS=/opt/zeta pointsman driver list     # with plug-ins of a folder",
    ),
)
def list_drivers(
    *,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/drivers.md.")] = False,
    json: JsonFlag = False,
) -> None:
    """List profiles with their drivers and levels.

    A level is derived: reads (recordings of real devices), writes (every promise kept on a twin), proven (kept on the
    real thing). RECORDINGS counts those that are read as they should be, PROMISES those that are kept. Platforms that
    no file describes and that can be read all the same are listed, too; the page is of those that a file describes.
    """
    if markdown:
        sys.stdout.write(page(_profiles(all_profiles)))
        return
    profiles = _profiles(known_profiles)
    if json:
        print_json([_entry(profile) for profile in profiles])
    else:
        columns = ("profile", "driver", "vendor", "kind", "level", "recordings", "promises")
        print_table(columns, [_row(_entry(profile)) for profile in profiles], empty="there are no profiles")


def _profiles(source: Callable[[], Mapping[str, Profile]]) -> list[Profile]:
    try:
        return [profile for _, profile in sorted(source().items())]
    except ProfileError as error:
        raise PointsmanError(f"a profile cannot be used: {error}") from None


def _entry(profile: Profile) -> dict[str, Any]:
    found = evidence(profile.name)
    best = found.real if found.real.whole else found.twin
    return {
        "name": profile.name,
        "title": profile.title,
        "driver": profile.driver,
        "vendor": profile.vendor,
        "kind": profile.kind,
        "level": found.level.value,
        "recordings": {"files": found.recordings.files, "read": found.recordings.read},
        "promises": {"asked": best.asked, "kept": best.kept, "source": best.source},
        "capabilities": sorted(profile.capabilities),
        "quality": quality(profile, found),
    }


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    recordings, promises = entry["recordings"], entry["promises"]
    return (
        *(entry[name] for name in ("name", "driver", "vendor", "kind", "level")),
        _of(recordings["read"], recordings["files"]),
        _of(promises["kept"], promises["asked"]),
    )


def _of(part: int, whole: int) -> str:
    return "-" if not whole else str(whole) if part == whole else f"{part} of {whole}"
