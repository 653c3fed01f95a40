"""HTML of strangers made safe to show: an allow-list (nh3), no remote pictures, limits before the parser (D13, E1)."""

import re
from html import unescape

import nh3

_MAX_CHARS = 1024 * 1024
_MAX_TAGS = 50_000
_MAX_DEPTH = 256
_MAX_TAG_SPACES = 2_000
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{4000,}")
# Void elements, and those whose end tag HTML lets one leave out: neither makes the tree deeper.
_FLAT = frozenset(
    [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "td", "th", "tr", "dd", "dt", "option",
]
)  # fmt: skip
_ANY_TAG = re.compile(r"<[^<>]{0,100000}>")
_BREAK_TAG = re.compile(r"<(?:br|p|div|tr|li|h[1-6])\b[^<>]{0,1000}>", re.IGNORECASE)

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl",
    "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre",
    "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "title", "valign"},
    "a": {"href"},
    "blockquote": {"type"},
    "col": {"span", "width"},
    "font": {"color", "face", "size"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "width"},
}
_DROP_CONTENT = {
    "script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object",
}  # fmt: skip


def within_limits(html: str) -> bool:
    """Whether a parser may see this HTML: size, tags, depth and attributes by one linear scan."""
    if len(html) > _MAX_CHARS or html.count("<") > _MAX_TAGS:
        return False
    if any(len(tag.group().split()) > _MAX_TAG_SPACES for tag in _LONG_TAG.finditer(html)):
        return False
    depth = 0
    for tag in _TAG.finditer(html):
        if tag.group(2).lower() not in _FLAT:
            depth = max(0, depth - 1) if tag.group(1) else depth + 1
            if depth > _MAX_DEPTH:
                return False
    return True


def sanitise(html: str) -> str | None:
    """Harmless HTML, or None where it is beyond the limits and only text will be shown."""
    if not within_limits(html):
        return None
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_DROP_CONTENT,
        attribute_filter=_attribute if _has_pictures(html.lower()) else None,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    )


def _has_pictures(lowered: str) -> bool:
    """Whether `_attribute` could have anything to refuse: it is asked for each attribute, and that is dear."""
    return "<img" in lowered or "cid" in lowered or "&" in lowered


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Pictures only from this mail itself: a remote one tells its sender that and where it was read (E2)."""
    if tag == "img" and name == "src":
        return value if value.strip().lower().startswith("cid:") else None
    if name == "href" and value.strip().lower().startswith("cid:"):
        return None
    return value


def without_tags(html: str) -> str:
    """The bare words of HTML that no parser may see; linear, crude and readable."""
    text = html[:_MAX_CHARS]
    for name in ("script", "style", "title"):
        text = _without_element(text, name)
    return unescape(_ANY_TAG.sub(" ", _BREAK_TAG.sub("\n", text)))


def _without_element(html: str, name: str) -> str:
    lowered = html.lower() if html.isascii() else html
    kept: list[str] = []
    at = 0
    while (start := lowered.find(f"<{name}", at)) >= 0:
        kept.append(html[at:start])
        end = lowered.find(f"</{name}", start)
        if end < 0:
            return "".join(kept)
        at = end
    return "".join(kept) + html[at:]
