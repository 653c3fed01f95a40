"""A cheap guess at a text's language: what the mail says, then its script, then its stop words. None when unsure."""

import re
from collections import Counter

_TAG = re.compile(r"\s*([a-z]{2})(?:[-_][a-z0-9]{2,8})?\s*(?:,|;|$)", re.IGNORECASE)
_HTML_LANG = re.compile(r"<html\b[^<>]{0,400}?\slang\s{0,3}=\s{0,3}[\"']?([a-z]{2})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{1,20}")
_KNOWN = frozenset(
    [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "ru", "ja", "zh", "no", "fi", "hu", "tr", "ro",
    "el", "uk", "ko", "ar", "he",
]
)  # fmt: skip

_STOP_WORDS = {
    "en": "the and is of to in that it for you this with are have not your please was we be on would can thanks",
    "de": "der die das und ist nicht ich sie ein eine zu mit den von auf für wir bitte habe haben dem im danke kann",
    "fr": "le la les et est je vous nous un une des pour pas que dans avec merci sur bonjour mon votre ce qui ne au",
    "es": "el la los las y es que de un una para no con por mi gracias hola su se lo en del como está usted",
    "it": "il la che di è un una per non con sono grazie mi del della ho ciao si gli le nel alla questo vorrei",
    "pt": "o a os as e é que de um uma para não com por meu minha obrigado olá do da em você se na no está",
    "nl": "de het een en is niet ik van op te dat voor met zijn we u bedankt kan mijn wij aan maar hebben er",
    "pl": "i w na nie się jest to z że do jak czy proszę dziękuję mam o za dla od po ale tak był moje witam",
    "sv": "och att det är jag inte en ett som på för med har vi kan av till tack den mitt hej om min mitt din",
    "da": "og at det er jeg ikke en et som på for med har vi kan af til tak den mit hej om min din hvad hvor",
    "cs": "a je v na se že to s z do jsem ne prosím děkuji pro jak ale mi dobrý den by jste není máte tak",
}  # fmt: skip
# Letters that of these languages one alone has.
_LETTERS = {
    "ą": "pl",
    "ę": "pl",
    "ł": "pl",
    "ś": "pl",
    "ż": "pl",
    "ě": "cs",
    "ř": "cs",
    "ů": "cs",
    "ß": "de",
    "ñ": "es",
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _STOP_WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)


def guess_language(text: str, html: str, declared: str) -> str | None:
    """Two letters (ISO 639-1): from the words where they are clear, else from what header or HTML claim."""
    sample = text[:4000]
    return _by_script(sample) or _by_words(sample) or _claimed(html, declared)


_SCRIPTS = {
    "kana": re.compile("[\u3040-\u30ff]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "hangul": re.compile("[\uac00-\ud7af]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_FOREIGN = re.compile("[\u0370-\u052f\u3040-\ud7af]")


def _by_script(sample: str) -> str | None:
    if sample.isascii() or not _FOREIGN.search(sample):
        return None
    counts = {script: len(letters.findall(sample)) for script, letters in _SCRIPTS.items()}
    total = max(1, len(_LETTER.findall(sample)))
    if counts["kana"] * 20 > total:
        return "ja"
    for script, language in (("han", "zh"), ("hangul", "ko"), ("greek", "el")):
        if counts[script] * 4 > total:
            return language
    if counts["cyrillic"] * 2 > total:
        return "uk" if re.search("[іїєґ]", sample) else "ru"
    return None


def _by_words(sample: str) -> str | None:
    words = _WORD.findall(sample.lower())[:400]
    if len(words) < 3:
        return None
    counts = dict.fromkeys(_STOP_WORDS, 0)
    times = Counter(words)
    for word in times.keys() & _LANGUAGES.keys():
        for language in _LANGUAGES[word]:
            counts[language] += times[word]
    for word in () if sample.isascii() else times:
        for letter in () if word.isascii() else _LETTERS.keys() & set(word):
            counts[_LETTERS[letter]] += times[word]
    scores = sorted(((count, language) for language, count in counts.items()), reverse=True)
    best, second = scores[0], scores[1]
    enough = best[0] >= max(2, len(words) // 12)
    return best[1] if enough and best[0] > second[0] else None


def _claimed(html: str, declared: str) -> str | None:
    match = _TAG.match(declared) or _HTML_LANG.search(html[:3000])
    found = match.group(1).lower() if match else ""
    return found if found in _KNOWN else None
