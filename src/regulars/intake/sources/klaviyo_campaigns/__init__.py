"""Klaviyo, the campaign report: figures of whole campaigns, none of any person."""

from __future__ import annotations

from regulars.intake import findings
from regulars.intake.sources.layout import Export, Layout
from regulars.intake.stage import Stage
from regulars.model.phrases import Said
from regulars.model.settings import Settings


class KlaviyoCampaigns(Export):
    """Recognised, so that the person is told why it adds nothing, rather than asked what its columns are."""

    name = "klaviyo-campaigns"
    title = "Klaviyo campaign report"
    platform = "klaviyo"
    signature = ("Campaign Name", "Send Time", "Total Recipients")
    one_of = (("Campaign ID", "Unique Opens", "Open Rate"),)
    layout = Layout("""
        campaigns
        name    text    Campaign Name
        at      moment? Send Time
    """)

    def mapping(self, stage: Stage) -> dict[str, str]:
        return {}

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        return {}

    def cautions(self, stage: Stage) -> tuple[Said, ...]:
        return (findings.of_campaigns(),)


SOURCES = (KlaviyoCampaigns(),)
