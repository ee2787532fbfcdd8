"""What of a message a channel carries."""

MAIL, MESSAGE, WORDS, NOTHING = "mail", "message", "words", "nothing"
"""A subject, HTML and a text; a subject where one is written, and a text; a text alone; only who is meant."""
SPOKEN, PRINTED = "spoken", "printed"
"""A text alone, and a subject where one is written with a text, in which nothing can be pressed or looked at."""
SUBJECTS = (MAIL, MESSAGE, PRINTED)
ON_NO_SCREEN = (SPOKEN, PRINTED)
"""Without buttons and pictures."""
