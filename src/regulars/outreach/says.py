"""What of a message a channel carries."""

MAIL, MESSAGE, WORDS, NOTHING = "mail", "message", "words", "nothing"
"""A subject, HTML and a text; a subject where one is written, and a text; a text alone; only who is meant."""
SUBJECTS = (MAIL, MESSAGE)
