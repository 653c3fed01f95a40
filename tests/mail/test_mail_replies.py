"""Replies as mail programs write them in fourteen languages: exactly what the author wrote now, nothing else."""

import pytest

from maild.mail.quotes import new_text
from tests.mail.mails import HINTS, read, reply

US = "Acme Support <support@acme.test>"

# What a customer answers, so that no language's words are mistaken for another's.
ANSWERS = {
    "en": "Yes, I tried that twice.\nIt still does not print.",
    "de": "Ja, das habe ich zweimal versucht.\nEr druckt immer noch nicht.",
    "fr": "Oui, j'ai essayé deux fois.\nElle n'imprime toujours pas.",
    "es": "Sí, lo intenté dos veces.\nSigue sin imprimir.",
    "it": "Sì, ho provato due volte.\nNon stampa ancora.",
    "pt": "Sim, tentei duas vezes.\nAinda não imprime.",
    "nl": "Ja, dat heb ik twee keer geprobeerd.\nHij print nog steeds niet.",
    "pl": "Tak, próbowałem dwa razy.\nNadal nie drukuje.",
    "sv": "Ja, jag har försökt två gånger.\nDen skriver fortfarande inte ut.",
    "da": "Ja, jeg har prøvet to gange.\nDen printer stadig ikke.",
    "cs": "Ano, zkusil jsem to dvakrát.\nStále netiskne.",
    "ru": "Да, я пробовал два раза.\nОн всё ещё не печатает.",
    "ja": "はい、二回試しました。\nまだ印刷できません。",
    "zh": "是的，我试了两次。\n还是不能打印。",
}

