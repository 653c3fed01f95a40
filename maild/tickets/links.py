"""Relations between tickets: each word has its counterpart on the other ticket (SPEC TI-6)."""

FOLLOW_UP_OF, FOLLOWED_BY = "follow-up of", "followed by"
MERGED_INTO, MERGED_FROM = "merged into", "merged from"
SPLIT_FROM, SPLIT_TO = "split from", "split to"
OPENED_FROM, OPENED = "opened from", "opened"
RELATED, DUPLICATE_OF, HAS_DUPLICATE, PART_OF, HAS_PART = (
    "related",
    "duplicate of",
    "has duplicate",
    "part of",
    "has part",
)
COUNTERPART = {
    FOLLOW_UP_OF: FOLLOWED_BY,
    MERGED_INTO: MERGED_FROM,
    SPLIT_FROM: SPLIT_TO,
    OPENED_FROM: OPENED,
    RELATED: RELATED,
    DUPLICATE_OF: HAS_DUPLICATE,
    PART_OF: HAS_PART,
}
COUNTERPART |= {there: here for here, there in COUNTERPART.items()}
# What an agent may set, by the words that he may use for it.
SETTABLE = {
    "related": RELATED,
    "duplicate": DUPLICATE_OF,
    "duplicate of": DUPLICATE_OF,
    "has duplicate": HAS_DUPLICATE,
    "part": PART_OF,
    "part of": PART_OF,
    "child of": PART_OF,
    "has part": HAS_PART,
    "parent of": HAS_PART,
}
# Whose customers hear of an incident's end (`#resolve linked`): what was linked by hand as the same trouble.
SAME_TROUBLE = (RELATED, HAS_DUPLICATE, HAS_PART)
