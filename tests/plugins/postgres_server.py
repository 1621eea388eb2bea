"""A PostgreSQL server that the tests start for themselves and that leaves nothing behind.

It refuses to run as root, so as root it runs as the `postgres` account that its package made. Its cluster lies in a
folder of its own outside pytest's temporary folders, because those may be entered by their owner only. It listens on a
Unix socket in that folder and on a free loopback port with a password made for this run; nothing is synced to disk.
"""

import contextlib
import dataclasses
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

PACKAGED = Path("/usr/lib/postgresql")
PROGRAMS = ("initdb", "postgres", "psql", "pg_isready")
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
CHECK_INTERVAL_S = 0.05
SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}


def find_programs() -> Path:
    """The folder that holds all of `PROGRAMS`: the newest of Debian's, else the one on PATH.

    Raises LookupError with a sentence where there is none.
    """
    folders = sorted(PACKAGED.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            return folder
    raise LookupError("PostgreSQL's server programs were not found (Debian and Ubuntu: package postgresql)")


def find_account() -> pwd.struct_passwd | None:
    """The account to run the server as: None (ourselves) unless we are root. LookupError where there is none."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise LookupError("PostgreSQL does not run as root, and there is no account `postgres` to run it as") from None


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    programs: Path
    folder: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+asyncpg://pointsman:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new empty database; answers its address."""
        name = f"t{secrets.token_hex(6)}"
        self.run("psql", "-q", "-d", "postgres", "-c", f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's clients against this server."""
        where = [str(self.programs / program), "-h", "127.0.0.1", "-p", str(self.port), "-U", "pointsman"]
        environment = {**os.environ, "PGPASSWORD": self.password}
        subprocess.run([*where, *arguments], check=True, env=environment, timeout=30)

    def answers(self) -> bool:
        """Whether the server takes connections."""
        command = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        return subprocess.run(command, check=False, timeout=10).returncode == 0


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Make a cluster, start the server, and take both away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pointsman-postgres-"))
    try:
        account = find_account()
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = Server(programs=find_programs(), folder=folder, port=free_port(), password=secrets.token_hex(12))
        make_cluster(server, account)
        process = start(server, account)
        try:
            wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is wanted, and clients need not leave first
            process.wait(STOP_TIMEOUT_S)
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def identity(account: pwd.struct_passwd | None) -> dict[str, str | int | list[int]]:
    """Arguments of subprocess that change to `account`."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def make_cluster(server: Server, account: pwd.struct_passwd | None) -> None:
    password_file = server.folder / "password"
    password_file.write_text(server.password)
    password_file.chmod(0o600)
    if account is not None:
        os.chown(password_file, account.pw_uid, account.pw_gid)
    command = [server.programs / "initdb", "-D", server.folder / "data", "-U", "pointsman", "-A", "scram-sha-256"]
    command += [f"--pwfile={password_file}", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(  # type: ignore[call-overload]
        command, check=False, capture_output=True, text=True, timeout=120, cwd=server.folder, **identity(account)
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")


def start(server: Server, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    settings = {**SPEED, "listen_addresses": "127.0.0.1", "port": str(server.port)}
    settings |= {"unix_socket_directories": str(server.folder), "max_connections": "200"}
    command = [str(server.programs / "postgres"), "-D", str(server.folder / "data")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=server.folder, **identity(account)
        )


def wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    waiting = threading.Event()
    for _ in range(int(START_TIMEOUT_S / CHECK_INTERVAL_S)):
        if server.answers():
            return
        if process.poll() is not None:
            break
        waiting.wait(CHECK_INTERVAL_S)
    raise RuntimeError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()[-2000:]}")
