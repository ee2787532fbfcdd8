"""Whatever the command line and the intake say of a shop's people and files is said in every language."""

from __future__ import annotations

import pytest

from tests.phrases import domains, faults

SAID = [(package, domain) for package in ("regulars.cli", "regulars.intake") for domain in domains(package)]


def test_there_is_something_to_hold() -> None:
    assert {"customers", "explaining", "receipts", "findings", "owner_findings"} <= {domain for _, domain in SAID}


@pytest.mark.parametrize("language", ["id", "ur", "ru"])
@pytest.mark.parametrize(("package", "domain"), SAID)
def test_nothing_is_untranslated_doubtful_or_left_over(package: str, domain: str, language: str) -> None:
    assert list(faults(package, domain, language)) == []
