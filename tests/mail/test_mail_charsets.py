"""Charsets as real senders mean them: wrong labels, none at all, raw headers, words torn inside a letter."""

import base64

import pytest

from maild.mail.charset import codec_of, decode
from tests.mail.mails import mail, multipart, part, read

RU = "Здравствуйте, принтер не работает уже третий день."
ZH = "你好，打印机坏了，请帮忙修理一下。谢谢！"
TW = "您好，印表機壞了，請幫忙修理一下。謝謝！"
JA = "プリンタが動きません。助けてください。"
KO = "안녕하세요, 프린터가 작동하지 않습니다."
EL = "Καλημέρα, ο εκτυπωτής δεν λειτουργεί."
HE = "שלום, המדפסת לא עובדת."
AR = "مرحبا، الطابعة لا تعمل."
TH = "สวัสดี เครื่องพิมพ์เสีย"
PL = "Zażółć gęślą jaźń, drukarka nie działa."
TR = "Yazıcı çalışmıyor, lütfen yardım edin ğüş."

# (bytes, label or None, what the sender meant)
BODIES = {
    "utf-8": (RU.encode(), "utf-8", RU),
    "utf-8 in quotes": ("Grüße".encode(), '"UTF-8"', "Grüße"),
    "utf8": ("Grüße".encode(), "utf8", "Grüße"),
    "utf-8 labelled latin-1": ("Grüße".encode(), "iso-8859-1", "Grüße"),
    "utf-8 labelled ascii": ("Grüße".encode(), "us-ascii", "Grüße"),
    "utf-8 labelled big5": (TW.encode(), "big5", TW),
    "utf-8 labelled gb2312": (ZH.encode(), "gb2312", ZH),
    "utf-8 labelled euc-kr": (KO.encode(), "euc-kr", KO),
    "utf-8 labelled shift_jis": (JA.encode(), "shift_jis", JA),
    "utf-8 labelled koi8-r": (RU.encode(), "koi8-r", RU),
    "latin-1 labelled utf-8": ("Grüße, schöne Späße".encode("latin-1"), "utf-8", "Grüße, schöne Späße"),
    "cp1252 labelled latin-1": ("Grüße – „so“ für 5 €".encode("cp1252"), "iso-8859-1", "Grüße – „so“ für 5 €"),
    "latin-9": ("5 €".encode("iso8859-15"), "iso-8859-15", "5 €"),
    "latin-2": (PL.encode("iso8859-2"), "iso-8859-2", PL),
    "cp1250": (PL.encode("cp1250"), "windows-1250", PL),
    "latin-5": (TR.encode("iso8859-9"), "iso-8859-9", TR),
    "cp1251": (RU.encode("cp1251"), "windows-1251", RU),
    "koi8-r": (RU.encode("koi8-r"), "KOI8-R", RU),
    "koi8-u": ("Принтер не працює, її немає".encode("koi8-u"), "koi8-u", "Принтер не працює, її немає"),
    "cp866": (RU.encode("cp866"), "ibm866", RU),
    "iso-8859-5": (RU.encode("iso8859-5"), "iso-8859-5", RU),
    "greek": (EL.encode("cp1253"), "windows-1253", EL),
    "hebrew": (HE.encode("cp1255"), "windows-1255", HE),
    "hebrew, logical order": (HE.encode("iso8859-8"), "iso-8859-8-i", HE),
    "arabic": (AR.encode("cp1256"), "windows-1256", AR),
    "thai": (TH.encode("cp874"), "tis-620", TH),
    "gb2312 that is gbk": ("镕囍".encode("gbk"), "gb2312", "镕囍"),
    "gb18030": (ZH.encode("gb18030"), "GB18030", ZH),
    "hz": (ZH.encode("hz"), "hz-gb-2312", ZH),
    "big5": (TW.encode("cp950"), "Big5", TW),
    "shift_jis with signs of Windows": ("①㈱ 髙橋".encode("cp932"), "shift_jis", "①㈱ 髙橋"),
    "euc-jp": (JA.encode("euc_jp"), "EUC-JP", JA),
    "iso-2022-jp": (JA.encode("iso2022_jp"), "iso-2022-jp", JA),
    "iso-2022-jp with half-width kana": ("ﾌﾟﾘﾝﾀ".encode("iso2022_jp_ext"), "iso-2022-jp", "ﾌﾟﾘﾝﾀ"),
    "iso-2022-jp without a label": (JA.encode("iso2022_jp"), None, JA),
    "iso-2022-jp labelled ascii": (JA.encode("iso2022_jp"), "us-ascii", JA),
    "iso-2022-jp labelled utf-8": (JA.encode("iso2022_jp"), "utf-8", JA),
    "iso-2022-kr without a label": (KO.encode("iso2022_kr"), None, KO),
    "ks_c_5601-1987": (KO.encode("cp949"), "ks_c_5601-1987", KO),
    "ks_c_5601 with syllables of Windows": ("똠방각하 펲시콜라".encode("cp949"), "ks_c_5601-1987", "똠방각하 펲시콜라"),
    "euc-kr": (KO.encode("euc_kr"), "euc-kr", KO),
    "utf-16 with its mark": ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
    "utf-16 mark without a label": (b"\xff\xfe" + "Grüße".encode("utf-16-le"), None, "Grüße"),
    "utf-7": (b"Gr+APwA3w-e", "utf-7", "Grüße"),
    "mac": ("Grüße".encode("mac-roman"), "macintosh", "Grüße"),
    "western without a label": ("Grüße aus Köln".encode("latin-1"), None, "Grüße aus Köln"),
    "utf-8 without a label": (RU.encode(), None, RU),
    "cp1251 without a label": (RU.encode("cp1251"), None, RU),
    "koi8-r without a label": (RU.encode("koi8-r"), None, RU),
    "gbk without a label": (ZH.encode("gbk"), None, ZH),
    "big5 without a label": (TW.encode("big5"), None, TW),
    "shift_jis without a label": (JA.encode("cp932"), None, JA),
    "euc-jp without a label": (JA.encode("euc_jp"), None, JA),
    "euc-kr without a label": (KO.encode("euc_kr"), None, KO),
    "an unknown name": ("Grüße".encode("latin-1"), "x-unknown", "Grüße"),
    "an unknown name of Cyrillic": (RU.encode("cp1251"), "x-user-defined", RU),
    "a mix of utf-8 and latin-1": ("Grüße".encode() + " und Späße".encode("latin-1"), "utf-8", "Grüße und Späße"),
    "nbsp alone": (b"a\xa0b", None, "a\xa0b"),
}


