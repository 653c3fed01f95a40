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
    "رد تلقائي", "out of office autoreply", "out of office auto-reply", "out of office reply", "out-of-office reply",
    "out of office notification", "out of office message", "out of office response", "away from the office",
    "autom. antwort", "abwesenheitsbenachrichtigung", "abwesenheitsmeldung",
    "abwesenheitsassistent", "automatische rückantwort", "automatische e-mail-antwort", "fuera de oficina",
    "contestación automática", "mensaje automático de ausencia", "aviso de ausencia", "messaggio automatico",
    "avviso di assenza", "notifica di assenza", "aviso de ausência", "mensagem automática", "mensagem de ausência",
    "afwezigheidsbericht", "afwezigheidsassistent", "afwezigheidsmelding", "automatische beantwoording",
    "niet op kantoor", "odpowiedź automatyczna", "powiadomienie o nieobecności", "zawiadomienie o nieobecności",
    "frånvaromeddelande", "frånvarobesked", "inte på kontoret", "fraværsbesked", "fraværsmeddelelse",
    "fraværsmelding", "fraværsassistent", "automatická odpoveď", "oznámení o nepřítomnosti", "nepřítomnost v kanceláři",
    "автоматическое уведомление об отсутствии", "уведомление об отсутствии", "нет на месте", "自動応答メール",
    "自動送信", "不在のお知らせ", "不在連絡", "外出通知", "不在办公室", "不在辦公室", "休假通知", "自動回應",
)  # fmt: skip

# Of these, words that people write in subjects too.
AWAY_SPOKEN = (
    "out of office", "out of the office", "out-of-office", "away from the office", "away from my mail", "nicht im büro",
    "absence du bureau", "absent du bureau", "fuera de la oficina", "fuera de oficina", "ausente de la oficina",
    "fuori sede", "fuori ufficio", "assente dall'ufficio", "fora do escritório", "fora do escritorio",
    "ausente do escritório", "niet op kantoor", "inte på kontoret", "ikke på kontoret", "mimo kancelář", "poza biurem",
    "вне офиса", "нет на месте", "отсутствие на рабочем месте", "ofis dışında", "不在の", "不在办公室", "不在辦公室",
    "부재중", "vacation message", "messaggio automatico", "mensagem automática", "自動送信", "auto response",
    "automatische antwort", "automatic response", "auto reply", "auto-reply", "autoreply", "autosvar",
)  # fmt: skip

# Said by a person who is away, inside a subject or a first line; only together with a second sign.
AWAY_ANYWHERE = (
    "out of the office", "out of office", "on vacation", "annual leave", "maternity leave", "nicht im büro",
    "im urlaub", "abwesen", "absent", "en congé", "de vacaciones", "fuera de la oficina", "in ferie", "fuori ufficio",
    "op vakantie", "de férias", "fora do escritório", "na urlopie", "nieobecn", "på semester", "på ferie", "dovolen",
    "в отпуске", "отсутств", "frånvar", "fravær", "afwezig", "nicht im haus", "away from the office", "poissa",
    "不在", "休暇", "休假", "外出", "parental leave", "not in the office", "currently away", "back in the office",
    "nicht am arbeitsplatz", "in elternzeit", "wieder im büro", "nicht erreichbar", "pas au bureau", "vacances",
    "de retour au bureau", "permiso", "no estaré en la oficina", "non sarò in ufficio", "assente", "fora da empresa",
    "de licença", "met verlof", "niet op kantoor", "niet aanwezig", "poza biurem", "będę nieobecn", "inte på kontoret",
    "semesterledig", "ikke på kontoret", "på barsel", "mimo kancelář", "nebudu v kancelář", "нет в офисе", "вне офиса",
    "出張", "不在办公室", "不在辦公室", "放假", "휴가", "부재",
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

# What may follow the phrase of an absence in a subject: a time.
UNTIL = (
    "until", "till", "through", "from", "bis", "vom", "ab ", "jusqu", "du ", "hasta", "desde", "fino", "dal", "até",
    "de ", "tot", "vanaf", "t/m", "od ", "do ", "från", "til", "fra", "до", "с ",
)  # fmt: skip
