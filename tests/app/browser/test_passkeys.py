"""A passkey, made and used as a person does it, with the browser's own virtual authenticator."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.app.browser.conftest import Opened, Server

KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
       "isUserVerified": True, "automaticPresenceSimulation": True}


def authenticator(page: Page) -> tuple[Any, str]:
    """One that says yes to whatever it is asked, as a finger on a reader does."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]


def test_a_passkey_is_made_and_opens_the_door_without_a_password(open_page: Opened, server: Server) -> None:
    page = open_page()
    devices, made = authenticator(page)
    page.goto(f"{server.address}/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", server.password)
        page.click("main form button")
    page.fill("[name=name]", "The till")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    expect(page).to_have_url(re.compile(r"/account/2fa/(?!webauthn/add)"))
    assert len(devices.send("WebAuthn.getCredentials", {"authenticatorId": made})["credentials"]) == 1

    page.goto(server.address)
    page.get_by_role("button", name="Sign out").or_(page.get_by_role("link", name="Sign out")).first.click()
    if "logout" in page.url:
        page.click("main form button")
    expect(page).to_have_url(re.compile("/account/login/"))
    page.click("#passkey_login")
    expect(page).not_to_have_url(re.compile("/account/login/"))
    page.goto(f"{server.address}/people/")
    expect(page.locator("tbody")).to_contain_text("yes")