@pytest.mark.parametrize(("raw", "label", "text"), BODIES.values(), ids=BODIES.keys())
def test_a_body_is_read_as_its_sender_meant_it(raw: bytes, label: str | None, text: str) -> None:
    kind = "text/plain" + (f"; charset={label}" if label else "")
    encoded = base64.encodebytes(raw)
    assert read(mail(raw, Content_Type=kind)).text == text
    assert read(mail(encoded, Content_Type=kind, Content_Transfer_Encoding="base64")).text == text


def word(raw: bytes, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="


def quoted(raw: bytes, charset: str) -> str:
    return f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in raw)}?="


JA_UTF8 = "プリンタ".encode()
RAW_SUBJECTS = {
    "latin-1": ("Grüße".encode("latin-1"), None, "Grüße"),
    "utf-8": (RU.encode(), None, RU),
    "koi8-r, told by the body": ("Да, он".encode("koi8-r"), "koi8-r", "Да, он"),
    "gb2312, told by the body": ("坏".encode("gb2312"), "gb2312", "坏"),
    "big5, told by the body": ("壞了".encode("big5"), "big5", "壞了"),
    "shift_jis, told by the body": ("動作".encode("cp932"), "shift_jis", "動作"),
    "cp1251, told by nobody": (RU.encode("cp1251"), None, RU),
    "iso-2022-jp, told by nobody": (JA.encode("iso2022_jp"), None, JA),
    "utf-7, told by the body": (b"Gr+APwA3w-e", "utf-7", "Grüße"),
    "utf-8, though the body is koi8-r": (RU.encode(), "koi8-r", RU),
}


@pytest.mark.parametrize(("raw", "label", "subject"), RAW_SUBJECTS.values(), ids=RAW_SUBJECTS.keys())
def test_a_subject_without_encoded_words_is_read_all_the_same(raw: bytes, label: str | None, subject: str) -> None:
    kind = "text/plain" + (f"; charset={label}" if label else "")
    source = b"From: jane@customer.test\r\nSubject: " + raw + f"\r\nContent-Type: {kind}\r\n\r\nx".encode()
    assert read(source).subject == subject


