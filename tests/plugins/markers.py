"""Every test says what it is (`unit`, `system`, `conformance`, ...); what a machine lacks is skipped.

A test without one of these is an error at collection, so that nothing slow or privileged slips in among the unit
tests. The quick ones run first. What the machine can do is asked only for markers that were chosen.

A folder that is named after a marker holds no others (`tests/unit` may), so a run of another, as `-m unit`, does not
read it.
"""

from pathlib import Path

import pytest

from tests.plugins import capabilities

ORDER = list(capabilities.QUESTIONS)
NEEDS = "needs"
"""The property of a test's report that holds its marker."""


def needs(item: pytest.Item) -> list[str]:
    """The markers of these that `item` has, cheapest first."""
    names = {mark.name for mark in item.iter_markers()}
    return [name for name in ORDER if name in names]


def folder_of(path: Path, config: pytest.Config) -> str | None:
    """The marker after which the folder of a path below `tests` is named; None where it has no such name."""
    within = path.relative_to(config.rootpath).parts if path.is_relative_to(config.rootpath) else ()
    return within[1] if within[:1] == ("tests",) and len(within) > 1 and within[1] in ORDER else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    chosen = config.option.markexpr.strip()
    folder = folder_of(collection_path, config)
    return True if chosen in ORDER and folder not in {None, "unit", chosen} else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unmarked = sorted({item.nodeid.split("::")[0] for item in items if not needs(item)})
    if unmarked:
        raise pytest.UsageError(
            f"{', '.join(unmarked)}: every test needs one of the markers {', '.join(ORDER)}; "
            "put `pytestmark = pytest.mark.unit` at the head of the file"
        )
    strange = sorted(
        {
            item.nodeid.split("::")[0]
            for item in items
            if folder_of(item.path, item.config) not in {None, "unit", *needs(item)}
        }
    )
    if strange:
        raise pytest.UsageError(f"{', '.join(strange)}: the folder is for tests of the marker after which it is named")
    items.sort(key=lambda item: ORDER.index(needs(item)[-1]))
    for item in items:
        item.user_properties.append((NEEDS, needs(item)[-1]))
        for name in needs(item):
            reason = capabilities.lacking(name)
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=f"{name}: {reason}"))
