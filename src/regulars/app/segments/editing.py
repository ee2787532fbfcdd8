"""Writing a segment: the editor, and what its script asks while somebody types."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.answers import while_facts_stand
from regulars.app.base.requests import Request
from regulars.app.doors import audit, roles
from regulars.app.doors.middleware import only_looks
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.app.segments import access, asking, names, superseding
from regulars.app.segments.forms import ReadyForm, SegmentForm
from regulars.app.segments.work import REFRESH
from regulars.errors import Refused, RuleError, UnknownName
from regulars.model.clock import local_day
from regulars.rules.completing import completions
from regulars.rules.tree import write_literal
from regulars.segments.saved import Segment
from regulars.segments.suggesting import suggested
from regulars.segments.templates import choices, missing_by_template, template, templates, themes


def write(request: Request, name: str = "") -> HttpResponse:
    """A new segment, or another rule for one that is there. Works as a plain form; the script makes it quick.

    Who it is true of is asked once the page is there, since it takes a second of a million customers.
    """
    old = access.segment(request, name, roles.CHANGE) if name else None
    access.segments(request, roles.CHANGE)
    begun = {"name": old.name, "rule": old.rule, "note": old.note} if old else {
        key: request.GET.get(key, "") for key in ("name", "rule", "note")}
    looks = "look" in request.POST
    form = SegmentForm(None if looks else request.POST or None, initial=request.POST.dict() if looks else begun)
    rule = request.POST.get("rule", begun["rule"])
    shop = the_shop()
    answer = asking.asked(shop, rule, request.now, request.figures, count=looks) if rule.strip() else None
    if request.method == "POST" and form.is_valid() and answer and not answer.wrong:
        try:
            if old:
                _refuse_unseen(request, old)
            return _save(request, form.cleaned_data, old.name if old else "", answer)
        except (RuleError, Refused) as error:
            form.add_error("rule" if old or isinstance(error, RuleError) else "name", error.say(request.figures))
    return render(request, "segments/write.html", {
        "form": form, "segment": old, "rule": rule, "asked": answer, "editing": secrets.token_hex(16),
        "drawn_from": names.drawn_from(shop.segments.evaluator.vocabulary(), request.figures.locale)})


def _refuse_unseen(request: Request, old: Segment) -> None:
    """Raise `Refused` once where it was changed since the form was made; the form that says so is of now."""
    if request.POST.get("version", str(old.version)) != str(old.version):
        raise Refused(_("%(who)s changed this while you wrote: its rule is %(rule)s now.") % {
            "who": old.changed_by or _("Somebody"), "rule": old.rule},
            hint=_("Save once more to put yours in its place."))


def _save(request: Request, said: dict[str, Any], old: str, answer: asking.Asked) -> HttpResponse:
    shop, by = the_shop(), str(request.user)
    segments = shop.segments
    if old:
        before = segments.get(old).rule
        saved = segments.change(old, now=shop.moment(), rule=said["rule"], note=said["note"], by=by)
        past = [saved.name] if saved.rule != before else []
    else:
        saved = segments.add(said["name"], said["rule"], now=shop.moment(), note=said["note"], by=by)
        past = [saved.name]
    audit.note(request, "segment.saved", saved.name, version=saved.version, rule=saved.rule)
    start(REFRESH, {"past": past}, by=request.user)
    messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
    if answer.never:
        messages.warning(request, answer.never.say(request.figures))
    return redirect("segments:one", saved.name)


@require_POST
@only_looks
def preview(request: Request) -> HttpResponse:
    """How many the rule is true of, ten of them, and what it means; or what is wrong with it, and where."""
    access.segments(request)
    rule, shop = request.POST.get("rule", ""), the_shop()
    try:
        with superseding.latest(superseding.editor(request.POST.get("editing", "")), shop.engine):
            answer = asking.asked(shop, rule, request.now, request.figures) if rule.strip() else None
    except superseding.Superseded:
        return HttpResponse(status=204)
    return render(request, "segments/preview.html", {"asked": answer, "rule": rule})


@require_POST
@only_looks
def convert(request: Request) -> JsonResponse:
    """The text and the sentence of the tree the builder holds."""
    access.segments(request)
    answer = asking.of_tree(the_shop(), request.POST.get("tree", ""), request.figures)
    return JsonResponse({"text": answer.canonical, "sentence": answer.sentence, "tree": answer.tree,
                         "wrong": asdict(answer.wrong) if answer.wrong else None})


@require_POST
@only_looks
def complete(request: Request) -> JsonResponse:
    """What may come next after ``text``: words, names, and values from the data."""
    access.segments(request)
    shop, text = the_shop(), request.POST.get("text", "")
    found, asked = completions(text, shop.segments.evaluator.vocabulary())
    offered = [asdict(c) for c in found]
    if asked.name or asked.place:
        begun = text[max(text.rfind("'"), text.rfind('"')) + 1:] if text.count("'") % 2 else ""
        values = _values("city" if asked.place else asked.name or "", asked.fact, begun)
        offered = [{"text": write_literal(v) if isinstance(v, str) and not _is_moment(v) else str(v), "kind": "value",
                    "note": "", "replaces": len(begun) + 1 if text.count("'") % 2 else 0} for v in values] + offered
    return JsonResponse({"completions": offered})


def values(request: Request) -> JsonResponse:
    """The shop's own values of a name that have ``q`` in them."""
    access.segments(request)
    name, fact, begun = (request.GET.get(key, "") for key in ("name", "fact", "q"))
    return JsonResponse({"values": [str(v) for v in _values(name, fact or None, begun)]})