WORDS = {
    "torn inside a letter": (f"{word(JA_UTF8[:4], 'utf-8')} {word(JA_UTF8[4:], 'utf-8')}", "プリンタ"),
    "torn, folded": (f"{word(JA_UTF8[:5], 'UTF-8')}\r\n {word(JA_UTF8[5:], 'utf-8')}", "プリンタ"),
    "torn, both encodings": (f"{word(JA_UTF8[:4], 'utf-8')} {quoted(JA_UTF8[4:], 'utf-8')}", "プリンタ"),
    "torn in gb2312": (f"{word(ZH.encode('gbk')[:3], 'gb2312')} {word(ZH.encode('gbk')[3:], 'gb2312')}", ZH),
    "iso-2022-jp in two": (
        f"{word('プリ'.encode('iso2022_jp'), 'iso-2022-jp')} {word('ンタ'.encode('iso2022_jp'), 'iso-2022-jp')}",
        "プリンタ",
    ),
    "two charsets": (f"{word(b'Gr', 'us-ascii')} {quoted('üße'.encode('latin-1'), 'iso-8859-1')}", "Grüße"),
    "a language behind the charset": ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    "blanks inside": ("=?utf-8?q?Gr=C3=BC=C3=9Fe an alle?=", "Grüße an alle"),
    "glued to words": ("Re:=?utf-8?q?Gr=C3=BC=C3=9Fe?=!", "Re:Grüße!"),
    "no padding": ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
    "a wrong label": (word("Grüße".encode("latin-1"), "utf-8"), "Grüße"),
    "an unknown label": (word("Grüße".encode("latin-1"), "x-none"), "Grüße"),
    "utf-8 labelled latin-1": (word("Grüße".encode(), "iso-8859-1"), "Grüße"),
    "not closed": ("=?utf-8?q?Gr=C3=BC", "=?utf-8?q?Gr=C3=BC"),
    "empty": ("=?utf-8?q??= x", "x"),
    "in quotes": ('"=?utf-8?q?Gr=C3=BC=C3=9Fe?="', '"Grüße"'),
    "ks_c_5601": (word(KO.encode("cp949"), "ks_c_5601-1987"), KO),
    "big5": (word(TW.encode("big5"), "Big5"), TW),
}


@pytest.mark.parametrize(("value", "subject"), WORDS.values(), ids=WORDS.keys())
def test_encoded_words_heal(value: str, subject: str) -> None:
    assert read(mail(Subject=value)).subject == subject


def test_a_raw_name_is_read_in_the_charset_of_the_text() -> None:
    source = (
        b"From: "
        + "Иван Петров".encode("koi8-r")
        + b" <ivan@x.test>\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx"
    )
    author = read(source).author
    assert author is not None
    assert (author.name, author.address) == ("Иван Петров", "ivan@x.test")


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        (b"\x1b$B<alice@acme.test> \x1b(B<evil@x.test>", "iso-2022-jp"),
        (b"\x83\x40alice@acme.test <evil@x.test>", "shift_jis"),
        (b"+ADw-alice+AEA-acme.test+AD4- <evil@x.test>", "utf-7"),
        (b"\x95\x5c\xff <evil@x.test>, alice@acme.test", "shift_jis"),
    ],
    ids=["hidden by an escape", "hidden in a pair", "made by utf-7", "a torn pair"],
)
def test_no_charset_makes_or_hides_an_address(raw: bytes, charset: str) -> None:
    source = b"From: " + raw + f"\r\nContent-Type: text/plain; charset={charset}\r\n\r\nx".encode()
    author = read(source).author
    assert author is None or author.address == "evil@x.test"


def test_the_name_of_a_file_is_read_in_every_form() -> None:
    # given
    names = [
        'attachment; filename="=?iso-2022-jp?B?' + base64.b64encode("見積.pdf".encode("iso2022_jp")).decode() + '?="',
        "attachment; filename*=iso-8859-1'de'Gr%FC%DFe.pdf",
        "attachment; filename*0*=utf-8''%E8%A6%8B; filename*1*=%E7%A9%8D.pdf",
        "attachment; filename*=utf-8''%E8%A6; filename=x.pdf",
        f'attachment; filename="{"Grüße.pdf"}"',
    ]
    body, kind = multipart("mixed", part(b"x"), *(part(b"y", "application/pdf", Content_Disposition=n) for n in names))
    # when
    found = [file.name for file in read(mail(body, Content_Type=kind)).attachments]
    # then
    assert [found[0], found[1], found[2], found[4]] == ["見積.pdf", "Grüße.pdf", "見積.pdf", "Grüße.pdf"]


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "zlib", "hex", "rot13", "unicode_escape", "undefined", "mbcs", ""]
)
def test_codecs_that_are_no_charsets_are_never_used(name: str) -> None:
    assert codec_of(name) is None
    assert decode(b"Gr\xfc\xdfe", name)[0] == "Grüße"
