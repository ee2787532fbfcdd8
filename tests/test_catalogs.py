"""Whatever the command line, the intake and every refusal say is said in every language."""

from __future__ import annotations

import pytest

from tests.phrases import domains, faults

ROOMS = ("app", "cli", "demo", "engines", "insight", "intake", "model", "outreach", "rules",
         "segments", "shop")
OUTREACH = ("regulars.outreach", "regulars.outreach.channels")
SAID = [*((package, domain) for package in ("regulars.cli", "regulars.intake", *OUTREACH) for domain in domains(package)
          if domain != "refusals"), *((f"regulars.{name}", "refusals") for name in ROOMS if name != "cli"),
        ("regulars.app.jobs", "running"), ("regulars.outreach", "content"),
        ("regulars.outreach", "results"), ("regulars.outreach", "guard")]


def test_there_is_something_to_hold() -> None:
    assert {"customers", "explaining", "receipts", "findings", "owner_findings"} <= {domain for _, domain in SAID}


@pytest.mark.parametrize("language", ["id", "ur", "ru"])
@pytest.mark.parametrize(("package", "domain"), SAID)
def test_nothing_is_untranslated_doubtful_or_left_over(package: str, domain: str, language: str) -> None:
    assert list(faults(package, domain, language)) == []
