"""Lists of people: newsletters, address books, memberships."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from .reading_exports import EXPORTS, read, read_all


@pytest.fixture
def audience(tmp_path: Path) -> Path:
    """The zip as Mailchimp makes it."""
    target = tmp_path / "audience_export_a1b2c3.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted((EXPORTS / "mailchimp").glob("*.csv")):
            archive.write(file, file.name)
    return target


def test_a_mailchimp_zip_says_by_its_files_names_who_wants_mail(audience: Path) -> None:
    people = [p for found in read_all(audience) for p in found.rows("customers")]
    assert {p["email"].split("@")[0]: p["email_consent"] for p in people} == {
        "ada": True,
        "bima": True,
        "carla": False,
        "old": False,
        "dmitri": False,
    }
    since = {p["email"].split("@")[0]: p["email_consent_at"] for p in people}
    assert since["carla"] == datetime(2025, 2, 3, 8, 0)
    assert since["dmitri"] is None


def test_leaving_and_bouncing_are_kept_as_messages(audience: Path) -> None:
    messages = [m for found in read_all(audience) for m in found.tables.get("messages", [])]
    assert sorted((m["type"], m["campaign"], m["channel"]) for m in messages) == [
        ("bounced", "March news", "email"),
        ("unsubscribed", "February news", "email"),
    ]


def test_mailchimp_keeps_rating_tags_own_fields_and_a_birthday_without_a_year() -> None:
    found = read("mailchimp/subscribed_members_export_a1b2c3.csv")
    ada = found.by("customers", "email")["ada@example.com"]
    assert (ada["member_rating"], ada["tags"], ada["birthday"]) == (4, ["VIP", "Blog"], "04/29")
    assert (ada["favourite_colour"], ada["interests"]) == ("blue", "Bricks, Sand")
    assert found.own["member_rating"] == "WHOLE"
    assert "birth_date" not in ada


def test_klaviyos_words_for_consent_are_understood() -> None:
    found = read("klaviyo_profiles/klaviyo_profiles.csv")
    people = found.by("customers", "id_platform")
    assert [people[f"klaviyo:01H{n}"]["email_consent"] for n in ("ADA", "BIM", "CAR")] == [True, False, False]
    assert [people[f"klaviyo:01H{n}"]["sms_consent"] for n in ("ADA", "BIM", "CAR")] == [True, None, None]
    assert (people["klaviyo:01HADA"]["shoe_size"], found.own["shoe_size"]) == (38, "WHOLE")


def test_a_campaign_report_is_recognised_and_says_why_nothing_of_it_is_kept() -> None:
    found = read("klaviyo_campaigns/klaviyo_campaigns.csv")
    assert found.tables == {}
    assert "nothing of it can be kept" in str(found.cautions[0])


def test_outlook_contacts_come_with_birthdays_and_categories() -> None:
    people = read("outlook_contacts/contacts.csv").by("customers", "name")
    ada, hugo = people["Ada Byrne"], people["Hugo Park"]
    assert (ada["birth_date"], ada["tags"], ada["gender"], ada["company"]) == (
        date(1988, 4, 29),
        ["Trade", "VIP"],
        "female",
        "Byrne Ltd",
    )
    assert (hugo["id_email"], hugo["id_phone"], hugo["birth_date"], hugo["gender"]) == (
        None,
        "+14155552671",
        None,
        None,
    )


def test_google_contacts_come_with_their_own_labels_only() -> None:
    people = read("google_contacts/contacts.csv").by("customers", "name")
    assert (people["Ada Byrne"]["tags"], people["Ada Byrne"]["birth_date"]) == (["VIP"], date(1988, 4, 29))
    bima = people["Bima Santoso"]
    assert (bima["tags"], bima["birth_date"], bima["birthday"]) == (None, None, "--05-17")


def test_patrons_have_a_plan_and_its_state() -> None:
    people = read("patreon/members.csv").by("customers", "id_platform")
    ada, bima = people["patreon:770001"], people["patreon:770002"]
    assert (ada["plan"], ada["plan_status"], ada["plan_since"]) == ("Mason", "active", date(2024, 10, 1))
    assert bima["plan_status"] == "canceled"


def test_substack_readers_who_turned_mail_off_do_not_want_it() -> None:
    people = read("substack/email_list.example.csv").by("customers", "email")
    ada, bima = people["ada@example.com"], people["bima@example.org"]
    assert (ada["email_consent"], ada["plan_status"], ada["plan"]) == (True, "active", "yearly")
    assert (bima["email_consent"], bima["plan_status"]) == (False, "none")
