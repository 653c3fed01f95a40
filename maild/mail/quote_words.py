"""Words that mail programs put around quotes, in many languages. Data, not logic; the structure decides first."""

# Verbs that end or carry an attribution line: `On …, X wrote:`.
VERBS = (
    "wrote", "writes", "sent", "said", "schrieb", "a écrit", "a ecrit", "escribió", "escribio", "ha scritto",
    "scrisse", "escreveu", "schreef", "geschreven", "napisał", "napisał(a)", "napisała", "pisze", "skrev", "skriver",
    "napsal", "napsal(a)", "napsala", "написал", "написал(а)", "написала", "пишет", "писал", "пише", "kirjoitti",
    "írta", "yazdı", "a scris", "έγραψε", "写道", "寫道", "のメッセージ", "さんは書きました", "作成", "작성",
)  # fmt: skip

# Words that begin an attribution line.
LEADS = (
    "on ", "am ", "le ", "el ", "il ", "op ", "w dniu ", "dnia ", "em ", "den ", "dne ", "den. ", "vào ",
    "pada ", "në ", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "- le ", "в ", "ср",
    "пн", "вт", "чт", "пт", "сб", "вс", "ons", "tis", "tors", "fre", "lör", "sön", "mån",
)  # fmt: skip

FROM = (
    "from", "von", "de", "da", "van", "od", "fra", "från", "от", "від", "発信者", "差出人", "发件人", "寄件者",
    "보낸 사람", "kimden", "lähettäjä", "feladó", "expediteur", "expéditeur", "mittente", "absender", "afzender",
    "remitente", "remetente",
)  # fmt: skip
SENT = (
    "sent", "date", "gesendet", "datum", "envoyé", "envoyé le", "envoye", "date d'envoi", "enviado", "enviado el",
    "enviada em", "enviado em", "enviada", "fecha", "data", "inviato", "verzonden", "wysłano", "wysłane", "skickat",
    "sendt", "dato", "odesláno", "отправлено", "дата", "送信日時", "日付", "日時", "发送时间", "时间", "日期",
    "寄件日期", "보낸 날짜", "gönderildi", "tarih", "lähetetty", "elküldve", "sent on", "received", "fecha de envío",
)  # fmt: skip
TO = (
    "to", "an", "à", "a", "para", "aan", "do", "til", "till", "komu", "кому", "宛先", "收件人", "받는 사람", "kime",
    "vastaanottaja", "címzett", "destinataire", "pour", "destinatario",
)  # fmt: skip
CC = (
    "cc", "kopie", "copie", "copia", "kopia", "kopi", "dw", "копия", "抄送", "副本", "bcc", "reply-to", "antwort an",
    "priority", "importance", "wichtigkeit", "attachments", "anlagen", "organization",
)  # fmt: skip
SUBJECT = (
    "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "temat", "ämne", "emne", "předmět",
    "тема", "件名", "主题", "主旨", "제목", "konu", "aihe", "tárgy",
)  # fmt: skip

# Between dashes or underscores above a quoted mail.
ORIGINAL = (
    "original message", "original-nachricht", "ursprüngliche nachricht", "originalnachricht", "message d'origine",
    "message original", "mensaje original", "messaggio originale", "messaggio originario", "mensagem original",
    "oorspronkelijk bericht", "wiadomość oryginalna", "oryginalna wiadomość", "ursprungligt meddelande",
    "originalmeddelande", "oprindelig meddelelse", "oprindelig besked", "původní zpráva", "исходное сообщение",
    "оригинальное сообщение", "元のメッセージ", "原始邮件", "原始郵件", "原邮件", "원본 메시지",
    "original appointment", "reply message", "antwort nachricht", "vorige nachricht", "previous message",
    "alkuperäinen viesti",
)  # fmt: skip

# Above a forwarded mail, which is content and stays.
FORWARDED = (
    "forwarded message", "forwarded by", "begin forwarded message", "weitergeleitete nachricht",
    "anfang der weitergeleiteten", "message transféré", "message transmis", "début du message", "mensaje reenviado",
    "inicio del mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato", "mensagem encaminhada",
    "início da mensagem", "doorgestuurd bericht", "begin doorgestuurd", "przekazana wiadomość",
    "wiadomość przekazana", "vidarebefordrat meddelande", "videresendt meddelelse", "videresendt besked",
    "přeposlaná zpráva", "пересылаемое сообщение", "пересланное сообщение", "転送メッセージ", "转发邮件",
    "转发的邮件", "轉寄郵件",
)  # fmt: skip

REPLY_PREFIXES = (
    "re", "aw", "antw", "antwort", "sv", "rif", "ref", "odp", "vs", "r", "res", "rép", "rep", "resp", "回复", "回覆",
    "答复", "ynt",
)  # fmt: skip
FORWARD_PREFIXES = (
    "fw", "fwd", "wg", "tr", "rv", "i", "enc", "doorst", "pd", "vb", "vl", "转发", "轉寄", "pr",
)  # fmt: skip

# One line that a phone or a mail program adds below.
MOBILE = (
    "sent from", "get outlook for", "get [outlook",
    "von meinem", "gesendet von", "diese nachricht wurde von meinem", "envoyé de mon",
    "envoyé depuis", "envoyé à partir", "enviado desde", "enviado do", "enviado de", "enviado a partir", "inviato da",
    "verzonden vanaf", "verstuurd vanaf", "wysłane z", "wysłano z", "skickat från", "sendt fra",
    "odesláno z", "отправлено с", "отправлено из", "надіслано з", "lähetetty", "iphoneから送信", "发自我的", "从我的",
    "從我的", "來自我的", "送信元", "download outlook", "outlook für ios", "android から送信", "obtener outlook",
    "sent with proton", "sent with tuta", "sent with aqua mail", "gesendet mit der gmx", "gesendet mit der web.de",
    "gesendet mit der mail.com", "gesendet mit der telekom", "gesendet mit proton", "envoyé avec proton",
    "enviado con proton", "enviado con el correo", "inviato con proton", "envoyé avec la messagerie",
    "hämta outlook", "téléchargez outlook", "scarica outlook", "laden sie outlook",
)  # fmt: skip

# The same, where longer lines may be the author's own words (`Sent via DHL on Monday …`).
MOBILE_SHORT = ("sent via", "sent by", "sent using", "sent with", "gesendet mit", "verzonden met", "from my")

# First words of legal paragraphs at the end.
DISCLAIMERS = (
    "this email and any attachments", "this e-mail and any attachments", "this email message and any attachments",
    "this message and any attachments", "this e-mail may contain", "this email may contain",
    "this message contains confidential", "this e-mail contains confidential", "the information contained in this",
    "the information in this e", "confidentiality notice", "diese e-mail enthält", "diese nachricht enthält vertraul",
    "diese e-mail kann vertraul", "ce message et toutes", "ce courriel et", "ce message (et", "este mensaje y sus",
    "este correo electrónico", "questo messaggio e", "le informazioni contenute", "esta mensagem pode",
    "esta mensagem e", "dit bericht is", "dit e-mailbericht", "ta wiadomość", "detta meddelande", "denne e-mail",
    "tato zpráva", "это сообщение",
)  # fmt: skip
