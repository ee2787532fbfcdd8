"""All automations, a new one, and one with its steps and people."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app import moments
from regulars.app.automations import access
from regulars.app.automations.forms import NewForm, StepForm
from regulars.app.base.refusing import refusal
from regulars.app.base.requests import Request
from regulars.app.campaigns import listing
from regulars.app.campaigns.access import content
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.errors import ContentRefused, NotFound, Refused, RegularsError, RuleError
from regulars.model.phrases import of_text
from regulars.outreach.automations.automation import DRAFT, OFF, PAUSED, STATES, comes, said
from regulars.outreach.automations.sequences import sequences
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels import channel
from regulars.outreach.content.template import troubles

DONE = {"start": gettext_noop("It is on."), "pause": gettext_noop("It is paused: nobody gets a step until it goes on."),
        "stop": gettext_noop("It is off for good.")}
TONES = {"on": "good", "paused": "warn", "off": "bad"}


def everything(request: Request) -> HttpResponse:
    """Every automation with where it stands, and the ready ones that are not here yet."""
    found = access.automations(request)
    language = request.figures.locale
    listed = found.list()
    rows = [{"automation": a, "begins": said(a.trigger), "state": STATES[a.state], "tone": TONES.get(a.state, ""),
             "why": of_text(a.why) if a.why else None, "people": _people(found.show(a.name).people)} for a in listed]
    names = {a.name for a in listed}
    ready = [{"key": s.key, "name": s.name[language], "what": s.what[language], "steps": len(s.steps)}
             for s in sequences() if not names & set(s.name.values())]
    return render(request, "automations/all.html", {"rows": rows, "ready": ready})


def _people(counts: Mapping[str, int]) -> dict[str, int]:
    """By a name that a template can say."""
    return {state.replace(" ", "_"): n for state, n in counts.items()}


def new(request: Request) -> HttpResponse:
    """What begins it and how many steps: their words are written on the page of each."""
    found, shop = access.automations(request, roles.CHANGE), the_shop()
    form = NewForm([s.name for s in shop.segments.list()], request.figures, request.POST or None,
                   initial={"segment": request.GET.get("segment", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = found.add(form.cleaned_data["name"], form.trigger(), form.letters(shop.settings.language),
                             now=request.now, by=str(request.user), again=form.cleaned_data["again"],
                             present=form.cleaned_data["present"], goes_on=form.cleaned_data["goes_on"])
            audit.note(request, "automation.made", made.name)
            return redirect("automations:one", made.name)
        except (Refused, NotFound, RuleError) as error:
            form.add_error(None, error.say(request.figures))
    return render(request, "automations/new.html", {"form": form})


@require_POST
def adopt(request: Request) -> HttpResponse:
    """A ready one made the shop's own, as a draft."""
    found = access.automations(request, roles.CHANGE)
    try:
        made = found.adopt(request.POST.get("key", ""), now=request.now, language=get_language() or "",
                           by=str(request.user))
    except (Refused, NotFound, RuleError) as error:
        messages.error(request, refusal(request, error))
        return redirect("automations:all")
    audit.note(request, "automation.made", made.name)
    messages.success(request, _("A draft is made, with its messages. Read them, then switch it on."))
    return redirect("automations:one", made.name)


