"""Words of mail software in many languages: subjects of automatic answers and of bounces. Data, not logic."""

# An out-of-office or automatic answer, where a subject begins with it.
AWAY = (
    "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
    "automatic response", "out of office", "out of the office", "out-of-office", "away from my mail",
    "vacation reply", "vacation message", "abwesenheitsnotiz", "automatische antwort", "nicht im büro",
    "automatische abwesenheit", "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau",
    "message d'absence", "notification d'absence", "respuesta automática", "respuesta automatica",
    "fuera de la oficina", "ausente de la oficina", "risposta automatica", "fuori sede", "fuori ufficio",
    "assente dall'ufficio", "automatisch antwoord", "resposta automática", "resposta automatica",
    "fora do escritório", "fora do escritorio", "ausente do escritório", "autosvar", "automatiskt svar",
    "automatisk svar", "ikke på kontoret", "automatická odpověď", "automatická odpoveď", "mimo kancelář",
    "automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "автоответ", "автоматический ответ",
    "отсутствие на рабочем месте", "вне офиса", "автоматична відповідь", "自動応答", "自動返信", "不在通知", "不在の",
    "自动回复", "自動回覆", "自动答复", "otomatik yanıt", "ofis dışında", "automaattinen vastaus",
    "automatikus válasz", "răspuns automat", "αυτόματη απάντηση", "자동 회신", "부재중", "תשובה אוטומטית",
    "رد تلقائي",
)  # fmt: skip

# Said by a person who is away, inside a subject or a first line; only together with a second sign.
AWAY_ANYWHERE = (
    "out of the office", "out of office", "on vacation", "annual leave", "maternity leave", "nicht im büro",
    "im urlaub", "abwesen", "absent", "en congé", "de vacaciones", "fuera de la oficina", "in ferie", "fuori ufficio",
    "op vakantie", "de férias", "fora do escritório", "na urlopie", "nieobecn", "på semester", "på ferie", "dovolen",
    "в отпуске", "отсутств", "frånvar", "fravær", "afwezig", "nicht im haus", "away from the office", "poissa",
    "不在", "休暇", "休假", "外出",
)  # fmt: skip

# How mail servers begin the subject of a mail that came back.
RETURNED = (
    "undeliverable", "undelivered mail", "mail delivery failed", "mail delivery failure",
    "delivery status notification", "delivery failure", "delivery failed", "delivery notification", "failure notice",
    "returned mail", "mail delivery", "mail could not be delivered", "message could not be delivered",
    "delivery error", "delivery report", "non delivery", "non-delivery", "mail system error", "mail not delivered",
    "message not delivered", "delivery has failed", "unable to deliver", "could not send message", "delivery problem",
    "mail error", "failed mail", "bounced mail", "mail returned", "message status", "email delivery", "unzustellbar",
    "nicht zustellbar", "zustellung fehlgeschlagen", "zustellungsfehler", "rücksendung", "échec de la remise",
    "échec de remise", "non remis", "message non distribué", "no se puede entregar", "error de entrega",
    "correo devuelto", "mancata consegna", "impossibile recapitare", "non recapitabile", "onbestelbaar",
    "niet bezorgd", "não entregue", "falha na entrega", "devolução", "niedostarczalna", "nie dostarczono",
    "zwrot wiadomości", "kunde inte levereras", "ej levererat", "olevererbart", "kan ikke leveres", "uleveret",
    "nedoručiteln", "nelze doručit", "не доставлено", "недоставлен", "сообщение не доставлено", "配信不能",
    "配信できません", "エラーメール", "退信", "无法投递", "无法传递", "warning: message", "warning: could not send",
    "your message to",
)  # fmt: skip

# Local parts that mail servers write as.
SERVERS = frozenset({
    "mailer-daemon", "mailerdaemon", "maildaemon", "mail-daemon", "postmaster", "mdaemon", "mmdf", "uucp",
    "microsoftexchange", "mailsystem", "mail-system", "mailsubsystem", "bounce", "bounces", "double-bounce",
})  # fmt: skip
