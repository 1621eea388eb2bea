"""Where the service is and who we are: taken from options, then the environment, then the user's own file.

The file is ``~/.config/pointsman/config.toml`` (or under ``XDG_CONFIG_HOME``)::

    service = "https://pointsman.example.org"
    token_file = "/home/me/.config/pointsman/token"
    ca_file = "/home/me/.config/pointsman/ca.pem"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agents.tls import is_exposed
from pointsman.problems import PointsmanError, WrongUsage

DEFAULT_SERVICE: Final = "http://127.0.0.1:8765"
_KEYS: Final = frozenset({"service", "token_file", "ca_file"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service to talk to. ``url`` is ``http://``, ``https://`` or ``unix:PATH``.

    ``ca_file``: who signs its certificate, or that certificate itself; None: whom the machine believes.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


def find_endpoint(
    *,
    service: str | None = None,
    token_file: Path | None = None,
    ca_file: Path | None = None,
    insecure_http: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Endpoint:
    """The endpoint that options, environment and file give together. Raises WrongUsage or PointsmanError."""
    settings = _read_config(config_file(environment))
    url = service or environment.get("POINTSMAN_SERVICE") or settings.get("service") or DEFAULT_SERVICE
    if not url.startswith(("http://", "https://", "unix:")):
        raise WrongUsage(f"the service's address {url!r} is none of http://HOST:PORT, https://HOST or unix:PATH")
    token = _find_token(token_file, environment, settings)
    if token is not None and is_exposed(url) and not (insecure_http or environment.get("POINTSMAN_INSECURE_HTTP")):
        raise WrongUsage(
            f"your token would go to {url} unencrypted: call the service by https:// (--ca-file names who signed its "
            "certificate), or say --insecure-http"
        )
    authority = ca_file or environment.get("POINTSMAN_CA_FILE") or settings.get("ca_file")
    return Endpoint(url.rstrip("/"), token, Path(authority).expanduser() if authority else None)


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's own file; it need not be there."""
    base = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    return Path(base) / "pointsman" / "config.toml"


def data_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a service keeps its files unless it is told: ``~/.local/share/pointsman``."""
    base = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".local" / "share")
    return Path(base) / "pointsman"


def _find_token(option: Path | None, environment: Mapping[str, str], settings: Mapping[str, str]) -> str | None:
    named = option or environment.get("POINTSMAN_TOKEN_FILE")
    if named:
        return read_token(Path(named))
    if environment.get("POINTSMAN_TOKEN"):
        return environment["POINTSMAN_TOKEN"].strip()
    if settings.get("token_file"):
        return read_token(Path(settings["token_file"]).expanduser())
    return None


def read_token(file: Path) -> str:
    """The token in a file. Raises PointsmanError."""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise PointsmanError(f"cannot read the token file {file}: {reason}: name another with --token-file") from error
    if not token or not token.isascii() or not token.isprintable():
        raise PointsmanError(f"the token file {file} holds no token: it must be one line of printable characters")
    return token


def _read_config(file: Path) -> Mapping[str, str]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PointsmanError(f"cannot read {file}: {error}: mend it or move it away") from error
    for key, value in settings.items():
        if key not in _KEYS or not isinstance(value, str):
            raise PointsmanError(f"{file}: {key}: only {', '.join(sorted(_KEYS))} are known here, each a text")
    return settings
