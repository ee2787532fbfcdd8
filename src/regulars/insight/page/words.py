"""The words of pages: one catalog for all sections."""

from regulars.model.phrases import phrases

text, counted = phrases("regulars.insight", "page")
