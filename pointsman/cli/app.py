"""The root command: the table of all commands, the options that all share, and the one place where errors are shown."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pointsman import __version__
from pointsman.cli.examples import examples
from pointsman.cli.lazy import Entry, LazyGroup
from pointsman.cli.line import Line
from pointsman.problems import DONE, FAILED, STOPPED, PointsmanError

RUN: Final = "Run"
DECLARE: Final = "Declare"
LOOK: Final = "Look"
ACT: Final = "Act"
ADMIN: Final = "Administer"

ENTRIES: Final = (
    Entry(
        "demo", RUN, "A rack that converges while you look: lab, service and agent, until Ctrl-C.", "pointsman.cli.demo"
    ),
    Entry("serve", RUN, "Run the service.", "pointsman.cli.serve"),
    Entry("agent", RUN, "Run an agent beside the devices.", "pointsman.cli.agent"),
    Entry("lab", RUN, "A rack of real parts in network namespaces.", "pointsman.lab.cli"),
    Entry("apply", DECLARE, "Declare what a document says: all of it or nothing.", "pointsman.cli.apply"),
    Entry("import", DECLARE, "Devices of NetBox as a document of nodes.", "pointsman.cli.import_"),
    Entry("plan", DECLARE, "Show what a pass would change on a node.", "pointsman.cli.plan"),
    Entry("wait", DECLARE, "Wait until nodes or roles are on the devices as declared.", "pointsman.cli.wait"),
    Entry("probe", LOOK, "One device, read without service and node; or a recording.", "pointsman.cli.probe"),
    Entry("get", LOOK, "List nodes, roles, locations, servers, agents, profiles or events.", "pointsman.cli.get"),
    Entry("show", LOOK, "Everything about one node or role.", "pointsman.cli.show"),
    Entry("facts", LOOK, "What a device is and holds.", "pointsman.cli.facts"),
    Entry("search", LOOK, "Where a name, a serial number or a MAC stands.", "pointsman.cli.search"),
    Entry("links", LOOK, "What the ports see at the other end of their cables.", "pointsman.cli.links"),
    Entry("export", LOOK, "Nodes and links as other tools read them.", "pointsman.cli.export"),
    Entry("topology", LOOK, "What is connected to what, as a tree.", "pointsman.cli.topology"),
    Entry("trace", LOOK, "From a server to the core; its outlets, slot and LUNs.", "pointsman.cli.trace"),
    Entry("cabling", LOOK, "Declared cables against what is seen.", "pointsman.cli.cabling"),
    Entry("drift", LOOK, "What is not as it was declared any more.", "pointsman.cli.drift"),
    Entry("events", LOOK, "What happened, and what happens.", "pointsman.cli.events"),
    Entry("console", ACT, "A node's console on this terminal, shared with others.", "pointsman.cli.console"),
    Entry("converge", ACT, "Run a pass on nodes now.", "pointsman.cli.converge"),
    Entry("approve", ACT, "Approve a plan that waits.", "pointsman.cli.approve"),
    Entry("rollback", ACT, "Take a node's last passes back.", "pointsman.cli.rollback"),
    Entry("replace", ACT, "See and take the device in a node's place.", "pointsman.cli.replace"),
    Entry("overrule", ACT, "Have agents accept a service that is older than they are.", "pointsman.cli.overrule"),
    Entry("pause", ACT, "Leave a node alone until a time.", "pointsman.cli.pause"),
    Entry("resume", ACT, "End a node's pause.", "pointsman.cli.resume"),
    Entry("token", ADMIN, "Make, list and revoke tokens.", "pointsman.cli.token"),
    Entry("audit", ADMIN, "Who wrote what, and what came of it.", "pointsman.cli.audit"),
    Entry("key", ADMIN, "The keys by which agents know the service.", "pointsman.cli.key"),
    Entry("backup", ADMIN, "Write all that a service remembers to a file.", "pointsman.cli.backup"),
    Entry("restore", ADMIN, "Put a backup in the place of what a service remembers.", "pointsman.cli.restore"),
    Entry("migrate", ADMIN, "Bring a database to this version's schema.", "pointsman.cli.migrate"),
    Entry("driver", ADMIN, "List drivers, and try what they promise.", "pointsman.cli.driver"),
    Entry("doctor", ADMIN, "Find out what is wrong here.", "pointsman.cli.doctor"),
)


class Root(LazyGroup):
    """The root with its table."""

    entries = ENTRIES


app = typer.Typer(
    cls=Root,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=examples(
        "pointsman demo                      # look at it",
        "pointsman apply -f rack.yaml --wait 60",
        "pointsman get nodes --condition Converged:false",
        "pointsman show sw1",
    ),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"pointsman {__version__}\n")
        raise typer.Exit(DONE)


@app.callback()
def root(
    ctx: typer.Context,
    *,
    service: Annotated[
        str | None, typer.Option(metavar="URL", help="The service: http(s)://... or unix:PATH (or POINTSMAN_SERVICE).")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your token (or POINTSMAN_TOKEN_FILE, POINTSMAN_TOKEN).")
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who signs the service's certificate (or POINTSMAN_CA_FILE)."),
    ] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Send the token to another machine unencrypted.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Keep switches, PDUs, chassis and arrays at their declared configuration.

    These options may stand anywhere on the line. Exit codes: 0 done, 1 failed, 2 usage, 3 not converged or closed.
    """
    ctx.obj = Line(service=service, token_file=token_file, ca_file=ca_file, insecure_http=insecure_http, debug=debug)


_ClickError: type[Any] = typer.BadParameter.__mro__[2]
"""The base of usage errors; typer brought its own copy of click at some version, and gives this no public name."""


def run(args: list[str]) -> int:
    """Run one command line; answers its exit code. Errors are one sentence on standard error."""
    debug = "--debug" in args
    try:
        code = typer.main.get_command(app).main(args, prog_name="pointsman", standalone_mode=False)
    except PointsmanError as error:
        _tell(error, error.sentence, *error.details, debug=debug)
        return error.exit_code
    except _ClickError as error:
        _tell_usage(error, debug=debug)
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort) as error:
        _tell(error, "stopped by the keyboard", debug=debug)
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - the last place: what nobody foresaw is told like the rest
        _tell(
            error,
            f"{type(error).__name__}: {error}: this is a bug: run it again with --debug and report it",
            debug=debug,
        )
        return FAILED
    return int(code or DONE)


def _tell_usage(error: Any, *, debug: bool) -> None:
    ctx = getattr(error, "ctx", None)
    if ctx is not None and error.message == ctx.get_help():  # a group without its command: its help is the answer
        sys.stderr.write(f"{error.message}\n")
        return
    where = ctx.command_path if ctx is not None else "pointsman"
    _tell(error, f"{error.format_message().rstrip('.?')}; see `{where} --help`", debug=debug)


def _tell(error: BaseException, *lines: str, debug: bool) -> None:
    from pointsman.show.text import safe  # noqa: PLC0415 - not needed where nothing goes wrong

    if debug:
        traceback.print_exception(error)
    first, *others = lines
    sys.stderr.write(f"pointsman: {safe(first)}\n")
    sys.stderr.writelines(f"  {safe(line)}\n" for line in others)
