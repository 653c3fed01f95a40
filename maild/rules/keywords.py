"""Words in a new ticket's subject or text that say how urgent it is and whose (SPEC RU-2)."""

import re
from dataclasses import dataclass

LOOKED_AT = 4096


@dataclass(frozen=True, slots=True)
class Keyword:
    """If any of `words` stands in subject or text as whole words, these fields are set; None leaves a field."""

    words: tuple[str, ...]
    priority: str | None = None
    category: str | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()

    def matches(self, text: str) -> str | None:
        """The word that stood there."""
        return next((word for word in self.words if re.search(_whole(word), text, re.IGNORECASE)), None)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all matching keywords together set; the first one to name a field wins, tags add up."""

    priority: str | None = None
    category: str | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


def _whole(word: str) -> str:
    return rf"(?<!\w){re.escape(word)}(?!\w)"


def keyword_setting(keywords: tuple[Keyword, ...], subject: str, text: str) -> Setting:
    """Walks the keywords in config order over subject and the first 4 kB of text."""
    seen = f"{subject}\n{text[:LOOKED_AT]}"
    setting = Setting()
    for keyword in keywords:
        word = keyword.matches(seen)
        if word is None:
            continue
        setting = Setting(
            priority=setting.priority or keyword.priority,
            category=setting.category or keyword.category,
            team=setting.team or keyword.team,
            tags=tuple(dict.fromkeys((*setting.tags, *keyword.tags))),
            because=(*setting.because, f"the word '{word}'"),
        )
    return setting
