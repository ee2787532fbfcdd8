"""``why``: what acting refuses, in words. Catalog: ``locale/<language>/LC_MESSAGES/refusals.po``."""

from __future__ import annotations

from regulars.model.phrases import phrases

why, why_counted = phrases("regulars.outreach", "refusals")