# Attribution lines above a `>` quote or none.
GMAIL = {
    "en": f"On Tue, Mar 3, 2026 at 10:04 AM {US} wrote:",
    "de": f"Am Di., 3. März 2026 um 10:04 Uhr schrieb {US}:",
    "fr": f"Le mar. 3 mars 2026 à 10:04, {US} a écrit :",
    "es": f"El mar, 3 mar 2026 a las 10:04, {US} escribió:",
    "it": f"Il giorno mar 3 mar 2026 alle ore 10:04 {US} ha scritto:",
    "pt": f"Em ter., 3 de mar. de 2026 às 10:04, {US} escreveu:",
    "nl": f"Op di 3 mrt 2026 om 10:04 schreef {US}:",
    "pl": f"wt., 3 mar 2026 o 10:04 {US} napisał(a):",
    "sv": f"Den tis 3 mars 2026 kl 10:04 skrev {US}:",
    "da": f"Den tirs. 3. mar. 2026 kl. 10.04 skrev {US}:",
    "cs": f"út 3. 3. 2026 v 10:04 odesílatel {US} napsal:",
    "ru": f"вт, 3 мар. 2026 г. в 10:04, {US}:",
    "ja": f"2026年3月3日(火) 10:04 {US}:",
    "zh": f"{US} 于2026年3月3日周二 10:04写道：",
}
APPLE = {
    "en": f"On 3 Mar 2026, at 10:04, {US} wrote:",
    "de": f"Am 03.03.2026 um 10:04 schrieb {US}:",
    "fr": f"Le 3 mars 2026 à 10:04, {US} a écrit :",
    "es": f"El 3 mar 2026, a las 10:04, {US} escribió:",
    "it": f"Il giorno 3 mar 2026, alle ore 10:04, {US} ha scritto:",
    "pt": f"No dia 03/03/2026, às 10:04, {US} escreveu:",
    "nl": f"Op 3 mrt. 2026, om 10:04 heeft {US} het volgende geschreven:",
    "pl": f"Wiadomość napisana przez {US} w dniu 3 mar 2026, o godz. 10:04:",
    "sv": f"3 mars 2026 kl. 10:04 skrev {US}:",
    "da": f"Den 3. mar. 2026 kl. 10.04 skrev {US}:",
    "cs": f"3. 3. 2026 v 10:04, {US}:",
    "ru": f"3 марта 2026 г., в 10:04, {US} написал(а):",
    "ja": f"2026/03/03 10:04、{US}のメール:",
    "zh": f"在 2026年3月3日，10:04，{US} 写道：",
}
THUNDERBIRD = {
    "en": "On 3/3/26 10:04 AM, Acme Support wrote:",
    "de": "Am 03.03.26 um 10:04 schrieb Acme Support:",
    "fr": "Le 03/03/2026 à 10:04, Acme Support a écrit :",
    "es": "El 3/3/26 a las 10:04, Acme Support escribió:",
    "it": "Il 03/03/26 10:04, Acme Support ha scritto:",
    "pt": "Em 03/03/2026 10:04, Acme Support escreveu:",
    "nl": "Op 03-03-2026 om 10:04 schreef Acme Support:",
    "pl": "W dniu 3.03.2026 o 10:04, Acme Support pisze:",
    "sv": "Den 2026-03-03 kl. 10:04, skrev Acme Support:",
    "da": "Den 03.03.2026 kl. 10.04 skrev Acme Support:",
    "cs": "Dne 03. 03. 26 v 10:04 Acme Support napsal(a):",
    "ru": "03.03.2026 10:04, Acme Support пишет:",
    "ja": "On 2026/03/03 10:04, Acme Support wrote:",
    "zh": "在 2026/3/3 10:04, Acme Support 写道:",
}
# Header blocks without `>`.
OUTLOOK = {
    "en": f"From: {US}\nSent: Tuesday, March 3, 2026 10:04 AM\nTo: Jane Doe <jane@customer.test>\nSubject: Printer",
    "de": f"Von: {US}\nGesendet: Dienstag, 3. März 2026 10:04\nAn: Jane Doe <jane@customer.test>\nBetreff: Drucker",
    "fr": f"De : {US}\nEnvoyé : mardi 3 mars 2026 10:04\nÀ : Jane Doe <jane@customer.test>\nObjet : Imprimante",
    "es": f"De: {US}\nEnviado: martes, 3 de marzo de 2026 10:04\nPara: Jane Doe\nAsunto: Impresora",
    "it": f"Da: {US}\nInviato: martedì 3 marzo 2026 10:04\nA: Jane Doe <jane@customer.test>\nOggetto: Stampante",
    "pt": f"De: {US}\nEnviada em: terça-feira, 3 de março de 2026 10:04\nPara: Jane Doe\nAssunto: Impressora",
    "nl": f"Van: {US}\nVerzonden: dinsdag 3 maart 2026 10:04\nAan: Jane Doe <jane@customer.test>\nOnderwerp: Printer",
    "pl": f"Od: {US}\nWysłano: wtorek, 3 marca 2026 10:04\nDo: Jane Doe <jane@customer.test>\nTemat: Drukarka",
    "sv": f"Från: {US}\nSkickat: den 3 mars 2026 10:04\nTill: Jane Doe <jane@customer.test>\nÄmne: Skrivare",
    "da": f"Fra: {US}\nSendt: 3. marts 2026 10:04\nTil: Jane Doe <jane@customer.test>\nEmne: Printer",
    "cs": f"Od: {US}\nOdesláno: úterý 3. března 2026 10:04\nKomu: Jane Doe <jane@customer.test>\nPředmět: Tiskárna",
    "ru": f"От: {US}\nОтправлено: 3 марта 2026 г. 10:04\nКому: Jane Doe <jane@customer.test>\nТема: Принтер",
    "ja": f"差出人: {US}\n送信日時: 2026年3月3日 10:04\n宛先: Jane Doe\n件名: プリンタ",
    "zh": f"发件人: {US}\n发送时间: 2026年3月3日 10:04\n收件人: Jane Doe\n主题: 打印机",
}
YAHOO = {
    "en": f"On Tuesday, March 3, 2026 at 10:04:05 AM GMT+1, {US} wrote:",
    "de": f"Am Dienstag, 3. März 2026 um 10:04:05 MEZ hat {US} Folgendes geschrieben:",
    "fr": f"Le mardi 3 mars 2026 à 10:04:05 UTC+1, {US} a écrit :",
    "es": f"En martes, 3 de marzo de 2026, 10:04:05 CET, {US} escribió:",
    "it": f"Il martedì 3 marzo 2026 alle ore 10:04:05 CET, {US} ha scritto:",
    "pt": f"Em terça-feira, 3 de março de 2026 10:04:05 WET, {US} escreveu:",
    "nl": f"Op dinsdag 3 maart 2026 om 10:04:05 CET schreef {US}:",
    "pl": f"wtorek, 3 marca 2026 10:04:05 CET, {US} napisał(a):",
    "sv": f"Den tisdag 3 mars 2026 10:04:05 CET, {US} skrev:",
    "da": f"Den tirsdag den 3. marts 2026 10.04.05 CET skrev {US}:",
    "cs": f"úterý 3. března 2026 10:04:05 SEČ, {US} napsal:",
    "ru": f"вторник, 3 марта 2026 г., 10:04:05 GMT+3, {US} написал:",
    "ja": f"2026年3月3日火曜日 10:04:05 JST、{US} さんが書き込みました:",
    "zh": f"2026年3月3日星期二 10:04:05 CST, {US} 写道：",
}
# Above the block of a phone's own mail program, and the phone's line.
PHONES = {
    "en": ("Sent from my iPhone", "-------- Original message --------", "From", "Date", "To", "Subject"),
    "de": ("Von meinem iPhone gesendet", "-------- Ursprüngliche Nachricht --------", "Von", "Datum", "An", "Betreff"),
    "fr": ("Envoyé de mon iPhone", "-------- Message d'origine --------", "De", "Date", "À", "Objet"),
    "es": ("Enviado desde mi iPhone", "-------- Mensaje original --------", "De", "Fecha", "Para", "Asunto"),
    "it": ("Inviato da iPhone", "-------- Messaggio originale --------", "Da", "Data", "A", "Oggetto"),
    "pt": ("Enviado do meu iPhone", "-------- Mensagem original --------", "De", "Data", "Para", "Assunto"),
    "nl": (
        "Verstuurd vanaf mijn iPhone",
        "-------- Oorspronkelijk bericht --------",
        "Van",
        "Datum",
        "Aan",
        "Onderwerp",
    ),
    "pl": ("Wysłane z iPhone'a", "-------- Oryginalna wiadomość --------", "Od", "Data", "Do", "Temat"),
    "sv": ("Skickat från min iPhone", "-------- Originalmeddelande --------", "Från", "Datum", "Till", "Rubrik"),
    "da": ("Sendt fra min iPhone", "-------- Oprindelig meddelelse --------", "Fra", "Dato", "Til", "Emne"),
    "cs": ("Odesláno z iPhonu", "-------- Původní zpráva --------", "Od", "Datum", "Komu", "Předmět"),
    "ru": ("Отправлено с iPhone", "-------- Исходное сообщение --------", "От", "Дата", "Кому", "Тема"),
    "ja": ("iPhoneから送信", "-------- 元のメッセージ --------", "差出人", "日付", "宛先", "件名"),
    "zh": ("发自我的iPhone", "-------- 原始邮件 --------", "发件人", "日期", "收件人", "主题"),
}

