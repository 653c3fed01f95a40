"""Which charset 8-bit text without a right label is in, by the shape of its bytes; None when it looks western.

Western text has single high bytes between ASCII letters. Cyrillic ones have whole words of them, Asian ones pairs.
"""

import re

_MAX = 8192
_RUNS = re.compile(rb"[\x80-\xff]+")
_WORDS = re.compile(rb"[\xc0-\xff\xa3\xb3\xa8\xb8]{3,}")
_PAIRS = re.compile(rb"[\xa1-\xfe]{2}")
_ESCAPES = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(J", "iso2022_jp_ext"))


def escaped_charset(content: bytes) -> str | None:
    """The seven-bit charset of Japan or Korea that its escape sequences tell (RFC 1468, RFC 1557)."""
    if b"\x1b" not in content:
        return None
    return next((codec for mark, codec in _ESCAPES if mark in content), None)


def guessed_charset(content: bytes) -> str | None:
    """The codec that fits; only asked when the bytes are no UTF-8."""
    sample = content[:_MAX]
    high = sum(len(run) for run in _RUNS.findall(sample))
    if high < 4:
        return None
    shift_jis = _shift_jis(sample, high)
    if shift_jis:
        return shift_jis
    runs = _RUNS.findall(sample)
    if all(len(run) % 2 == 0 and _PAIRS.match(run) for run in runs) and _low(sample) * 4 > high:
        return _paired(sample)
    in_words = sum(len(word) for word in _WORDS.findall(sample))
    if in_words * 10 > high * 7:
        return _cyrillic(sample)
    return _big5(sample, high)


def _low(sample: bytes) -> int:
    """Bytes A1-BF: half of all second bytes in Asian charsets, hardly any in Cyrillic words."""
    return len(re.findall(rb"[\xa1-\xbf]", sample))


def _cyrillic(sample: bytes) -> str:
    """Small letters are many: E0-FF in windows-1251, C0-DF in KOI8-R."""
    upper = len(re.findall(rb"[\xe0-\xff]", sample))
    return "cp1251" if upper * 2 > len(re.findall(rb"[\xc0-\xff]", sample)) else "koi8-r"


def _paired(sample: bytes) -> str | None:
    pairs = [run[place : place + 2] for run in _RUNS.findall(sample) for place in range(0, len(run) - 1, 2)]
    leads = [pair[0] for pair in pairs]
    kana = sum(1 for lead in leads if lead in (0xA4, 0xA5))
    hangul = sum(1 for lead in leads if 0xB0 <= lead <= 0xC8)
    if kana * 4 > len(leads):
        return _holds(sample, "euc_jp")
    if hangul * 10 > len(leads) * 9 and len(leads) > 3:
        return _holds(sample, "cp949")
    return _holds(sample, "gb18030")


def _shift_jis(sample: bytes, high: int) -> str | None:
    """Kana are 82 9F-F1 and 83 40-96 there."""
    kana = len(re.findall(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]", sample))
    return _holds(sample, "cp932") if kana > 2 and kana * 4 > high else None


def _big5(sample: bytes, high: int) -> str | None:
    """Frequent characters have leads A4-C6; second bytes are often ASCII."""
    usual = len(re.findall(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]", sample))
    return _holds(sample, "cp950") if usual > 3 and usual * 2 > high - usual // 2 else None


def _holds(sample: bytes, codec: str) -> str | None:
    """The codec when the text but its perhaps cut end is in it."""
    try:
        sample[: len(sample) - 3 if len(sample) == _MAX else len(sample)].decode(codec)
    except UnicodeDecodeError as problem:
        return codec if problem.start >= len(sample) - 4 and len(sample) == _MAX else None
    return codec
