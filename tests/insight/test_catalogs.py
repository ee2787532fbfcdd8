"""Everything an analysis can say is said in every language."""

from __future__ import annotations

import pytest

from tests.phrases import domains, faults

PACKAGE = "regulars.insight"


@pytest.mark.parametrize("language", ["id", "ur", "ru"])
@pytest.mark.parametrize("domain", domains(PACKAGE) or ["common"])
def test_nothing_is_untranslated_doubtful_or_left_over(domain: str, language: str) -> None:
    assert list(faults(PACKAGE, domain, language)) == [] or not domains(PACKAGE)
