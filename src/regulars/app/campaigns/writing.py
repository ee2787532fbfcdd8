"""Writing a message: its blocks, in one language or several, beside what a customer would see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.app.base.requests import Request
from regulars.app.campaigns import access, people, sending, shaping, together
from regulars.app.campaigns.together import Met
from regulars.app.doors import audit, roles
from regulars.app.facts import facts, the_shop
from regulars.errors import ContentRefused, Overtaken, Refused, RegularsError
from regulars.model.catalogs import RIGHT_TO_LEFT
from regulars.model.figures import Figures
from regulars.model.phrases import said
from regulars.model.settings import LANGUAGES
from regulars.outreach.campaign import CHANGEABLE, Campaign
from regulars.outreach.channels import channel
from regulars.outreach.content.blocks import LABELS, Button, Content, Message, Picture, every, read, to_json
from regulars.outreach.content.naming import FIELDS, OF_A_PRODUCT
from regulars.outreach.content.pictures import MOST_BYTES, keep
from regulars.outreach.content.template import carried, troubles
from regulars.outreach.content.words import to_fill_in
from regulars.outreach.says import MAIL, ON_NO_SCREEN, SUBJECTS

CHOICES = {"next": gettext_noop("what each most likely wants next"),
           "favourite": gettext_noop("what others buy of each one’s favourite category"),
           "last": gettext_noop("what each bought last"), "release": gettext_noop("the product the message is about"),
           "chosen": gettext_noop("the same for everybody")}

TEST = "test"


def write(request: Request, place: int, name: str) -> HttpResponse:
    """The editor of one variant. Every button saves: nothing that was typed is lost. Once it goes it is only read, and
    so it is by whoever may only look."""
    campaign = access.campaign(request, name, roles.CHANGE if request.method == "POST" else roles.LOOK)
    if request.method == "POST" and campaign.state in CHANGEABLE:
        return _written(request, campaign, place)
    campaign, variant = access.variant(request, name, place)
    return _page(request, campaign, place, access.content(variant), None)


def _written(request: Request, campaign: Campaign, place: int) -> HttpResponse:
    """Saved, or shown as it was typed beside what keeps it from that: a refusal, or what somebody saved meanwhile."""
    before = together.seen(request, campaign)
    wrong: RegularsError | None = None
    key = together.key(before, place)
    met, stands = _met(request, before, campaign, key), together.place_of(campaign, key)
    if stands is None:
        campaign, wrong = before, Refused(_("%(who)s removed this message meanwhile. Copy what you still need of it.")
                                          % {"who": met.by if met else ""})
    else:
        place = stands
    content = access.content(campaign.variants[place])
    try:
        content = shaping.typed(content, request.POST)
        content = _after(request, _with_pictures(request, content))
        content = shaping.led(content, request.POST.get("language", content.base.language))
        if not (met or wrong):
            return _saved(request, campaign, place, content)
    except (ContentRefused, Overtaken) as error:
        wrong = wrong or error
    return _page(request, campaign, place, content, wrong, met)


def _met(request: Request, before: Campaign, campaign: Campaign, key: tuple[str, str]) -> Met | None:
    """Who saved this message meanwhile, in the form's language, or removed it."""
    place = together.place_of(before, key)
    language = request.POST.get("language") or access.content(before.variants[place or 0]).base.language
    return together.met(before, campaign, lambda each: together.place_of(each, key) is None) or together.met(
        before, campaign, together.message(key, language))


def _after(request: Request, content: Content) -> Content:
    """What the button that was pressed does to the message in the form's language."""
    deed, language = request.POST.get("do", ""), request.POST.get("language", content.base.language)
    return shaping.put(content, shaping.done(content.said(language), deed)) if deed else content


def _with_pictures(request: Request, content: Content) -> Content:
    """Files that were chosen are kept, and stand where their blocks are: ``b.3.file``."""
    if not request.FILES:
        return content
    if not the_shop().campaigns.rules.public_address:
        messages.warning(request, _("Customers do not see this picture: the address of these pages is not said yet. "
                                    "Say it under Settings, Sending messages, then choose the picture again."))
    data = to_json(content)
    language = request.POST.get("language", content.base.language)
    said = data if language == content.base.language else data["other"][language]
    for field, file in request.FILES.items():
        assert isinstance(file, UploadedFile)
        block = _block_of(said["blocks"], field)
        if block is not None:
            kept = keep(facts().folder, file.read(MOST_BYTES + 1))
            block |= {"source": _public(request, kept.name), "width": min(kept.width, block["width"])}
    return read(data)


def _block_of(blocks: Any, field: str) -> dict[str, Any] | None:
    """The block that a file's field belongs to."""
    found: Any = {"b": blocks}
    for part in field.split(".")[:-1]:
        key: Any = int(part) if part.isdecimal() else {"b": "b", "c": "columns"}.get(part, part)
        if key == "b" and isinstance(found, list):
            continue
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    return found if isinstance(found, dict) and found.get("kind") == "picture" else None


