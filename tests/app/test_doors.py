"""Who gets in, what they may do, and what is written down about it."""

from __future__ import annotations

import ast
import re
import time

import pytest
from allauth.mfa.totp.internal import auth as totp_auth
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import Settings
from waitress.adjustments import Adjustments

from regulars.app import bodies
from regulars.app.discovery import home
from regulars.app.doors import browsers, deeds, roles, way_in
from regulars.app.doors.models import Entry, Invitation, Person
from regulars.app.facts import facts
from regulars.errors import NotFound
from regulars.shop import Shop
from tests.app.conftest import PASSWORD, SignedIn

SET_UP = {"email": "Ada@shop.example", "name": "Ada", "password": PASSWORD, "shop_name": "Ada's bricks",
          "country": "ID", "currency": "IDR", "timezone": "Asia/Jakarta", "language": "id"}


def test_nobody_sees_anything_without_signing_in(shop: Shop, client: Client) -> None:
    for address in ("/", "/segments/", "/people/", "/log/", "/account/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/account/login/?next={address}")


def test_only_who_is_signed_in_may_begin_to_send_large_files(owner: Client, people: dict[str, Person]) -> None:
    def answered(cookies: str, length: int) -> int:
        parser = bodies.Parser(Adjustments())
        parser.received(f"POST /bring-in/hand-over/1/ HTTP/1.1\r\nHost: a\r\nCookie: {cookies}\r\n"
                        f"Content-Length: {length}\r\n\r\n".encode())
        return parser.error.code if parser.error else 200
    held = "; ".join(f"{name}={kept.value}" for name, kept in owner.cookies.items())
    made_up = f"{settings.SESSION_COOKIE_NAME}=" + "0" * 32
    assert [answered(c, 900_000_000) for c in ("", made_up, "; =", held)] == [401, 401, 401, 200]
    assert answered("", 5_000_000) == 200 and answered(held, 2 << 30) == 413
    Person.objects.update(is_active=False)
    assert answered(held, 900_000_000) == 401


def test_the_first_link_makes_the_owner_and_names_the_shop_once(shop: Shop, client: Client) -> None:
    link = f"/welcome/{way_in.set_up_token()}/"
    assert client.get("/welcome/guessed/").status_code == 404
    assert client.post(link, SET_UP).status_code == 302
    owner = Person.objects.get()
    assert (owner.email, owner.role, owner.check_password(PASSWORD)) == ("ada@shop.example", roles.OWNER, True)
    assert facts().shop().settings.name == "Ada's bricks"
    assert client.get("/people/").status_code == 200
    assert Client().post(link, SET_UP | {"email": "eve@shop.example"}).status_code == 404


def test_a_shop_with_orders_keeps_its_currency_and_zone(shop: Shop, client: Client) -> None:
    client.post(f"/welcome/{way_in.set_up_token()}/", SET_UP)
    settings = facts().shop().settings
    assert (settings.currency, settings.timezone, settings.country) == ("EUR", "Europe/Amsterdam", "ID")


def test_a_weak_password_is_refused_with_why(shop: Shop, client: Client) -> None:
    answer = client.post(f"/welcome/{way_in.set_up_token()}/", SET_UP | {"password": "password12"})
    assert answer.status_code == 200 and "too common" in answer.text
    assert not Person.objects.exists()


def test_five_wrong_passwords_lock_the_door_even_for_the_right_one(people: dict[str, Person], client: Client) -> None:
    def sign_in(password: str) -> str:
        return client.post("/account/login/", {"login": "owner@shop.example", "password": password}).text
    for _ in range(5):
        assert "Too many" not in sign_in("wrong")
    assert "Too many" in sign_in(PASSWORD)
    assert client.get("/people/").status_code == 302


