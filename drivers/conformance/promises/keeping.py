"""What a device tells of our hold on it: by which way we come to it, and whether what it runs was saved."""

from __future__ import annotations

from drivers.conformance.promise import ability, promise, writable
from drivers.conformance.subject import Subject
from drivers.conformance.trial import Opened, Trial, expect
from drivers.contract import Keeping, OwnPath, Placed


def _keeps(subject: Subject) -> str:
    return writable(subject) or ability("unsaved")(subject)


async def _way(trial: Trial, opened: Opened) -> OwnPath | None:
    driver = opened.driver
    expect(isinstance(driver, Placed), "own_path is declared, and the driver has no own_path()")
    assert isinstance(driver, Placed)  # noqa: S101 -- said above
    return await trial.call(driver.own_path(), "own_path")


async def _unsaved(trial: Trial, opened: Opened) -> bool:
    driver = opened.driver
    expect(isinstance(driver, Keeping), "unsaved is declared, and the driver has no unsaved()")
    assert isinstance(driver, Keeping)  # noqa: S101 -- said above
    return await trial.call(driver.unsaved(), "unsaved")


@promise("tells by which way it is asked, in the words of its readings", excuse=ability("own_path"))
async def tells_its_own_way(trial: Trial) -> None:
    opened = await trial.settle()
    state = await trial.read(opened)
    way = await _way(trial, opened)
    expect(await trial.read(opened) == state, "asked for our way, the device changed")
    expect(await _way(trial, opened) == way, "nothing changed, and our way did")
    if way is None:
        return
    expect(way.evidence, "own_path does not say how our way was found")
    strange = set(way.ports) - (set(state.ports) | set(state.lags))
    expect(not strange, f"our way crosses {', '.join(sorted(strange))}, which a reading does not know")
    expect(way.ports or way.vlan is None, f"our way crosses no port, and is in VLAN {way.vlan}")
    if way.vlan is None or "fdb" not in trial.subject.profile.capabilities:
        return
    found = (await trial.call(opened.driver.operation({"macs"}), "operation")).macs
    learned = {entry.port for entry in found if entry.vlan == way.vlan}
    expect(learned & set(way.ports), f"at no port of our way was anything learned in its VLAN {way.vlan}")


@promise("tells whether what it runs was saved", excuse=_keeps)
async def tells_what_is_unsaved(trial: Trial) -> None:
    case = trial.goals.whole
    opened = await trial.settle(case.before)
    await trial.call(opened.driver.save(), "save")
    expect(not await _unsaved(trial, opened), "just saved, it says that something is not")
    await trial.converge(opened, case.after)
    expect(await _unsaved(trial, opened), "changed and not saved, it says that all is")
    await trial.call(opened.driver.save(), "save")
    expect(not await _unsaved(trial, opened), "saved again, it says that something is not")
