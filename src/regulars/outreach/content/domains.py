"""What mailboxes ask of a sender's domain before they believe a message: SPF, DKIM, DMARC."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from regulars.model.phrases import Own, Sentence, phrases
from regulars.outreach.content.preflight import LOOK, Finding

text, counted = phrases("regulars.outreach", "content")

Ask = Callable[[str], list[str]]
"""The TXT records of a name, none where there are none; raises `Unanswered` where nobody answers."""


class Unanswered(Exception):
    """The network does not let names be looked up."""


def look_up(domain: str, selector: str, ask: Ask) -> list[Finding]:
    """What its records lack; ``selector`` is that of DKIM, "" where messages are not signed here."""
    try:
        return [Finding(LOOK, said) for said in _lacks(domain.lower().rstrip("."), selector, ask)]
    except Unanswered:
        return [Finding(LOOK, text("The records of {domain} could not be looked up from here.", domain=Own(domain)))]


def _lacks(domain: str, selector: str, ask: Ask) -> Iterator[Sentence]:
    senders = [record for record in ask(domain) if _tagged(record, "v=spf1")]
    if not senders:
        yield text("{domain} does not say who may send for it (SPF): many mailboxes take its messages for spam.",
                   domain=Own(domain))
    elif len(senders) > 1:
        yield text("{domain} says twice who may send for it (SPF): mailboxes then believe neither.", domain=Own(domain))
    if not selector:
        yield text("Messages are not signed (DKIM) here: does your mail server sign them?")
    elif not any("p=" in record and not record.rstrip("; ").endswith("p=") for record in ask(
            f"{selector}._domainkey.{domain}")):
        yield text("{name} has no key (DKIM): mailboxes cannot check the signature.",
                   name=Own(f"{selector}._domainkey.{domain}"))
    if not any(_tagged(record, "v=dmarc1") for record in _of_parents(domain, ask)):
        yield text("{domain} does not say what to do with forgeries (DMARC): Gmail and Yahoo ask for it.",
                   domain=Own(domain))


def _of_parents(domain: str, ask: Ask) -> list[str]:
    """Of the domain, else of the one above it: a shop that writes from ``mail.shop.example`` is ``shop.example``."""
    labels = domain.split(".")
    for at in range(max(len(labels) - 1, 1)):
        found = ask(f"_dmarc.{'.'.join(labels[at:])}")
        if found:
            return found
    return []


def _tagged(record: str, tag: str) -> bool:
    return record.strip().lower().startswith(tag)
