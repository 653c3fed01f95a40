"""The admin's when → then, as pure functions: words, contact forms, alerts (SPEC RU-2, UN-4b, UN-4c)."""

from maild.rules.alerts import Alert, Raised, raised
from maild.rules.form_senders import FormSender, as_the_customer
from maild.rules.keywords import Keyword, Setting, keyword_setting
from maild.rules.own_lists import without_list_marks

__all__ = [
    "Alert",
    "FormSender",
    "Keyword",
    "Raised",
    "Setting",
    "as_the_customer",
    "keyword_setting",
    "raised",
    "without_list_marks",
]
