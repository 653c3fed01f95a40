"""Mail from the blocked is kept out quietly and countable (ID-6)."""

from maild.gate.case import Check, Way

CHECK = Check("blocked", Way.IGNORE, lambda case: "the sender is on the block list" if case.is_blocked else None)
