"""Numbers about the desk: pure values and their texts; the store counts, the command line prints."""

from maild.reports.volume import Volume, volume_json, volume_text

__all__ = ["Volume", "volume_json", "volume_text"]
