"""Every test says what it is (`unit`, `system`, `conformance`, ...); what a machine lacks is skipped.

A test without one of these is an error at collection, so that nothing slow or privileged slips in among the unit
tests. The quick ones run first. What the machine can do is asked only for markers that were chosen.
"""

import pytest

from tests.plugins import capabilities

ORDER = list(capabilities.QUESTIONS)
NEEDS = "needs"
"""The property of a test's report that holds its marker."""


def needs(item: pytest.Item) -> list[str]:
    """The markers of these that `item` has, cheapest first."""
    names = {mark.name for mark in item.iter_markers()}
    return [name for name in ORDER if name in names]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unmarked = sorted({item.nodeid.split("::")[0] for item in items if not needs(item)})
    if unmarked:
        raise pytest.UsageError(
            f"{', '.join(unmarked)}: every test needs one of the markers {', '.join(ORDER)}; "
            "put `pytestmark = pytest.mark.unit` at the head of the file"
        )
    items.sort(key=lambda item: ORDER.index(needs(item)[-1]))
    for item in items:
        item.user_properties.append((NEEDS, needs(item)[-1]))
        for name in needs(item):
            reason = capabilities.lacking(name)
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=f"{name}: {reason}"))
