"""What to look at before a message goes: what keeps it from going, and what may keep it from being read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from regulars.errors import ContentRefused
from regulars.model.figures import Figures
from regulars.model.phrases import Own, Sentence, phrases, whole
from regulars.model.settings import Settings
from regulars.outreach.campaign import Offer
from regulars.outreach.content import words
from regulars.outreach.content.blocks import Block, Button, Columns, Message, Picture, Products, Text, every, read
from regulars.outreach.content.giving import is_said
from regulars.outreach.content.naming import FIELDS
from regulars.outreach.content.template import Made, Template, carried, needs, texts, troubles
from regulars.outreach.says import MAIL

text, counted = phrases("regulars.outreach", "content")

STOP, LOOK = "stop", "look"
CLIPPED = 102 * 1024
"""Bytes of HTML after which Gmail cuts a message off, the link to unsubscribe with it."""
LONG_SUBJECT = 70
FEW_WORDS = 20
MOST_PATTERNS = 300
LOUD = re.compile(r"[!?]{2,}|[!].*[!]|[$€£]{2,}")
SHORTENERS = frozenset({"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "cutt.ly", "rb.gy",
                        "s.id", "clck.ru"})
HOLLOW = re.compile(r"100\s?% (free|gratis|бесплатно)|act now|click here|klik di sini|нажмите здесь|یہاں کلک کریں|"
                    r"you (have )?won|winner|anda menang|вы выиграли|cash bonus|no obligation|risk[- ]free",
                    re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """``level``: ``stop`` keeps the message from going, ``look`` is for the writer to judge; ``block`` from 0.

    ``settings``: those that mend it, as an error names them; ``passes``: the next look at the segments mends it.
    """

    level: str
    said: Sentence | str
    variant: str = ""
    language: str = ""
    block: int | None = None
    settings: str = ""
    passes: bool = False


def look_at(content: Mapping[str, Any], settings: Settings, people: Mapping[str, Mapping[str, Mapping[str, Any]]],
            variant: str = "", *, offer: Offer | bool = True, says: str = MAIL) -> list[Finding]:
    """Findings about a variant, in the order of its languages.

    ``people``: language to customer id to fields, of the audience who get this variant (`fields` with what
    `Template.needs`); a language that none of them reads is passed over, and
    somebody whose language nobody wrote counts under their own. ``offer``: the one to speak of, or if there is any.
    ``says``: what of it the channel carries; what only mailboxes mind is looked at in mail alone.
    """
    try:
        found = read(content, settings.language)
    except ContentRefused as error:
        return [Finding(STOP, whole(error), variant)]
    findings: list[Finding] = []
    anybody = any(people.values())
    for message in found.messages:
        readers = [given(fields, offer=offer) for language, those in people.items() if found.said(language) is message
                   for fields in those.values()]
        if anybody and not readers:
            continue
        if not offer and any(need.startswith("offer.") for need in _needs(message)):
            findings.append(Finding(STOP, text("It speaks of an offer, and there is none."), variant, message.language))
        carries = carried(message, says)
        findings += _of_message(carries, settings, readers, variant, says)
        if isinstance(offer, Offer) and not _spoken_of(carries, offer, settings):
            findings.append(Finding(LOOK, text("It does not say what is offered: add an offer code, or write {field}.",
                                               field=Own("{{ offer.gives }}")), variant, message.language))
    unsaid = {language: those for language, those in people.items()
              if those and language != found.base.language and language not in found.other}
    return findings + [_unsaid(language, len(those), found.base.language, variant)
                       for language, those in unsaid.items()]


def given(fields: Mapping[str, Any], *, offer: Offer | bool = True) -> dict[str, Any]:
    """The fields with what only the sending gives standing in: the way out, the offer's code."""
    gives = {"gives": offer} if isinstance(offer, Offer) else {}
    return {"unsubscribe_url": "https://example.com/out", "preferences_url": "https://example.com/choose",
            "browser_url": "https://example.com/read", **fields,
            "offer": {"code": "ABCD-1234", **gives, **fields.get("offer", {})} if offer else {}}