def one(request: Request, name: str) -> HttpResponse:
    """What begins it, its steps with their messages, and how many people stand where."""
    standing = access.automation(request, name)
    found = standing.automation
    open_ = found.state in (DRAFT, PAUSED)
    steps = [{"number": number, "campaign": campaign, "comes": comes(step, number == 1),
              "trouble": _trouble(campaign) if open_ else None,
              "subject": campaign.variants[0].content.get("subject", "") if campaign.variants else "",
              "begun": the_shop().campaigns.has_begun(campaign.name),
              "sent": sum(the_shop().campaigns.progress(campaign.name).deliveries.get(s, 0)
                          for s in listing.HANDED)}
             for number, (step, campaign) in enumerate(zip(found.steps, standing.campaigns, strict=True), 1)]
    return render(request, "automations/one.html", {
        "automation": found, "begins": said(found.trigger), "state": STATES[found.state],
        "tone": TONES.get(found.state, ""), "why": of_text(found.why) if found.why else None, "steps": steps,
        "people": _people(standing.people), "open": open_, "ready": not any(step["trouble"] for step in steps),
        "judged_by": the_shop().campaigns.goals.said(standing.goal),
        "longer": StepForm(len(steps), standing.campaigns[-1].channel) if found.state != OFF else None,
        "foreseen": the_shop().automations.foreseen(found.name, request.now),
        "warned": the_shop().automations.warned(found.name),
        "at_once": the_shop().automations.at_once(found.name, request.now)})


@require_POST
def extend(request: Request, name: str) -> HttpResponse:
    """One more step; then to its message, which is to be written before the automation goes on."""
    standing, shop = access.automation(request, name, roles.CHANGE), the_shop()
    found = standing.automation
    form = StepForm(len(found.steps), "", request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("A step waits for a number of days, and goes by one of the ways."))
        longer = shop.automations.extend(found.name, form.letter(shop.settings.language), now=request.now,
                                         before=int(form.cleaned_data["before"]), by=str(request.user))
    except (Refused, NotFound) as error:
        messages.error(request, refusal(request, error))
        return redirect("automations:one", found.name)
    audit.note(request, "automation.extended", longer.name)
    new = next(each for each in longer.steps if each not in found.steps)
    messages.success(request, _("The step is there, and the automation rests. Write the message, then switch it on."))
    return redirect("campaigns:write", 0, shop.campaigns.by_id(new.campaign).name)


def _trouble(campaign: Campaign) -> ContentRefused | None:
    """The first that keeps a step's message from going."""
    says = channel(campaign.channel).says
    return next((each for variant in campaign.variants for message in content(variant).messages
                 for each in troubles(message, says)), None)


@require_POST
def go_on(request: Request, name: str) -> HttpResponse:
    """Whether a draft goes on for whoever leaves its segment; back to it."""
    found = access.automations(request, roles.CHANGE)
    try:
        made = found.go_on(name, bool(request.POST.get("goes_on")), now=the_shop().moment(), by=str(request.user))
        audit.note(request, "automation.changed", made.name)
    except Refused as error:
        messages.error(request, refusal(request, error))
    return redirect("automations:one", name)


@require_POST
def do(request: Request, what: str, name: str) -> HttpResponse:
    """Switch it on or off, pause it, or remove a draft; back to it, saying why where it is refused."""
    if what not in ("start", "pause", "stop", "remove"):
        raise Http404
    found = access.automations(request, roles.CHANGE)
    try:
        if what == "remove":
            audit.note(request, "automation.removed", found.remove(name).name)
            return redirect("automations:all")
        if what == "start":
            # Its segment may have been saved a moment ago, and the thread that follows has not looked since.
            the_shop().segments.advance(moments.settled())
        getattr(found, what)(name, the_shop().moment())
        audit.note(request, f"automation.{what}", name)
        messages.success(request, _(DONE[what]))
    except (Refused, NotFound, RuleError) as error:
        messages.error(request, _of_step(request, name, error) if what == "start" else refusal(request, error))
    return redirect("automations:one", name)


def _of_step(request: Request, name: str, error: RegularsError) -> str:
    """Why it was not switched on: a setting that is missing, else the step that keeps it back where one does."""
    if error.settings:
        return refusal(request, error)
    for number, campaign in enumerate(access.automation(request, name).campaigns, 1):
        trouble = _trouble(campaign)
        if trouble:
            return _("Step %(number)s: %(why)s") % {"number": number, "why": trouble.say(request.figures)}
    return refusal(request, error)
