"""What a caller is told where the service says no, or nobody answers: each as an error with a sentence for people."""

from __future__ import annotations

import os
from typing import Any

import httpx
import orjson

from agents.tls import fault_of
from pointsman.problems import ServiceAway, ServiceRefused


def away(url: str, error: Exception) -> ServiceAway:
    """Why the service at ``url`` was not reached, or broke off, and what to do about it."""
    fault = fault_of(error, authority="--ca-file")
    if fault is not None:
        return ServiceAway(f"cannot talk to the service at {url}: {fault}")
    if isinstance(error, httpx.RemoteProtocolError) and url.startswith("http:"):
        sentence = f"the service at {url} hangs up without an answer: does it speak https:// there?"
        return ServiceAway(sentence)
    why = "it did not answer in time" if isinstance(error, httpx.TimeoutException) else _reason(error)
    return ServiceAway(
        f"cannot reach the service at {url}: {why}: start it with `pointsman serve`, or name another with --service"
    )


def _reason(error: BaseException) -> str:
    """What the system said, which lies below what the libraries make of it."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.errno is not None:
            return os.strerror(below.errno) if below.errno > 0 else str(below.strerror)
        inner = below.exceptions[0] if isinstance(below, BaseExceptionGroup) else None
        below = inner or below.__cause__ or below.__context__
    return str(error) or type(error).__name__


def value_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; its text where it is none."""
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return answer.text


def refused(answer: httpx.Response) -> ServiceRefused:
    """The problem that the service answered with."""
    return refusal(value_of(answer), answer)


def refusal(problem: Any, answer: httpx.Response) -> ServiceRefused:
    """A problem as it is raised, or the best that can be said of an answer that is none."""
    if not isinstance(problem, dict) or "detail" not in problem:
        sentence = f"{answer.request.url.host} answered {answer.status_code}, which is no answer of a Pointsman service"
        return ServiceRefused(sentence, slug="", status=answer.status_code)
    detail = str(problem["detail"])
    found = [(str(item.get("path", "")), str(item.get("message", ""))) for item in problem.get("problems") or ()]
    lines = tuple(f"{path}: {message}" if path else message for path, message in found)
    told = tuple(line for line, (path, message) in zip(lines, found, strict=True) if not _says(detail, path, message))
    slug = str(problem.get("type", "")).rsplit("/", 1)[-1]
    status = int(problem.get("status") or answer.status_code)
    return ServiceRefused(detail, slug=slug, status=status, details=told, more=problem)


def _says(detail: str, path: str, message: str) -> bool:
    return path in detail and message.rstrip(".") in detail
