"""The admin's when → then, as pure functions. Today: words that set fields of a new ticket (SPEC RU-2)."""

from maild.rules.keywords import Keyword, Setting, keyword_setting

__all__ = ["Keyword", "Setting", "keyword_setting"]
