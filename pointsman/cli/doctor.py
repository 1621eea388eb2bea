"""`pointsman doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.examination import Finding, examine
from pointsman.problems import DONE, FAILED, NOT_CONVERGED
from pointsman.show.output import print_json, print_table

app = typer.Typer()


@app.command(
    epilog=examples("pointsman doctor", "pointsman doctor --json", "pointsman doctor --service unix:/run/p.sock")
)
def doctor(ctx: typer.Context, json: JsonFlag = False) -> None:
    """Look at the installation, the service, the token, the clocks, the agents, the nodes and the lab.

    Exit code 1 where something failed, 3 where a node is not as declared.
    """

    async def work(client: Client) -> int:
        findings = await examine(client)
        if json:
            print_json([asdict(finding) for finding in findings])
        else:
            rows = [(finding.check, finding.verdict, finding.message) for finding in findings]
            print_table(("check", "verdict", "what"), rows, empty="nothing was looked at")
        return _exit_code(findings)

    with_client(ctx, work)


def _exit_code(findings: list[Finding]) -> int:
    if any(finding.verdict == "failed" for finding in findings):
        return FAILED
    late = any(finding.check.startswith("node ") and finding.verdict != "ok" for finding in findings)
    return NOT_CONVERGED if late else DONE
