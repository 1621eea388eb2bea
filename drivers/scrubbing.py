"""Taking secrets out of what a device printed, so that a recording can be given to somebody else.

Three sieves: texts that we know to be secret (the password that was used); the general forms in which command lines
write passwords, hashes, communities and keys; and the patterns of the profile. What is taken out leaves a word
behind, so that the line stays one that a parser knows. It is better to take out a word too many: a recording shows
how a device speaks, not what it is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

REMOVED: Final = "removed"
_SHORTEST_KNOWN: Final = 4
"""A shorter password would be found in every second word; it is then left to the general forms."""

_VALUE: Final = r"(?P<secret>\"[^\"\n]*\"|'[^'\n]*'|[^\s;,]+)"
_KINDS: Final = (
    r"cipher|simple|plain(?:text)?|encrypted|hash(?:ed)?|irreversible-cipher|sha\d*|md5|scrypt|clear|ascii-text"
    r"|hexadecimal"
)
_TYPED: Final = rf"(?:(?:{_KINDS}|\d{{1,2}})\s+)*{_VALUE}"
"""A value, behind the words and numbers that say how it is written."""
_WORDS: Final = r"[\w-]*(?:password|passwd|passphrase|secret)s?"
_NO_SECRETS: Final = r"policy|recovery|encryption|aging|history|complexity|expiration"
"""What stands behind such a word where the line is about passwords and holds none."""
_KEYS: Final = (
    r"key-string|pre-shared-key|psk|wpa\S*-psk|shared-secret|auth(?:entication)?-key|hello-authentication-key"
)
_GENERAL: Final = tuple(
    re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    for pattern in (
        # PEM blocks, whole.
        r"-----BEGIN [A-Z0-9 ]+-----(?P<secret>(?s:.*?))-----END [A-Z0-9 ]+-----",
        # Hashes of crypt(3), and Junos' reversible $9$, wherever they stand.
        r"(?P<secret>\$(?:1|2[abxy]?|5|6|7|8|9|14|y|sha512)\$[^\s\";,]+)",
        # password 7 0822455D0A16; secret 5 ...; encrypted-password "..."; enable-password: ...
        rf"\b{_WORDS}(?!\s*[:=]?\s*(?:{_NO_SECRETS})\b)\s*[:=]?\s+{_TYPED}",
        rf"\b{_WORDS}\s*[:=]\s*{_VALUE}",
        # snmp-server community NAME ro; set snmp community NAME; snmp-agent community read cipher NAME
        rf"\bcommunity(?:-name)?\s*[:=]?\s+(?:(?:read|write|ro|rw|index \d+)\s+)?{_TYPED}",
        rf"\bsnmp-server host \S+(?: traps?| informs?)?(?: version (?:1|2c|3(?: \w+)?))? {_VALUE}",
        rf"\btrap(?:2sink|sink|-destination)\b.*?\bcommunity\s+{_VALUE}",
        # snmp-server user ... auth md5 KEY priv aes 128 KEY
        rf"\bauth(?:entication-mode)?\s+(?:md5|sha\S*)\s+{_TYPED}",
        rf"\bpriv(?:acy-mode)?\s+(?:des\S*|3des|aes\S*)\s+(?:(?:128|192|256)\s+)?{_TYPED}",
        # key-string ...; pre-shared-key ...; tacacs-server key 7 ...; radius ... key ...; message-digest-key 1 md5 ...
        rf"\b(?:{_KEYS})\s*[:=]?\s*{_TYPED}",
        rf"\b(?:tacacs\S*|radius\S*|server|host|ntp|isakmp|crypto)\b[^\n]*?\bkey\s+(?:\d+\s+md5\s+)?{_TYPED}",
        rf"^\s*key\s+{_TYPED}\s*$",
        rf"\bmessage-digest-key\s+\d+\s+md5\s+{_TYPED}",
        rf"\bstandby \d+ authentication (?:md5 key-string )?{_TYPED}",
        # Junos marks what is secret itself.
        r"(?P<secret>\"[^\"\n]*\"|[^\s;]+);?\s*## SECRET-DATA",
        # Public keys name people: ssh-rsa AAAA... user@host
        r"\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+)\s+(?P<secret>AAAA\S+(?:\s+\S+@\S+)?)",
        # Certificates in hexadecimal.
        r"^\s{2,}(?P<secret>(?:[0-9A-F]{8}\s+){3,}[0-9A-F]{2,8})\s*$",
    )
)


class Scrubber:
    """Takes secrets out of texts. ``patterns`` are the profile's, ``known`` texts that must not stand anywhere."""

    def __init__(self, patterns: Sequence[str] = (), *, known: Sequence[str] = ()) -> None:
        self._known = tuple(sorted({text for text in known if len(text) >= _SHORTEST_KNOWN}, key=len, reverse=True))
        own = tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)
        self._patterns = (*own, *_GENERAL)

    def __call__(self, text: str) -> str:
        """``text`` without secrets."""
        for known in self._known:
            text = text.replace(known, REMOVED)
        for pattern in self._patterns:
            text = pattern.sub(_without, text)
        return text


def _without(match: re.Match[str]) -> str:
    """The match with its groups taken out, or without all of it where it has none."""
    spans = sorted({match.span(group) for group in range(1, (match.re.groups or 0) + 1) if match[group]})
    if not match.re.groups:
        return REMOVED
    made, position = [], match.start()
    for start, end in spans:
        if start >= position:
            made += [match.string[position:start], REMOVED]
            position = end
    return "".join((*made, match.string[position : match.end()]))
