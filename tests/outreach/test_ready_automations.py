"""Automations that are ready to be taken: written in every language, and good to be switched on as they are."""

from __future__ import annotations

import pytest

from regulars.errors import NotFound, Refused
from regulars.model.figures import Figures
from regulars.outreach.automations.automation import said
from regulars.outreach.automations.sequences import sequences
from regulars.outreach.content import Template
from regulars.shop import Shop
from tests.outreach.conftest import NOW, SETTINGS


@pytest.mark.parametrize("language", ["en", "id", "ur", "ru"])
def test_every_ready_one_is_written_in_every_language_and_can_be_rendered(language: str) -> None:
    assert {"second-sale", "onboarding", "win-back", "cross-sell"} <= {s.key for s in sequences()}
    for each in sequences():
        assert each.name[language] and each.what[language] and said(each.trigger).say(Figures(SETTINGS, language))
        assert not each.rule or each.segment[language]
        for letter in each.letters("en"):
            template = Template(letter.content, language, SETTINGS)
            made = template.render({"customer": {"first_name": "Ada"}, "shop": {"name": "Thirty"},
                                    "unsubscribe_url": "https://shop.example/u"})
            assert "Ada" in made.text and "Thirty" in made.text and not made.missing


def test_ready_ones_become_drafts_with_their_segments_and_can_be_switched_on(four: Shop) -> None:
    four.campaigns.set("email", {"host": "127.0.0.1", "port": 9, "security": "plain", "sender": "a@shop.example"})
    for each in ("second-sale", "onboarding", "win-back", "cross-sell", "birthday", "new-release"):
        made = four.automations.adopt(each, now=NOW)
        four.segments.advance(NOW)
        four.automations.start(made.name, NOW)
    assert four.automations.get("Win back").trigger.segment == "Regulars gone quiet"
    assert len(four.automations.show("Second sale").campaigns) == 2
    with pytest.raises(Refused):
        four.automations.adopt("win-back", now=NOW)
    with pytest.raises(NotFound):
        four.automations.adopt("win", now=NOW)
