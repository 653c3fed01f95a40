"""How mails look in a real browser engine: nothing overflows, everything can be read and tapped, light and dark."""

import copy
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from maild.outbox.audiences import EVENTS
from maild.outbox.context import Context
from maild.outbox.render import Templates
from maild.outbox.samples import sample
from maild.resources import data_dir

BUILT_IN = Templates((data_dir("templates"),), {"name": "Acme Support", "address": "support@acme.test"})
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2 + " why" * 35
HEBREW = "שלום, המדפסת באולם 2 מדפיסה תוויות ריקות"
WIDTHS = (600, 320)
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * 127.0.0.1", "--hide-scrollbars",
    "--virtual-time-budget=8000", "--window-size=1000,800", "--dump-dom",
)  # fmt: skip

# Runs beside the mails, each in a frame of its own, and writes what it finds into the page (WCAG 2.2: 1.4.3, 2.5.8).
MEASURE = r"""
const found = [];
const numbers = color => color.match(/[\d.]+/g).map(Number);
const shine = color => {
  const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (view, element) => {
  for (; element; element = element.parentElement) {
    const color = numbers(view.getComputedStyle(element).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color.slice(0, 3);
  }
  return [255, 255, 255];
};
const look = (frame, element) => {
  const view = frame.contentWindow, box = element.getBoundingClientRect(), wide = frame.clientWidth;
  const say = words => found.push(`${frame.title}: ${element.tagName}.${element.className} ${words}`);
  if (box.right > wide + 0.5) say(`ends at ${box.right} of ${wide}`);
  if (element.tagName == 'A' && wide < 400 && (box.height < 40 || box.width < 30)) say(`is ${box.width}x${box.height}`);
  if (!box.width || ![...element.childNodes].some(node => node.nodeType == 3 && node.textContent.trim())) return;
  const [one, two] = [numbers(view.getComputedStyle(element).color).slice(0, 3), ground(view, element)].map(shine);
  const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  if (contrast < 4.5) say(`has a contrast of ${contrast}`);
};
addEventListener('load', () => {
  for (const frame of document.querySelectorAll('iframe')) {
    const page = frame.contentDocument;
    if (page.documentElement.scrollWidth > frame.clientWidth) found.push(`${frame.title}: scrolls sideways`);
    page.querySelectorAll('body *').forEach(element => look(frame, element));
    const canvas = numbers(frame.contentWindow.getComputedStyle(page.body).backgroundColor);
    found.push(`${shine(canvas) < 0.2 ? 'dark' : 'light'} canvas`);
  }
  const told = document.createElement('pre');
  told.id = 'found';
  told.textContent = JSON.stringify(found);
  document.body.replaceChildren(told);
});
"""


def hard(context: Context) -> Context:
    """Words as long and as strange as people write them."""
    context = copy.deepcopy(context)
    if context["ticket"]:
        context["ticket"].update(subject=LONG[:300], organisation="x" * 90)
        context["ticket"]["requester"]["name"] = HEBREW
    if context["message"]:
        context["message"].update(text=f"{HEBREW}\n\nhttps://very.long.example/{'x' * 200}", author_name=LONG[:120])
        context["message"]["attachments"] = [{"name": "a" * 120 + ".pdf", "size_text": "1 MB"}]
    context["context_text"] = "y" * 150
    context["fields"] = [{"name": "f" * 60, "value": "v" * 90}]
    for section in context["sections"]:
        section["result"] = "r" * 150
        section["rows"] = [{**row, "cells": [LONG[:300]] * 4} for row in section["rows"]]
    for item in context["items"]:
        item.update(subject=LONG[:300], words="z" * 200)
    return context


def pages() -> list[tuple[str, str]]:
    """(name, HTML) of every mail: German as it is, because its words are longer, and English with hard content."""
    plain = [(event, "de", sample(event)) for event in EVENTS]
    strange = [(event, "en", hard(sample(event))) for event in EVENTS]
    return [
        (f"{event} in {language}", BUILT_IN.render(event, EVENTS[event], language, context).html or "")
        for event, language, context in (*plain, *strange)
    ]


def seen(folder: Path, scheme: str) -> list[str]:
    """What the engine finds in all mails at all widths, in a light or dark scheme."""
    frame = '<iframe title="{} at {}" srcdoc="{}" style="border:0;width:{}px;height:400px"></iframe>'
    frames = [
        frame.format(name, width, html.escape(page), width) for name, page in pages() for width in WIDTHS
    ]  # fmt: skip
    book = folder / "mails.html"
    book.write_text(f'<meta charset="utf-8"><script>{MEASURE}</script><body>{"".join(frames)}', encoding="utf-8")
    flags = (*FLAGS, f"--user-data-dir={folder}", f"--blink-settings=preferredColorScheme={int(scheme == 'light')}")
    ended = subprocess.run([str(CHROMIUM), *flags, book.as_uri()], capture_output=True, timeout=90, check=True)
    shown = re.search(r'<pre id="found">(.*?)</pre>', ended.stdout.decode(), re.DOTALL)
    assert shown, ended.stderr.decode()[-2000:]
    told: list[str] = json.loads(html.unescape(shown[1]))
    return told


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_fits_wide_and_narrow_and_can_be_read_and_tapped(scheme: str, tmp_path: Path) -> None:
    found = seen(tmp_path, scheme)

    canvases = [each for each in found if each.endswith("canvas")]
    assert canvases == [f"{scheme} canvas"] * len(EVENTS) * 2 * len(WIDTHS)
    assert [each for each in found if not each.endswith("canvas")] == []