def _values(name: str, fact: str | None, begun: str) -> list[Any]:
    shop = the_shop()
    try:
        return suggested(shop.engine, shop.segments.evaluator.vocabulary(), name, fact, begins=begun)
    except UnknownName:
        return []


def _is_moment(text: str) -> bool:
    return len(text) >= 10 and text[:4].isdigit() and text[4] == "-"


def ready(request: Request) -> HttpResponse:
    """Ready segments by theme: those the shop has the data for, then the others with what they miss; themes in which
    there is none to use come last."""
    access.segments(request)
    shop, language = the_shop(), request.figures.locale
    today = local_day(request.now, shop.settings.zone)
    every = templates(today, shop.settings.country)
    missing = while_facts_stand("missing", lambda: missing_by_template(every, shop.engine, language), language, today)
    by_theme = [(theme.title[language], [(t, t.name[language], t.why[language], missing[t.key]) for t in sorted(
        (t for t in every if t.theme == theme.key), key=lambda t: bool(missing[t.key]))]) for theme in themes()]
    by_theme.sort(key=lambda theme: all(lacks for *_, lacks in theme[1]))
    return render(request, "segments/ready.html", {"themes": by_theme, "tab": "ready"})


def from_ready(request: Request, key: str) -> HttpResponse:
    """A ready segment with the shop's own values in its places, taken on into the editor."""
    access.segments(request)
    shop, language = the_shop(), request.figures.locale
    chosen = template(key, local_day(request.now, shop.settings.zone), shop.settings.country)
    form = ReadyForm(tuple((p, choices(p, shop.engine)) for p in chosen.parameters), language, request.GET or None)
    if form.is_valid():
        chosen = chosen.filled(form.cleaned_data)
    missing = missing_by_template((chosen,), shop.engine, language)[chosen.key]
    fits = not missing or _fits(chosen.rule)
    return render(request, "segments/ready_one.html", {
        "template": chosen, "form": form if chosen.parameters else None, "name": chosen.name[language],
        "why": chosen.why[language], "do": chosen.do[language], "tab": "ready",
        "missing": missing, "sentence": shop.sentence(chosen.rule, language) if fits else "",
        "preview": shop.segments.evaluator.preview(chosen.rule, request.now) if fits else None})


def _fits(rule: str) -> bool:
    """Whether the shop can be asked it: a score that is not worked out yet cannot."""
    try:
        the_shop().sentence(rule)
    except UnknownName:
        return False
    return True
