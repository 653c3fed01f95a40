"""The command line: one file per command; it asks the desk and prints, nothing else."""

from maild.cli.main import main

__all__ = ["main"]
