"""Quotes in HTML: the containers that mail programs mark, removed before the text is read."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maild.mail import quote_words as words
from maild.mail.sanitise import within_limits
from maild.mail.text import text_of

# The container is the quote.
_CONTAINERS = (
    "div.gmail_quote_container", "div.gmail_quote", "blockquote.gmail_quote", "blockquote[type=cite]",
    "div.yahoo_quoted", "div.protonmail_quote", "blockquote.protonmail_quote", "div.gmail_extra", "div.zmail_extra",
    "blockquote.tutanota_quote", "#OLK_SRC_BODY_SECTION", "div.WM_QUOTE", "div.quote.yandex",
)  # fmt: skip
# The quote begins here and reaches to the end.
_STARTS = (
    "#divRplyFwdMsg", "#appendonsend", "#mail-editor-reference-message-container", "div.moz-cite-prefix",
    "#stopSpelling", "#reply-intro", "hr#zwchr", "hr#stopSpelling",
)  # fmt: skip
_OUTLOOK = ("border-top:solid", "1.0pt")


def without_quotes(html: str) -> str | None:
    """The text of HTML without its marked quotes; None when none is marked, all is quote, or limits are passed."""
    if not within_limits(html):
        return None
    tree = LexborHTMLParser(html)
    found = [node for selector in _CONTAINERS for node in tree.css(selector) if not _forwarded(node)]
    starts = [node for selector in _STARTS for node in tree.css(selector) if not _forwarded(node)] + _outlook(tree)
    if not found and not starts:
        return None
    # Nothing is taken out of the tree: a node inside another that is gone must not be looked at again.
    doomed = [each.mem_id for node in starts[:5] for each in _of_start(node)]
    doomed += [each.mem_id for node in found for each in _of_container(node)]
    text = text_of(tree.root, frozenset(doomed)) if tree.root is not None else ""
    return text if text.strip() else None


def _forwarded(node: LexborNode) -> bool:
    return (node.text() or "")[:200].strip(" \t\r\n-_>").lower().startswith(words.FORWARDED)


def _outlook(tree: LexborHTMLParser) -> list[LexborNode]:
    """Outlook's ruled box of From, Sent, To, Subject."""
    boxes = []
    for node in tree.css("div[style]"):
        style = "".join((node.attributes.get("style") or "").lower().split())
        if all(part in style for part in _OUTLOOK) and "border:none" in style and ":" in (node.text() or "")[:200]:
            boxes.append(node)
    return boxes


def _of_start(node: LexborNode) -> list[LexborNode]:
    """An attribution below the author's words and above a marked quote goes alone: he may have written inside it too.

    Where nothing stands above, all goes, and the text's own marks tell (`quotes.new_text`).
    """
    following = node.next
    while following is not None and following.tag == "-text" and not (following.text_content or "").strip():
        following = following.next
    alone = following is not None and following.tag == "blockquote" and _words_above(node)
    return [node] if alone else _and_all_after(node)


def _words_above(node: LexborNode) -> bool:
    """Something is said before this node in the document."""
    here: LexborNode | None = node
    while here is not None and here.tag not in ("body", "html", None):
        before = here.prev
        while before is not None:
            if (before.text() or "").strip():
                return True
            before = before.prev
        here = here.parent
    return False


def _of_container(node: LexborNode) -> list[LexborNode]:
    """A quote goes whole; where words stand behind a blockquote in it, they are answers and stay."""
    children: list[LexborNode] = []
    child = node.child
    while child is not None and node.tag == "div":
        children.append(child)
        child = child.next
    quotes = [place for place, each in enumerate(children) if each.tag == "blockquote"]
    behind = children[quotes[0] :] if quotes else []
    if not any(each.tag != "blockquote" and (each.text() or "").strip() for each in behind):
        return [node]
    return [each for place, each in enumerate(children) if place <= quotes[0] or each.tag == "blockquote"]


def _and_all_after(node: LexborNode) -> list[LexborNode]:
    """A node and all that follows it in the document."""
    here: LexborNode | None = node
    doomed = [node]
    while here is not None and here.tag not in ("body", "html", None):
        following = here.next
        while following is not None:
            doomed.append(following)
            following = following.next
        here = here.parent
    return doomed
