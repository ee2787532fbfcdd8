"""Asking the name servers, for at most some seconds."""

from __future__ import annotations

import dns.exception
import dns.resolver

from regulars.outreach.content.domains import Unanswered

SECONDS = 3.0


def texts(name: str) -> list[str]:
    """The TXT records of a name; raises `Unanswered` where no name server answers."""
    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise Unanswered(name) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