QUOTE = "Dear Jane,\n\ndid you try to switch it off and on?\n\nKind regards\nAcme Support"
LANGUAGES = tuple(ANSWERS)


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", [GMAIL, APPLE, THUNDERBIRD, YAHOO], ids=["gmail", "apple", "thunderbird", "yahoo"])
def test_the_answer_above_a_marked_quote_is_new(program: dict[str, str], language: str) -> None:
    # given
    body = f"{ANSWERS[language]}\n\n{program[language]}\n\n{marked(QUOTE)}\n"
    # when
    new = read(reply(body)).new_text
    # then
    assert new == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", [GMAIL, APPLE, YAHOO], ids=["gmail", "apple", "yahoo"])
def test_the_answer_above_an_unmarked_quote_is_new(program: dict[str, str], language: str) -> None:
    assert new_text(f"{ANSWERS[language]}\n\n{program[language]}\n\n{QUOTE}\n", HINTS) == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("above", ["", "________________________________\n", "-----Original Message-----\n"])
def test_the_answer_above_a_header_block_is_new(above: str, language: str) -> None:
    assert new_text(f"{ANSWERS[language]}\n\n{above}{OUTLOOK[language]}\n\n{QUOTE}\n", HINTS) == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_of_a_phone_is_new_without_the_phones_line(language: str) -> None:
    # given
    line, title, *labels = PHONES[language]
    values = (US, "03.03.2026 10:04 (GMT+01:00)", "jane@customer.test", "Printer")
    block = "\n".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))
    # when
    samsung = new_text(f"{ANSWERS[language]}\n\n{line}\n\n{title}\n{block}\n\n{QUOTE}\n", HINTS)
    iphone = new_text(f"{ANSWERS[language]}\n\n{line}\n\n{marked(APPLE[language])}\n> \n{marked(QUOTE)}\n", HINTS)
    # then
    assert samsung == ANSWERS[language]
    assert iphone == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_below_a_quote_is_new(language: str) -> None:
    body = f"{THUNDERBIRD[language]}\n{marked(QUOTE)}\n\n{ANSWERS[language]}\n"
    assert new_text(body, HINTS) == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_between_quoted_lines_stay_with_what_they_answer(language: str) -> None:
    # given
    inner = f"> Did you switch it off?\n\n{ANSWERS[language]}\n\n> Since when does it fail?\n\n2 x"
    # when
    new = new_text(f"{GMAIL[language]}\n{inner}\n\n> Acme Support\n", HINTS)
    # then
    assert new == inner


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_attribution_wrapped_by_the_program_is_one(language: str) -> None:
    # given
    words = GMAIL[language].split(" ")
    wrapped = " ".join(words[:-2]) + "\n" + " ".join(words[-2:])
    # then
    assert new_text(f"{ANSWERS[language]}\n\n{wrapped}\n\n{marked(QUOTE)}\n", HINTS) == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_mail_that_tells_a_correspondence_is_never_cut(language: str) -> None:
    body = f"{ANSWERS[language]}\n\n{OUTLOOK[language]}\n\n{QUOTE}\n\n{GMAIL[language]}\n{marked(QUOTE)}"
    assert read(reply(body, Subject="Printer", In_Reply_To=None)).new_text == body
