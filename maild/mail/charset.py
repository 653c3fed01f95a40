"""Bytes → text by a short ladder over an allow-list of charsets (RELIABILITY D6).

Python's codecs include quadratic (punycode, idna) and non-text ones, so a name from a mail is never looked up freely.
"""

import re

from maild.mail.charset_guess import escaped_charset, guessed_charset

_LATIN = "cp1252"

# Name as in mails, without `-`, `_` and case → codec that real senders mean by it.
_CODECS = {
    "utf8": "utf-8", "usascii": "ascii", "ascii": "ascii", "ansix341968": "ascii", "646": "ascii",
    "iso88591": _LATIN, "latin1": _LATIN, "l1": _LATIN, "8859_1": _LATIN, "windows1252": _LATIN, "cp1252": _LATIN,
    "iso88592": "iso8859-2", "latin2": "iso8859-2", "iso88593": "iso8859-3", "iso88594": "iso8859-4",
    "iso88595": "iso8859-5", "iso88596": "iso8859-6", "iso88597": "iso8859-7", "iso88598": "iso8859-8",
    "iso88598i": "iso8859-8", "iso88599": "cp1254", "latin5": "cp1254", "iso885910": "iso8859-10",
    "iso885911": "cp874", "iso885913": "iso8859-13", "iso885914": "iso8859-14", "iso885915": "iso8859-15",
    "latin9": "iso8859-15", "iso885916": "iso8859-16", "windows1250": "cp1250", "cp1250": "cp1250",
    "windows1251": "cp1251", "cp1251": "cp1251", "win1251": "cp1251", "windows1253": "cp1253",
    "windows1254": "cp1254", "windows1255": "cp1255", "windows1256": "cp1256", "cp1256": "cp1256",
    "windows1257": "cp1257", "windows1258": "cp1258", "windows874": "cp874", "tis620": "cp874", "koi8r": "koi8-r",
    "koi8u": "koi8-u", "koi8": "koi8-r", "ibm437": "cp437", "cp437": "cp437", "ibm850": "cp850", "cp850": "cp850",
    "ibm852": "cp852", "cp852": "cp852", "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac-roman",
    "xmacroman": "mac-roman", "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "gb18030": "gb18030",
    "xgbk": "gb18030", "hzgb2312": "hz", "big5": "cp950", "big5hkscs": "big5hkscs", "cp950": "cp950",
    "eucjp": "euc_jp", "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "windows31j": "cp932",
    "cp932": "cp932", "iso2022jp": "iso2022_jp_ext", "iso2022jp1": "iso2022_jp_ext", "iso2022jp2": "iso2022_jp_2",
    "cp50220": "iso2022_jp_ext", "euckr": "cp949", "ksc56011987": "cp949", "ksc5601": "cp949", "cp949": "cp949",
    "iso2022kr": "iso2022_kr", "utf16": "utf-16", "utf16le": "utf-16-le", "utf16be": "utf-16-be",
    "utf7": "utf-7", "unicode11utf7": "utf-7", "xunicode20utf7": "utf-7", "unicode11utf8": "utf-8",
    "utf8mb4": "utf-8", "utf8sig": "utf-8", "cp65001": "utf-8", "65001": "utf-8", "xutf8": "utf-8",
    "ansix3.1101983": _LATIN, "isolatin1": _LATIN, "iso885911987": _LATIN, "iso88591windows31latin1": _LATIN,
    "cp28591": _LATIN, "1252": _LATIN, "ansi": _LATIN, "xansi": _LATIN, "iso885921987": "iso8859-2",
    "win1250": "cp1250", "xcp1250": "cp1250", "xcp1251": "cp1251", "1251": "cp1251", "xcp866": "cp866",
    "cp20866": "koi8-r", "cp21866": "koi8-u", "cskoi8r": "koi8-r", "xmaccyrillic": "mac-cyrillic",
    "maccyrillic": "mac-cyrillic", "cp1253": "cp1253", "cp1254": "cp1254", "cp1255": "cp1255", "cp1257": "cp1257",
    "cp1258": "cp1258", "iso88596i": "iso8859-6", "iso88598e": "iso8859-8", "iso885915fdis": "iso8859-15",
    "xeuccn": "gb18030", "euccn": "gb18030", "gb231280": "gb18030", "csgb2312": "gb18030", "ms936": "gb18030",
    "xgb2312": "gb18030", "hz": "hz", "ms950": "cp950", "xxbig5": "cp950", "cnbig5": "cp950", "big5eten": "cp950",
    "xeucjp": "euc_jp", "eucjpms": "euc_jp", "ujis": "euc_jp", "ms932": "cp932", "xmscp932": "cp932",
    "windows932": "cp932", "csshiftjis": "cp932", "csiso2022jp": "iso2022_jp_ext", "jis": "iso2022_jp_ext",
    "iso2022jpms": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext", "iso2022jp3": "iso2022_jp_3", "ms949": "cp949",
    "windows949": "cp949", "xwindows949": "cp949", "uhc": "cp949", "ksc56011989": "cp949", "kscs56011987": "cp949",
    "ksx1001": "cp949", "korean": "cp949", "johab": "johab", "xeuckr": "cp949", "tis62002533": "cp874",
    "utf32": "utf-32", "utf32le": "utf-32-le", "utf32be": "utf-32-be",
}  # fmt: skip

