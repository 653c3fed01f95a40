"""Puts the style sheet's rules on the elements of a template, once when it is loaded: mail clients drop style sheets.

The template is not rendered yet, so its jinja tags are hidden from the HTML parser behind comments (in texts) or words
(in attributes). When they do not all come back in order, the template stays as its author wrote it.
"""

import re

import css_inline

_JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_HIDDEN = re.compile(r"(?:<!--|&lt;!--)?maildjinja(\d+)x(?:-->|--&gt;)?")
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def inlined(source: str, css: str) -> str:
    """The template with `style` attributes; classes stay for the media queries."""
    tags: list[str] = []
    shown = _hide(source, tags)
    if "<html" in source.lower():
        styled = css_inline.CSSInliner(
            load_remote_stylesheets=False, keep_style_tags=True, inline_style_tags=False, extra_css=css
        ).inline(shown)
    else:
        styled = _INLINER.inline_fragment(shown, css)
    numbers = [int(number) for number in _HIDDEN.findall(styled)]
    if numbers != list(range(len(tags))) or 'x=""' in styled:
        return source
    return _HIDDEN.sub(lambda found: tags[int(found[1])], styled)


def _hide(source: str, tags: list[str]) -> str:
    pieces, end, inside = [], 0, False
    for found in _JINJA.finditer(source):
        text = source[end : found.start()]
        if "<" in text or ">" in text:
            inside = text.rfind("<") > text.rfind(">")
        pieces.append(text)
        pieces.append(f"maildjinja{len(tags)}x" if inside else f"<!--maildjinja{len(tags)}x-->")
        tags.append(found.group())
        end = found.end()
    return "".join([*pieces, source[end:]])
