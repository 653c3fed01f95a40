"""Words by which mail programs mark a forwarded mail, in many languages. Data, not logic."""

from maild.mail import quote_words as words

# Between rules, or before a colon, above a forwarded mail.
MARKERS = (
    *words.FORWARDED,
    "forwarded mail", "forwarded by", "weitergeleitete mail", "weitergeleitete e-mail", "weitergeleitet von",
    "anfang der weitergeleiteten nachricht", "beginn der weitergeleiteten nachricht", "message transféré",
    "mail transféré", "e-mail transféré", "courriel transféré", "message réexpédié", "début du message réexpédié",
    "début du message transféré", "mensaje reenviado", "correo reenviado", "inicio del mensaje reenviado",
    "messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato", "mail inoltrata",
    "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
    "início da mensagem reencaminhada", "doorgestuurd bericht", "doorgestuurde e-mail", "begin doorgestuurd bericht",
    "begin van doorgestuurd bericht", "przekazana wiadomość", "treść przekazanej wiadomości",
    "początek przekazywanej wiadomości", "początek przekazanej wiadomości", "rozpoczęcie przekazywanej wiadomości",
    "przesłana wiadomość", "wiadomość przesłana dalej", "vidarebefordrat meddelande", "vidarebefordrat brev",
    "vidarebefordrat mejl", "början på vidarebefordrat", "videresendt meddelelse", "videresendt besked",
    "videresendt mail", "start på videresendt", "begyndelse på videresendt", "přeposlaná zpráva",
    "přeposílaná zpráva", "předaná zpráva", "začátek přeposlané zprávy", "začátek přeposílané zprávy",
    "začátek předávané zprávy", "пересылаемое сообщение", "пересланное сообщение", "перенаправленное сообщение",
    "переадресованное сообщение", "начало переадресованного сообщения", "начало пересланного сообщения",
    "начало пересылаемого сообщения", "転送メッセージ", "転送されたメッセージ", "転送元メッセージ", "転送メール",
    "转发邮件", "转发的邮件", "转发的消息", "转发信息", "以下是转发的邮件", "开始转发的邮件", "轉寄郵件", "轉寄的郵件",
    "轉寄訊息", "以下為轉寄郵件", "開始轉寄郵件", "전달된 메시지", "전달된 메일", "iletilen ileti",
    "yönlendirilen mesaj", "välitetty viesti",
)  # fmt: skip

# Below it, where a program marks the end too.
ENDS = (
    "end forwarded message", "end of forwarded message", "end of the forwarded message",
    "ende der weitergeleiteten nachricht", "fin du message transféré", "fin du message réexpédié",
    "fin del mensaje reenviado", "fine messaggio inoltrato", "fim da mensagem encaminhada",
    "fim da mensagem reencaminhada", "einde doorgestuurd bericht", "einde van doorgestuurd bericht",
    "koniec przekazanej wiadomości", "koniec przekazywanej wiadomości", "slut på vidarebefordrat",
    "slut på videresendt", "konec přeposlané zprávy", "конец пересылаемого сообщения",
    "конец переадресованного сообщения",
)  # fmt: skip

LABELS = {
    "from": (
        *words.FROM, "от кого", "発信元", "送信者", "发件者", "發件人", "寄件人", "寄件者", "odesílatel", "nadawca",
        "avsändare", "afsender", "отправитель",
    ),
    "sent": (
        *words.SENT, "sent at", "date sent", "gesendet am", "envoyé à", "fecha y hora", "verzonden op", "wysłano dnia",
        "odeslané", "дата отправки", "送信日", "发送日期", "日期", "寄件時間", "傳送日期",
    ),
    "to": (
        *words.TO, "recipient", "empfänger", "destinatário", "ontvanger", "adresat", "odbiorca", "mottagare",
        "modtager", "příjemce", "получатель", "收件者", "受信者",
    ),
    "cc": (
        *words.CC, "bcc", "cci", "cco", "ccn", "blindkopie", "reply to", "répondre à", "responder a", "rispondi a",
        "anhänge", "pièces jointes", "importanz", "importancia", "organisation", "date received", "resent-from",
    ),
    "subject": (*words.SUBJECT, "título", "sujet", "主題", "标题", "標題", "titel", "tytuł"),
}  # fmt: skip