def _spoken_of(message: Message, offer: Offer, settings: Settings) -> bool:
    return any(need.startswith("offer.") for need in _needs(message)) or is_said(
        offer, texts(message), Figures(settings, message.language))


def _needs(message: Message) -> frozenset[str]:
    try:
        return needs(message)
    except ContentRefused:
        return frozenset()


def _unsaid(language: str, people: int, base: str, variant: str) -> Finding:
    return Finding(LOOK, counted("{n} person speaks {language} and gets it in {base}.",
                                 "{n} people speak {language} and get it in {base}.", people,
                                 language=NAMES.get(language, language), base=NAMES.get(base, base)), variant, language)


NAMES: Mapping[str, Sentence] = {"en": text("English"), "id": text("Indonesian"), "ur": text("Urdu"),
                                 "ru": text("Russian")}


def _of_message(message: Message, settings: Settings, readers: Sequence[Mapping[str, Any]],
                variant: str, says: str) -> list[Finding]:
    refused, mail = troubles(message, says), says == MAIL
    said = [(STOP, whole(error), error.block) for error in refused]
    said += [(STOP, text("This is still to be filled in: {what}", what=Own(left)), place)
             for place, left in _to_fill_in(message)]
    said += [*_of_subject(message.subject), *_of_blocks(message)] if mail else []
    said += [each for each in _of_links(message) if mail or each[0] == STOP]
    if not refused:
        said += _of_people(message, settings, readers, says)
    return [Finding(level, sentence, variant, message.language, block) for level, sentence, block in said]


Said = tuple[str, Sentence | str, int | None]


def _to_fill_in(message: Message) -> Iterator[tuple[int | None, str]]:
    for source in (message.subject, message.preheader, message.plain):
        yield from ((None, left) for left in words.to_fill_in(source))
    for place, block in _placed(message):
        yield from ((place, left) for left in words.to_fill_in(getattr(block, "text", "")))


def _placed(message: Message) -> Iterator[tuple[int, Block]]:
    for place, block in enumerate(message.blocks):
        yield from ((place, each) for each in every([block]))


def _of_subject(subject: str) -> Iterator[Said]:
    letters = [sign for sign in subject if sign.isalpha()]
    if len(subject) > LONG_SUBJECT:
        yield LOOK, text("The subject has {n} signs: telephones show about 40, most mailboxes {most}.", n=len(subject),
                         most=LONG_SUBJECT), None
    if len(letters) > 8 and sum(sign.isupper() for sign in letters) > 0.6 * len(letters):
        yield LOOK, text("The subject is in capitals: filters take that for advertising."), None
    if LOUD.search(subject):
        yield LOOK, text("The subject shouts: one sign of exclamation is enough."), None
    if HOLLOW.search(subject):
        yield LOOK, text("The subject says what filters know from advertising: {words}",
                         words=Own(HOLLOW.search(subject)[0])), None  # type: ignore[index]


def _of_blocks(message: Message) -> Iterator[Said]:
    pictures = 0
    for place, block in _placed(message):
        if isinstance(block, Picture):
            pictures += 1
            if not block.alt.strip():
                yield LOOK, text("A picture has no text for those who do not see it."), place
        if isinstance(block, Text) and HOLLOW.search(block.text):
            yield LOOK, text("The text says what filters know from advertising: {words}",
                             words=Own(HOLLOW.search(block.text)[0])), place  # type: ignore[index]
    said = " ".join(getattr(b, "text", "") for b in every(message.blocks) if not isinstance(b, Columns)).split()
    if pictures and len(said) < FEW_WORDS:
        yield LOOK, text("It is nearly all pictures: filters distrust that, and many mailboxes show none."), None


