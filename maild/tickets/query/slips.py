"""What somebody meant who wrote what the grammar does not know: slips of the pen, explained (SPEC TI-9)."""

import re

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from maild.tickets.query.errors import QueryError
from maild.tickets.query.fields import BY_NAME, LIMIT, SORT, field_named
from maild.tickets.query.model import WORDS

LOOKS_COMPARED = re.compile(r"([A-Za-z.]+)(=|>|<)=?")


def refuse_slips(word: str, place: int) -> None:
    """Raises QueryError: `status=open` and `tag:` are no words to look for."""
    head, colon, _ = word.partition(":")
    if colon and (head.lower() in (*BY_NAME, SORT, LIMIT) or field_named(head.lower())):
        raise QueryError(word, place, f"a value is missing after '{head}:'")
    compared = LOOKS_COMPARED.match(word)
    if compared and field_named(compared[1].lower()) and compared[1].lower() != WORDS:
        sign = "" if compared[2] == "=" else compared[0][len(compared[1]) :]
        right = f"{compared[1]}:{sign}{word[compared.end() :]}"
        raise QueryError(word, place, "a field is followed by a colon", f"write {right}")


def explained(text: str, error: UnexpectedInput) -> QueryError:
    """The parser's complaint in words for who wrote the query."""
    match error:
        case UnexpectedCharacters(pos_in_stream=int(place)):
            return _unread(text, place)
        case UnexpectedToken(token=Token(type="$END")) | UnexpectedEOF():
            return _ended(text)
        case UnexpectedToken(token=token):
            return _unread(text, token.start_pos or 0)
        case _:
            return QueryError(text, 1, "this cannot be understood")


def _ended(text: str) -> QueryError:
    words = text.split()
    if words and words[-1].lower() == "or":
        return QueryError(words[-1], len(text.rstrip()) - 1, "a term is missing after 'or'")
    if "(" in text:
        return QueryError("(", text.rfind("(") + 1, "a parenthesis is not closed", "add )")
    return QueryError(words[-1], len(text.rstrip()) - len(words[-1]) + 1, "a value is missing at the end")


SIGNS = {
    '"': ("a quotation mark is not closed", 'add "'),
    "“": ("a quotation mark is not closed", "add ”"),
    "”": ("a quotation mark is not opened", ""),
    "„": ("a quotation mark is not closed", "add “"),
    ")": ("there is nothing that this closes", "put it in quotes"),
    "(": ("a value is one word, or words in quotes", "put it in quotes"),
    ",": ("a comma stands between values, without blanks", "write tag:a,b"),
}


def _unread(text: str, place: int) -> QueryError:
    word = (text[place:].split() or [""])[0] if text[place : place + 1] not in SIGNS else text[place : place + 20]
    what, hint = SIGNS.get(text[place : place + 1], ("this does not belong here", "put it in quotes"))
    if re.match(r"or(?:[\s()]|\Z)", text[place:], re.IGNORECASE):
        what, hint = "'or' stands between two terms", "put it in quotes to look for the word"
    return QueryError(word, place + 1, what, hint)
