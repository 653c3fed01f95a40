"""The admin's when → then, as pure functions: rules, words, contact forms, alerts (SPEC RU-1, RU-2, UN-4b, UN-4c)."""

from maild.rules.alerts import Alert, Raised, raised
from maild.rules.engine import Reaction, Rule, react
from maild.rules.form_senders import FormSender, as_the_customer
from maild.rules.keywords import Keyword, Setting, keyword_setting
from maild.rules.own_lists import without_list_marks

__all__ = [
    "Alert",
    "FormSender",
    "Keyword",
    "Raised",
    "Reaction",
    "Rule",
    "Setting",
    "as_the_customer",
    "keyword_setting",
    "raised",
    "react",
    "without_list_marks",
]