_SINGLE_BYTE = re.compile(r"cp125\d|iso8859-\d+|ascii|cp874|cp4\d\d|cp8\d\d|mac-roman|mac-cyrillic|koi8-[ru]")
_PAIRS = frozenset({"gb18030", "cp950", "big5hkscs", "euc_jp", "cp932", "cp949", "johab"})
_META = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# What `surrogateescape` left of a byte that is not UTF-8, read as the Windows charset that most such bytes are in.
_STRAY = {0xDC00 + byte: bytes([byte]).decode(_LATIN, "ignore") or chr(byte) for byte in range(0x80, 0x100)}


def codec_of(name: str) -> str | None:
    """The codec for a charset name as mails write it, None when it is unknown or not allowed."""
    key = name.strip().strip("\"'").lower().partition("*")[0].replace("-", "").replace("_", "").replace(":", "")
    return _CODECS.get(key)


def decode(content: bytes, charset: str | None) -> tuple[str, str | None]:
    """The text and, where the declared charset did not hold, a defect in words."""
    codec = codec_of(charset) if charset else None
    if charset and codec is None:
        return _guess(content), f"unknown charset {charset[:40]!r}"
    if content.isascii() and codec in (None, "utf-8", _LATIN, "ascii"):
        return _seven_bit(content)
    if codec is None or codec == "ascii":
        return _guess(content), "8-bit text without a charset"
    return _declared(content, codec)


def _seven_bit(content: bytes) -> tuple[str, str | None]:
    """ASCII, unless escape sequences say that it is Japanese or Korean all the same."""
    codec = escaped_charset(content)
    text = _strict(content, codec) if codec else None
    return (text, f"{codec} without its label") if text else (content.decode("ascii"), None)


def _declared(content: bytes, codec: str) -> tuple[str, str | None]:
    utf8 = _strict(content, "utf-8")
    if codec == "utf-8":
        return (utf8, None) if utf8 is not None else (_guess(content), "not the UTF-8 that it says")
    if utf8 is not None and _is_utf8(content, utf8, codec):
        return utf8, f"UTF-8 labelled {codec}"
    found = _strict(content, codec)
    if found is not None:
        return found, None
    if utf8 is not None:
        return utf8, f"UTF-8 labelled {codec}"
    loose = content.decode(codec, "replace")
    few = loose.count("\ufffd") * 20 <= len(loose)
    return (loose if few and codec != _LATIN else _guess(content)), f"not the {codec} that it says"


def _is_utf8(content: bytes, utf8: str, codec: str) -> bool:
    """Valid UTF-8 beyond ASCII is practically never a single-byte charset; of Asian pairs only few letters pass."""
    if content.isascii():
        return False
    if _SINGLE_BYTE.fullmatch(codec):
        return True
    return codec in _PAIRS and len(re.findall("[\u0800-\U0010ffff]", utf8[:2000])) > 1


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _guess(content: bytes) -> str:
    """UTF-8 where it holds, single stray bytes as Windows-1252: right for both, and for a mix of both."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            return content[2:].decode(codec, "replace")
    western = decode_western(content)
    # Most of what has bytes beyond ASCII and no label is UTF-8 with nothing left to guess.
    likely = guessed_charset(content) if _strict(content, "utf-8") is None else None
    return (_strict(content, likely) if likely else None) or western


def decode_western(content: bytes) -> str:
    """UTF-8 where it holds, every other byte as Windows-1252; ASCII stays ASCII, byte for byte."""
    return content.decode("utf-8", "surrogateescape").translate(_STRAY)


def html_charset(content: bytes) -> str | None:
    """The charset that an HTML document names in its first lines."""
    found = _META.search(content[:4096])
    return found.group(1).decode("ascii") if found else None
