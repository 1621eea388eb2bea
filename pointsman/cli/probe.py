"""`pointsman probe`: one device, read without service and node."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from device_profiles.profile import Profile
from drivers import recording
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.errors import DeviceError, Unsupported
from drivers.ipmi.messages import Commanded
from drivers.recording import Recorder, RecordingConnection
from drivers.rest.recorder import RecordingServed
from drivers.rest.served import Served
from drivers.snmp.managed import Managed, managed_of
from drivers.snmp.playing import Played
from drivers.snmp.recorder import RecordingManager
from drivers.transports.replay import Replay
from pointsman.cli.examples import examples
from pointsman.cli.profiles import known, profile_called
from pointsman.cli.session import JsonFlag
from pointsman.probe.detection import Fit, detect, detect_managed, detect_recording, detect_served
from pointsman.probe.document import document
from pointsman.probe.reaching import (
    IPMI,
    community_of,
    connect,
    is_replay,
    needs_command_line,
    replay_path,
    secret,
    shown,
    speaks_ipmi,
    speaks_redfish,
    speaks_snmp,
)
from pointsman.probe.reading import examine
from pointsman.problems import PointsmanError
from pointsman.show.output import note, print_json
from pointsman.show.probe import show

app = typer.Typer()

_NEUTRAL: Final = "generic"


@app.command(
    epilog=examples(
        "pointsman probe ssh://admin@192.0.2.11 --credentials file:lab.key",
        "pointsman probe telnet://admin@192.0.2.12 --credentials env:POINTSMAN_SECRET_LAB --profile hp_procurve",
        "pointsman probe ssh://admin@192.0.2.11 --credentials file:lab.key --record recordings/sw1",
        "pointsman probe snmpv3://agent@192.0.2.14?auth=sha256 --credentials file:snmp.key",
        "pointsman probe snmp://192.0.2.13 --credentials env:POINTSMAN_SECRET_LAB",
        "pointsman probe redfish+https://admin@192.0.2.15 --credentials file:bmc.key",
        "pointsman probe replay:recordings/sw1 --json",
    )
)
def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="ssh://user@host, telnet://user@host, replay:PATH ...")],
    *,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="Do not find out which one fits.")] = None,
    credentials: Annotated[
        str | None, typer.Option(metavar="REF", help="file:PATH or env:POINTSMAN_SECRET_X: a password or private key.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what the device answered here, without its secrets.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Read one device: which profile fits and why, what it is, what is set on it, whom its ports see.

    Nothing on the device is changed, and no service or node is needed. A recording is read as a device is.
    """
    try:
        named = profile_called(profile) if profile is not None else None
        found = asyncio.run(_Probe(url, named, secret(credentials), record).run())
    except DeviceError as error:
        raise PointsmanError(f"{shown(url)}: {error}") from None
    except OSError as error:
        raise PointsmanError(f"{error.filename or shown(url)}: {error.strerror}") from None
    if json:
        print_json(found)
    else:
        show(found)


@dataclass(frozen=True, slots=True)
class _Probe:
    """One run of the command."""

    url: str
    profile: Profile | None
    credential: Credential | None
    record: Path | None

    async def run(self) -> dict[str, Any]:
        fit = await self._fit()
        note(f"{shown(self.url)}: {fit.profile.name} ({fit.profile.title}): {fit.why}")
        connection = await connect(self.url, fit.profile, self.credential)
        if isinstance(connection, Managed):
            return await self._by_snmp(connection, fit.profile)
        if isinstance(connection, Served):
            return await self._by_http(connection, fit.profile)
        if isinstance(connection, Commanded):
            return await self._by_ipmi(connection, fit.profile)
        recorder = Recorder(fit.profile, secrets=_texts(self.credential))
        try:
            heard = connection if self.record is None else RecordingConnection(connection, recorder)
            found = await examine(heard, fit.profile)
        finally:
            await connection.close()
        self._tell(connection, found.warn)
        if self.record is not None:
            await asyncio.to_thread(recording.save, self.record, recorder.exchanges, profile=fit.profile.name)
            note(f"recorded {len(recorder.exchanges)} answers in {self.record}: look through them first")
        return document(fit.profile, found)

    async def _by_snmp(self, connection: Connection, profile: Profile) -> dict[str, Any]:
        """The same for a device that has variables in the place of a command line."""
        recorder = RecordingManager(connection, secrets=(*_texts(self.credential), community_of(self.url)))
        try:
            found = await examine(recorder if self.record is not None else connection, profile)
        finally:
            await connection.close()
        for problem in connection.problems if isinstance(connection, Played) else ():
            found.warn(problem)
        self._tell(connection, found.warn)
        if self.record is not None:
            await recorder.save(self.record)
            note(f"recorded {recorder.count} variables in {self.record}: look through them first")
        return document(profile, found)

    async def _by_http(self, connection: Connection, profile: Profile) -> dict[str, Any]:
        """The same for a device that serves resources."""
        recorder = RecordingServed(connection, secrets=_texts(self.credential))
        try:
            found = await examine(recorder if self.record is not None else connection, profile)
        finally:
            await connection.close()
        self._tell(connection, found.warn)
        if self.record is not None:
            await recorder.save(self.record)
            note(f"recorded {recorder.count} resources in {self.record}: look through them first")
        return document(profile, found)

    async def _by_ipmi(self, connection: Connection, profile: Profile) -> dict[str, Any]:
        """The same for a management controller. Nobody plays its answers, so that none are kept."""
        try:
            if self.record is not None:
                raise Unsupported("what is asked by IPMI cannot be recorded: leave --record out")
            found = await examine(connection, profile)
        finally:
            await connection.close()
        self._tell(connection, found.warn)
        return document(profile, found)

    async def _fit(self) -> Fit:
        if self.profile is not None:
            return Fit(self.profile, "it was named")
        every = known()
        if await asyncio.to_thread(speaks_snmp, self.url):
            connection = await connect(self.url, next(iter(every.values())), self.credential)
            try:
                return await detect_managed(managed_of(connection), every)
            finally:
                await connection.close()
        if await asyncio.to_thread(speaks_redfish, self.url):
            connection = await connect(self.url, next(iter(every.values())), self.credential)
            try:
                return await detect_served(connection, every)
            finally:
                await connection.close()
        if speaks_ipmi(self.url) and IPMI in every:
            return Fit(every[IPMI], "whoever answers by IPMI is such a controller")
        if is_replay(self.url):
            path = replay_path(self.url)
            return await detect_recording(await asyncio.to_thread(recording.load, path), path, every)
        needs_command_line(self.url)
        connection = await connect(self.url, next(iter(every.values())), self.credential)
        try:
            return await detect(connection, every)
        finally:
            await connection.close()

    def _tell(self, connection: Connection, warn: Any) -> None:
        if isinstance(connection, Replay):
            for command in connection.missing:
                warn(f"not in the recording: {command}")
        elif connection.identity:
            note(f"{shown(self.url)} shows {connection.identity}: nothing was pinned, so compare it yourself")


def _texts(credential: Credential | None) -> tuple[str, ...]:
    if credential is None or credential.is_private_key:
        return ()
    return (credential.password, credential.enable)
