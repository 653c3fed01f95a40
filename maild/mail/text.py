"""Readable text: HTML → text by an iterative walk (selectolax), and format=flowed unwrapped (RFC 3676)."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SKIPPED = frozenset({
    "script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "-comment",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "pre"})
_HIDDEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|mso-hide\s{0,9}:\s{0,9}all|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MANY_NEWLINES = re.compile(r"\n{3,}")
QUOTE_START, QUOTE_END = "\ufdd0", "\ufdd1"


def html_to_text(html: str) -> str:
    """The text that a reader of the HTML sees, links as `text <url>`, list items with a dash."""
    root = LexborHTMLParser(html).root
    return text_of(root) if root is not None else ""


def text_of(root: LexborNode, without: frozenset[int] = frozenset()) -> str:
    """The same of a parsed tree, without the nodes of these `mem_id`s and what stands in them."""
    return tidy(_render(root, without))


def _render(root: LexborNode, without: frozenset[int]) -> str:
    out = _Writer()
    stack: list[tuple[LexborNode | None, str]] = [(root, "")]
    while stack:
        node, closing = stack.pop()
        if node is None:
            out.close(closing)
            continue
        tag = node.tag or ""
        if without and node.mem_id in without:
            continue
        if tag == "-text":
            out.words(node.text_content or "")
            continue
        if tag in _SKIPPED or _is_hidden(node):
            continue
        stack.append((None, out.open(node, tag)))
        children: list[LexborNode] = []
        child = node.child
        while child is not None:
            children.append(child)
            child = child.next
        stack.extend((item, "") for item in reversed(children))
    return "".join(out.pieces)


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


class _Writer:
    """Collects the text of a walk; knows whether it stands at a line's start and inside `pre`."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.fresh = True
        self.verbatim = 0
        self.quotes = 0

    def words(self, text: str) -> None:
        if not self.verbatim:
            text = _SPACES.sub(" ", text)
            text = text.lstrip(" ") if self.fresh else text
        if text:
            self.pieces.append(text)
            self.fresh = text[-1] in " \n"

    def line(self) -> None:
        self.pieces.append("\n")
        self.fresh = True

    def open(self, node: LexborNode, tag: str) -> str:
        """Starts an element and says what must be closed after its children."""
        if tag == "br":
            self.line()
            return ""
        if tag in _BLOCKS:
            self._start_block(tag)
        elif tag in ("td", "th") and not self.fresh:
            self.pieces.append(" ")
        elif tag == "img":
            self.words(node.attributes.get("alt") or "")
        elif tag == "a":
            return f"a {len(self.pieces)} {node.attributes.get('href') or ''}"
        return tag

    def _start_block(self, tag: str) -> None:
        if self.pieces and self.pieces[-1] != "\n":
            self.line()
        if tag in _SPACED and len(self.pieces) > 1 and self.pieces[-2:] != ["\n", "\n"]:
            self.line()
        if tag == "li":
            self.pieces.append("- ")
        elif tag == "pre":
            self.verbatim += 1
        elif tag == "blockquote":
            self.pieces.append(QUOTE_START)

    def close(self, tag: str) -> None:
        if tag.startswith("a "):
            self._close_link(tag)
            return
        if tag == "pre":
            self.verbatim -= 1
        elif tag == "blockquote":
            self.pieces.append("\n" + QUOTE_END)
        if tag in _BLOCKS:
            if self.pieces and self.pieces[-1] != "\n":
                self.line()
            if tag in _SPACED:
                self.line()

    def _close_link(self, closing: str) -> None:
        _, began, href = closing.split(" ", 2)
        href = "".join(href.split())
        shown = "".join(self.pieces[int(began) :]).strip()
        scheme, _, rest = href.partition(":")
        if scheme.lower() not in ("http", "https", "mailto", "tel", "ftp") or not shown or shown in (href, rest):
            return
        if shown.rstrip("/").lower() in href.lower() and len(href) <= len(shown) + 10:
            return
        self.pieces.append(f" <{rest if scheme.lower() == 'mailto' else href[:2000]}>")
        self.fresh = False


def tidy(text: str) -> str:
    """Quote marks of nested blockquotes as `> `, no blanks at line ends, at most one empty line in a row."""
    if QUOTE_START in text:
        text = _quoted(text)
    # Line by line: a pattern such as ` +\n` is quadratic on a long run of blanks.
    trimmed = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return _MANY_NEWLINES.sub("\n\n", trimmed).strip()


def _quoted(text: str) -> str:
    out: list[str] = []
    depth = 0
    for line in text.split("\n"):
        depth += line.count(QUOTE_START)
        content = line.replace(QUOTE_START, "")
        closing = content.count(QUOTE_END)
        depth -= closing
        content = content.replace(QUOTE_END, "")
        if closing and not content.strip():
            continue
        out.append((">" * min(depth, 20) + " " + content) if depth > 0 else content)
    return "\n".join(out)


def unflow(text: str, delsp: str) -> str:
    """format=flowed text with its soft line breaks joined (RFC 3676 4); `-- ` never flows."""
    out: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        stripped = line.lstrip(">")
        depth = len(line) - len(stripped)
        stripped = stripped.removeprefix(" ")
        flows = stripped.endswith(" ") and stripped != "-- "
        body = stripped[:-1] if flows and delsp == "yes" else stripped
        if open_depth == depth and stripped != "-- ":
            out[-1].append(body)
        else:
            out.append([(">" * depth + " " if depth else "") + body])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in out)
