"""The languages spoken here."""

LANGUAGES = ("en", "id", "ur", "ru")