def test_signing_in_by_address_and_password(people: dict[str, Person], client: Client) -> None:
    answer = client.post("/account/login/", {"login": "OWNER@shop.example", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (302, "/")


def test_nobody_signs_up_by_themselves(shop: Shop, client: Client) -> None:
    answer = client.post("/account/signup/", {"email": "eve@x.example", "password1": PASSWORD})
    assert not Person.objects.exists()
    assert 'name="password1"' not in answer.text


def test_an_invitation_opens_the_door_once(owner: Client, client: Client) -> None:
    page = owner.post("/people/", {"email": "New@shop.example", "role": roles.VIEWER}).text
    token = re.search(r"/invited/([^/]+)/", page)
    assert token is not None
    assert Invitation.objects.get().token != token[1]
    link = f"/invited/{token[1]}/"
    assert client.post(link, {"name": "Newcomer", "password": PASSWORD}).status_code == 302
    assert Person.objects.get(email="new@shop.example").role == roles.VIEWER
    assert client.get("/segments/").status_code == 200
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("role", [roles.HELPER, roles.VIEWER])
@pytest.mark.parametrize("address", ["/people/", "/log/"])
def test_only_an_owner_sees_people_and_log(as_: SignedIn, role: str, address: str) -> None:
    assert as_(role).get(address).status_code == 403


@pytest.mark.parametrize("role", [roles.HELPER, roles.VIEWER])
def test_nobody_gives_themselves_a_role(as_: SignedIn, people: dict[str, Person], role: str) -> None:
    assert as_(role).post(f"/people/{people[role].pk}/role/", {"role": roles.OWNER}).status_code == 403
    assert Person.objects.get(pk=people[role].pk).role == role


def test_the_last_owner_stays(owner: Client, people: dict[str, Person]) -> None:
    pk = people[roles.OWNER].pk
    assert owner.post(f"/people/{pk}/role/", {"role": roles.VIEWER}).status_code == 409
    assert owner.post(f"/people/{pk}/shut-out/").status_code == 409
    assert Person.objects.get(pk=pk).role == roles.OWNER


def test_who_is_shut_out_is_out_at_once(owner: Client, people: dict[str, Person], client: Client) -> None:
    client.post("/account/login/", {"login": "helper@shop.example", "password": PASSWORD})
    assert client.get("/segments/").status_code == 200
    owner.post(f"/people/{people[roles.HELPER].pk}/shut-out/")
    assert client.get("/segments/").status_code == 302
    client.post("/account/login/", {"login": "helper@shop.example", "password": PASSWORD})
    assert client.get("/segments/").status_code == 302


@pytest.mark.parametrize("what, said", [("shut-out", {}), ("role", {"role": roles.VIEWER})])
def test_a_link_made_before_brings_back_neither_entry_nor_role(owner: Client, people: dict[str, Person], what: str,
                                                               said: dict[str, str]) -> None:
    helper = people[roles.HELPER].pk
    link = re.search(r"/invited/[^/]+/", owner.post(f"/people/{helper}/new-password/").text)
    owner.post(f"/people/{helper}/{what}/", said)
    assert link is not None and Client().get(link[0]).status_code == 404


def test_what_was_done_is_written_down_with_who(owner: Client, people: dict[str, Person]) -> None:
    owner.post(f"/people/{people[roles.HELPER].pk}/role/", {"role": roles.VIEWER})
    entry = Entry.objects.get()
    assert (entry.who, entry.what, entry.about, entry.detail) == (
        "Owner", "person.role", "helper@shop.example", {"role": "viewer"})
    assert "changed what somebody may do" in owner.get("/log/").text


def test_a_viewer_settles_their_own_language(as_: SignedIn, people: dict[str, Person]) -> None:
    viewer = as_(roles.VIEWER)
    assert viewer.post("/account/", {"name": "V", "language": "ur"}).status_code == 302
    assert 'dir="rtl"' in viewer.get("/segments/").text


def test_every_answer_carries_a_strict_policy(owner: Client) -> None:
    answer = owner.get("/segments/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*(src=|application/json))|\sstyle=|\son[a-z]+=", answer.text)


def test_a_form_from_elsewhere_is_refused(people: dict[str, Person]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people[roles.OWNER], "allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post("/account/", {"name": "Eve"})
    assert answer.status_code == 403 and "This form is out of date." in answer.text


def test_a_link_for_a_new_password_leaves_the_role(owner: Client, people: dict[str, Person], client: Client) -> None:
    page = owner.post(f"/people/{people[roles.VIEWER].pk}/new-password/").text
    link = re.search(r"/invited/[^/]+/", page)
    assert link is not None
    assert client.post(link[0], {"name": "Viewer", "password": "another hard one"}).status_code == 302
    viewer = Person.objects.get(pk=people[roles.VIEWER].pk)
    assert (viewer.role, viewer.check_password("another hard one")) == (roles.VIEWER, True)


def test_an_owner_who_forgot_is_let_in_from_the_terminal(people: dict[str, Person], client: Client) -> None:
    said = list(way_in.told("http://x", demo=False, let_in="Owner@shop.example"))
    link = re.search(r"http://x(/invited/[^/]+/)", said[1])
    assert link is not None and client.get(link[1]).status_code == 200
    with pytest.raises(NotFound):
        list(way_in.told("http://x", demo=False, let_in="eve@shop.example"))


def test_without_a_mail_server_a_lost_password_has_another_way(shop: Shop, client: Client) -> None:
    assert "sends no mail" in client.get("/account/password/reset/").text


def test_a_lost_password_is_mailed_a_link(people: dict[str, Person], client: Client, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    client.post("/account/password/reset/", {"email": "helper@shop.example"})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)
    assert link is not None and mail.outbox[0].to == ["helper@shop.example"]
    form = client.get(link[1], follow=True)
    new = {"password1": "yet another one", "password2": "yet another one"}
    assert client.post(form.redirect_chain[-1][0], new).status_code == 302
    assert Person.objects.get(email="helper@shop.example").check_password("yet another one")


def test_a_second_factor_is_asked_for(people: dict[str, Person], client: Client) -> None:
    secret = totp_auth.generate_totp_secret()
    totp_auth.TOTP.activate(people[roles.OWNER], secret)
    answer = client.post("/account/login/", {"login": "owner@shop.example", "password": PASSWORD})
    assert answer.headers["location"] == "/account/2fa/authenticate/"
    assert client.get("/people/").status_code == 302
    code = totp_auth.format_hotp_value(totp_auth.hotp_value(secret, int(time.time()) // 30))
    assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/", "/account/2fa/",
                                     "/account/2fa/totp/activate/", "/account/password/change/", "/account/sessions/",
                                     "/account/2fa/webauthn/add/", "/account/2fa/webauthn/", "/account/", "/people/"])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_door_has_a_page(owner: Client, people: dict[str, Person], address: str, language: str) -> None:
    Person.objects.update(language=language)
    owner.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = owner.get(address, follow=True)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert not re.search(r"<script(?![^>]*(src=|application/json))|\sstyle=", answer.text)


def test_a_viewer_changes_their_own_password_and_signs_out(as_: SignedIn, people: dict[str, Person]) -> None:
    viewer = as_(roles.VIEWER)
    new = {"oldpassword": PASSWORD, "password1": "quite another one", "password2": "quite another one"}
    assert viewer.post("/account/password/change/", new).status_code == 302
    assert Person.objects.get(pk=people[roles.VIEWER].pk).check_password("quite another one")
    assert viewer.post("/account/logout/").status_code == 302
    assert viewer.get("/segments/").status_code == 302


def test_every_deed_that_is_written_down_has_words() -> None:
    noted = {code.value for path in home("regulars.app.doors").parent.rglob("*.py")
             for call in ast.walk(ast.parse(path.read_text()))
             if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.note"
             for code in ast.walk(call.args[1]) if isinstance(code, ast.Constant)}
    assert len(noted) > 20
    assert {code for code in noted if not any(known.startswith(code) for known in deeds.DEEDS)} == set()


@pytest.mark.parametrize("agent, said", [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
     "Edge on Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
     "Safari on iPhone"), ("curl/8", "A browser on another system")])
def test_a_browser_is_called_as_its_owner_knows_it(agent: str, said: str) -> None:
    assert browsers.said(agent) == said