def _public(request: Request, name: str) -> str:
    """Where those who get the message find the picture."""
    address = the_shop().campaigns.rules.public_address.rstrip("/")
    path = reverse("campaigns:picture", args=[name])
    return f"{address}{path}" if address else request.build_absolute_uri(path)


def _saved(request: Request, campaign: Campaign, place: int, content: Content) -> HttpResponse:
    """Kept; then the page in the language that was pressed, or after the test that was asked for."""
    go, variants = request.POST.get("go", ""), list(campaign.variants)
    if not (go and _untouched(request, access.content(variants[place]), content)):
        variants[place] = replace(variants[place], content=to_json(content))
        saved = the_shop().campaigns.change(campaign.name, now=request.now, by=str(request.user),
                                            seen=campaign.version, variants=tuple(variants))
        if request.POST.get("do"):
            return _page(request, saved, place, content, None)
        audit.note(request, "campaign.changed", campaign.name)
        messages.success(request, _("Saved."))
    if go == TEST:
        return sending.test(request, place, campaign.name)
    return _at(campaign, place, go if go in LANGUAGES else request.POST.get("language", content.base.language))


def _at(campaign: Campaign, place: int, language: str) -> HttpResponse:
    return redirect(f"{reverse('campaigns:write', args=[place, campaign.name])}?language={language}")


def _untouched(request: Request, before: Content, after: Content) -> bool:
    """Whether a language that was only looked at still says what another says: it is not written by that."""
    language = request.POST.get("language", before.base.language)
    return after == before or (language not in written(before) and replace(
        after.said(language), language=before.base.language) == before.base)


def _page(request: Request, campaign: Campaign, place: int, content: Content, wrong: RegularsError | None,
          met: Met | None = None) -> HttpResponse:
    language = _language(request, content)
    message = content.said(language)
    message = message if message.language == language else replace(message, language=language)
    says = channel(campaign.channel).says
    return render(request, "campaigns/write.html", {
        "campaign": campaign, "place": place, "variant": campaign.variants[place], "message": message, "wrong": wrong,
        "met": met,
        "message_direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "editable": campaign.state in CHANGEABLE and roles.may(request.user, roles.CHANGE),
        "swapped": "HX-Request" in request.headers,
        "test_to": request.POST.get("to", request.user.email), "automation": access.automation_of(campaign),
        "blocks": shaping.shown(message.blocks), "kinds": LABELS,
        "addable": {kind: label for kind, label in LABELS.items() if kind not in _uncarried(says)},
        "uncarried": _uncarried(says),
        "choices": [(code, _(label)) for code, label in CHOICES.items() if code != "release" or _of_product(campaign)],
        "languages": [(code, code in written(content)) for code in LANGUAGES],
        "troubles": [] if wrong else troubles(message, says), "left": _left(carried(message, says)),
        "mail": says == MAIL, "has_subject": says in SUBJECTS, "fields": _fields(request, campaign, language),
        "people": [(p.customer_id, p.name or p.email or p.customer_id)
                   for p in people.some(campaign, campaign.variants[place], language, request.now)]})


def _uncarried(says: str) -> tuple[str, ...]:
    """The kinds of blocks that this way does not carry."""
    return (Button.kind, Picture.kind) if says in ON_NO_SCREEN else ()


def _language(request: Request, content: Content) -> str:
    """The form's; else the one asked for; else the reader's, where the message is written in it."""
    asked = request.POST.get("language") if request.method == "POST" else request.GET.get("language")
    if asked in LANGUAGES:
        return str(asked)
    reader = request.figures.locale
    return reader if request.method != "POST" and reader in written(content) else content.base.language


def written(content: Content) -> list[str]:
    """The languages it is written in."""
    return [message.language for message in content.messages]


def _left(message: Message) -> list[str]:
    """What a draft leaves open."""
    sources = [message.subject, message.preheader, *(getattr(b, "text", "") for b in every(message.blocks))]
    return [left for source in sources for left in to_fill_in(source)]


def _of_product(campaign: Campaign) -> bool:
    """Whether there is a product that its messages are about."""
    return bool(campaign.product) or campaign.of_releases


def _fields(request: Request, campaign: Campaign, language: str) -> list[tuple[str, Any]]:
    """What can be inserted: with a fall-back in the message's language where there is one."""
    figures, yet = Figures(the_shop().settings, language), _("not said yet: Settings, Sending messages")
    found = []
    for name, field in FIELDS.items():
        if field.shown and (_of_product(campaign) or not name.startswith(OF_A_PRODUCT)):
            word = field.fall_back.say(figures) if field.fall_back else ""
            unsaid = name == "shop.address" and not the_shop().settings.address
            found.append((f'{{{{ {name} | default: "{word}" }}}}' if word else f"{{{{ {name} }}}}",
                          f"{said(field.label, request.figures)} ({yet})" if unsaid else field.label))
    return found
