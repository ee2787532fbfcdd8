"""The way in, one's own account, the people of the shop, and the log of what they did."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.app.base.requests import Request
from regulars.app.doors import access, audit, changes, deeds, roles
from regulars.app.doors.forms import Invite, NewPassword, Own, Role, SetUp
from regulars.app.doors.middleware import only_looks
from regulars.app.doors.models import Invitation, Person
from regulars.app.doors.way_in import is_set_up_token
from regulars.app.facts import facts, the_shop
from regulars.shop.folder import has_facts, settle

BACKEND = settings.AUTHENTICATION_BACKENDS[0]
A_PAGE = 50


@login_not_required
def welcome(request: Request, token: str) -> HttpResponse:
    """Once, by the link of the terminal: the owner's account and the shop's own settings."""
    if not is_set_up_token(token):
        raise Http404
    shop = the_shop()
    form = SetUp(request.POST or None, shop=shop.settings, settled=has_facts(shop.engine))
    if request.method == "POST" and form.is_valid():
        settle(shop.folder, form.settings())
        facts().reload()
        said = form.cleaned_data
        owner = Person.objects.create_user(said["email"], said["password"], name=said["name"], role=roles.OWNER)
        login(request, owner, backend=BACKEND)
        audit.note(request, "shop.set_up", said["shop_name"])
        return redirect("first")
    return render(request, "doors/welcome.html", {"form": form})


@login_not_required
def invited(request: Request, token: str) -> HttpResponse:
    """By an invitation's link: a name and a password, and in."""
    invitation = access.invitation(token)
    known = Person.objects.filter(email=invitation.email).first()
    form = NewPassword(request.POST or None, initial={"name": known.name if known else ""})
    if request.method == "POST" and form.is_valid():
        person = changes.accept(invitation, form.cleaned_data["name"], form.cleaned_data["password"])
        login(request, person, backend=BACKEND)
        audit.note(request, "person.joined", person.email, role=person.role)
        return redirect("first")
    return render(request, "doors/invited.html", {"form": form, "invitation": invitation})


@only_looks
def account(request: Request) -> HttpResponse:
    """One's own name and language, password, second factors, and where one is signed in."""
    form = Own(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("doors:account")
    return render(request, "doors/account.html", {
        "form": form, "sessions": access.sessions(request.user), "factors": access.second_factors(request.user),
        "session_key": request.session.session_key})


def people(request: Request) -> HttpResponse:
    """Who may sign in and what each may do; invitations that are out."""
    everyone = [(person, Role(initial={"role": person.role}, auto_id=f"id_%s_{person.pk}"),
                 access.second_factors(person), access.sessions(person)) for person in access.people(request)]
    form = Invite(request.POST or None, initial={"role": roles.HELPER})
    if request.method == "POST" and form.is_valid():
        return _invite(request, form)
    return render(request, "doors/people.html", {"people": everyone, "form": form, "tab": "people",
                                                 "invitations": access.invitations(request)})


def _invite(request: Request, form: Invite) -> HttpResponse:
    invitation, token = changes.invite(form.cleaned_data["email"], form.cleaned_data["role"], request.user)
    audit.note(request, "person.invited", invitation.email, role=invitation.role)
    return _handed(request, invitation, token)


def _handed(request: Request, invitation: Invitation, token: str) -> HttpResponse:
    """The link, mailed where mail is sent, and shown this once."""
    link = request.build_absolute_uri(reverse("doors:invited", args=[token]))
    return render(request, "doors/invitation.html", {"invitation": invitation, "link": link,
                                                     "mailed": _mailed(invitation, link)})


def _mailed(invitation: Invitation, link: str) -> bool:
    """Whether the link went out by mail; without a mail server the owner hands it over."""
    if not settings.EMAIL_HOST:
        return False
    shop = the_shop().settings.name
    send_mail(_("An invitation to %(shop)s") % {"shop": shop},
              _("You may look after the customers of %(shop)s. Choose your password here, within a week:\n\n%(link)s")
              % {"shop": shop, "link": link}, None, [invitation.email])
    return True


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """An invitation that opens nothing any more."""
    invitation = access.invitations(request).filter(pk=pk).first()
    if invitation:
        invitation.delete()
        audit.note(request, "person.invitation_withdrawn", invitation.email)
    return redirect("doors:people")


@require_POST
def new_password(request: Request, pk: int) -> HttpResponse:
    """A link by which a person chooses another password."""
    person = access.person(request, pk)
    invitation, token = changes.invite(person.email, person.role, request.user)
    audit.note(request, "person.new_password_link", person.email)
    return _handed(request, invitation, token)


@require_POST
def role(request: Request, pk: int) -> HttpResponse:
    """What a person may do from now on."""
    person, form = access.person(request, pk), Role(request.POST)
    if form.is_valid():
        changes.give_role(person, form.cleaned_data["role"])
        audit.note(request, "person.role", person.email, role=person.role)
        messages.success(request, _("%(person)s may act as %(role)s now.") % {
            "person": person, "role": person.get_role_display()})
    return redirect("doors:people")


@require_POST
def shut_out(request: Request, pk: int) -> HttpResponse:
    """A person who cannot sign in any more, or can again."""
    person = access.person(request, pk)
    changes.let_in(person, not person.is_active)
    audit.note(request, "person.let_in" if person.is_active else "person.shut_out", person.email)
    return redirect("doors:people")


@require_POST
def sign_out_everywhere(request: Request, pk: int) -> HttpResponse:
    """All sessions of a person ended."""
    person = access.person(request, pk)
    ended = access.end_sessions(person)
    audit.note(request, "person.sessions_ended", person.email, sessions=ended)
    return redirect("doors:people")


def log(request: Request) -> HttpResponse:
    """Who did what, the latest first."""
    page = Paginator(access.entries(request), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "doors/log.html", {
        "page": page, "tab": "log", "entries": [
            (e, deeds.said(e.what), [v for v in e.detail.values() if isinstance(v, str | list)]) for e in page]})
