"""Options of the root command may stand anywhere: ``pointsman get nodes --service unix:/run/p.sock`` is meant."""

from __future__ import annotations

from typing import Final

WITH_VALUE: Final = frozenset({"--service", "--token-file", "--ca-file"})
FLAGS: Final = frozenset({"--debug", "--insecure-http"})


def hoisted(args: list[str]) -> list[str]:
    """``args`` with the root's options in front; what follows a bare ``--`` stays where it is."""
    front: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(args):
        word = args[position]
        position += 1
        if word == "--":
            return [*front, *rest, "--", *args[position:]]
        if word in FLAGS or word.partition("=")[0] in WITH_VALUE:
            front.append(word)
            if word in WITH_VALUE and position < len(args):
                front.append(args[position])
                position += 1
        else:
            rest.append(word)
    return front + rest
