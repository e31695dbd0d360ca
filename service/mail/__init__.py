"""Mails: rendering, words in each language, lints, MIME and how they are sent."""
