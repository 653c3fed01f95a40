"""How fast maild is beside the bare ceilings of its libraries: `python -m bench`."""
