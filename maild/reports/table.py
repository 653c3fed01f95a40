"""A report as a table of words, in each form that somebody wants: terminal, spreadsheet, mail."""

import csv
import io
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have as many cells as there are columns; numbers are words already."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def as_text(table: Table) -> str:
    """For the terminal and plain mails: the first column to the left, the others to the right."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    shown = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([table.title, *(f"  {line}".rstrip() for line in shown)])


def as_csv(table: Table) -> str:
    """RFC 4180; a cell that a spreadsheet would take for a formula gets a quotation mark in front."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(table.columns)
    rows.writerows([[f"'{cell}" if cell[:1] in ("=", "+", "@", "\t") else cell for cell in row] for row in table.rows])
    return written.getvalue()


STYLE = (
    "body{font:16px sans-serif}td,th{padding:4px 12px;text-align:right}td:first-child,th:first-child{text-align:left}"
)


def as_html(table: Table) -> str:
    """One page without anything remote."""
    head = "".join(f"<th>{escape(each)}</th>" for each in table.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(table.title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(table.title)}</h1><table><tr>{head}</tr>{body}</table></html>"
    )
