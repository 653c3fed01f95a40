"""Numbers about the desk: pure values and their forms; the store counts, the command line prints."""

from maild.reports.sla import Achievement, Kept, achievement, sla_json, sla_table
from maild.reports.table import Table, as_csv, as_html, as_text
from maild.reports.volume import Volume, volume_json, volume_table

__all__ = [
    "Achievement",
    "Kept",
    "Table",
    "Volume",
    "achievement",
    "as_csv",
    "as_html",
    "as_text",
    "sla_json",
    "sla_table",
    "volume_json",
    "volume_table",
]
