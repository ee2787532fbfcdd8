"""What a message says: blocks, personal fields, the mail made of them, and what to look at before it goes."""

from __future__ import annotations

from regulars.outreach.content.template import Made, Template

__all__ = ["Made", "Template"]
