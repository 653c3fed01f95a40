"""Our own mail that comes back is known by our signature or our record of sending, by nothing weaker (ID-5)."""

from maild.gate.case import Check, Way

CHECK = Check("own-mail", Way.IGNORE, lambda case: "a mail of our own came back" if case.is_own else None)