def _of_links(message: Message) -> Iterator[Said]:
    for place, shown, link in _links(message):
        parts = urlsplit(link)
        host = (parts.hostname or "").removeprefix("www.")
        if host in SHORTENERS:
            yield LOOK, text("{link} hides where it leads: write the whole address.", link=Own(link)), place
        elif parts.scheme == "http":
            yield LOOK, text("{link} is not encrypted: write https:// where the page can be had so.",
                             link=Own(link)), place
        if host in ("localhost", "127.0.0.1", "::1") or host.endswith(".local"):
            yield STOP, text("Only this computer sees {link}.", link=Own(link)), place
        elif re.fullmatch(r"[\d.]+", host):
            yield LOOK, text("{link} is a number and no name: filters distrust that.", link=Own(link)), place
        written = re.match(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)+)", shown.strip().lower())
        if written and host and not host.endswith(written[1]) and not written[1].endswith(host):
            yield STOP, text("A link says {shown} and leads to {link}.", shown=Own(shown), link=Own(link)), place


def _links(message: Message) -> Iterator[tuple[int, str, str]]:
    """Place, what it shows and where it leads, of each link that is one."""
    for place, block in _placed(message):
        if isinstance(block, Text):
            yield from ((place, m[1], m[2]) for m in words.LINK.finditer(block.text))
        elif isinstance(block, Button) and block.link:
            yield place, block.text, block.link
        elif isinstance(block, Picture):
            yield from ((place, "", link) for link in (block.source, block.link) if link)


def _of_people(message: Message, settings: Settings, readers: Sequence[Mapping[str, Any]],
               says: str) -> Iterator[Said]:
    """What is missing of whom, and how large it gets: written for one of each kind of people."""
    template = Template.of(message, settings, says)
    kinds: Counter[frozenset[str]] = Counter()
    one: dict[frozenset[str], Mapping[str, Any]] = {}
    for fields in readers:
        kind = frozenset(need for need in template.needs if _known(fields, need))
        kinds[kind] += 1
        one.setdefault(kind, fields)
    missing: Counter[str] = Counter()
    largest: Made | None = None
    for kind, people in kinds.most_common(MOST_PATTERNS):
        try:
            made = template.render(one[kind])
        except ContentRefused as error:
            yield STOP, whole(error), None
            return
        missing.update(dict.fromkeys(made.missing, people))
        largest = max((largest, made), key=lambda m: len(m.html)) if largest else made
    for name, people in missing.most_common():
        yield STOP, _missed(name, people), None
    if says == MAIL:
        yield from _of_size(largest or template.render(given({})))
    yield from _of_lists(message, readers)


def _missed(name: str, people: int) -> Sentence:
    field = FIELDS.get(name)
    fall_back = field.fall_back if field else None
    how = Own(f"{{{{ {name} | default: \"…\" }}}}")
    if fall_back is None:
        return counted("{name} is not known of {n} person: say what stands in its place, as in {how}.",
                       "{name} is not known of {n} people: say what stands in its place, as in {how}.", people,
                       name=field.label if field else Own(name), how=how)
    return counted("{name} is not known of {n} person: say what stands in its place, as in {how}, such as “{word}”.",
                   "{name} is not known of {n} people: say what stands in its place, as in {how}, such as “{word}”.",
                   people, name=field.label if field else Own(name), how=how, word=fall_back)


def _of_size(made: Made) -> Iterator[Said]:
    size = len(made.html.encode())
    if size > CLIPPED:
        yield LOOK, text("It has {size} kB: Gmail cuts off after {most}, the way to unsubscribe with it.",
                         size=size // 1024, most=CLIPPED // 1024), None


def _of_lists(message: Message, readers: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    for place, block in _placed(message):
        if isinstance(block, Products):
            without = sum(1 for fields in readers if not _known(fields, f"products.{block.choose}"))
            if without:
                yield LOOK, counted("{n} person has nothing in this list of products: they get the message without it.",
                                    "{n} people have nothing in this list of products: they get the message without "
                                    "it.", without), place


def _known(fields: Mapping[str, Any], need: str) -> bool:
    """Whether a field, by its whole name, is known."""
    value: Any = fields
    for part in need.partition(":")[0].split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value not in (None, "", [], {})


