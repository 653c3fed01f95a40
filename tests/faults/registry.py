"""The table F01 to F44 of the reliability bar, in order: scripts here, tests elsewhere, or why neither."""

from tests.faults import databases, disks, mailboxes, odds, pairs, relays, signals, strangers, watched, write_points
from tests.faults.fault import Fault
from tests.servers import dovecot, postgresql

BROKEN_SERVERS = "tests/intake/test_imap_broken_servers.py"
DOVECOT = "tests/intake/test_imap_dovecot.py"
LEAD = ("tests/servers/test_the_lead.py", "tests/store/test_hanging.py")
RENDERING = "tests/outbox/test_render.py::test_a_failing_template_of_the_admins_is_replaced_by_ours_and_told_once"
STEPS = ("tests/clock", "tests/servers/test_a_stepped_clock.py", "tests/desk/test_set_back.py")
VERIFYING = "tests/desk/test_verifying.py::test_a_dns_that_is_away_stops_no_mail"

FAULTS: tuple[Fault, ...] = (
    Fault("F01", "kill -9 at every write point while accepting", write_points.while_accepting, needs=watched.missing),
    Fault("F02", "kill -9 at every write point while handling", write_points.while_handling, needs=watched.missing),
    Fault("F03", "kill -9 at every write point while sending", write_points.while_sending, needs=watched.missing),
    Fault("F04", "kill -9 of the reading children", signals.readers_are_killed),
    Fault("F05", "SIGTERM under load", signals.ended_under_load),
    Fault("F06", "SIGHUP with right and broken files under load", signals.reloaded_under_load),
    Fault("F07", "SIGSTOP and SIGCONT", signals.frozen_and_woken),
    Fault("F08", "the database's disk fills", disks.the_database_disk_fills, needs=disks.missing),
    Fault("F09", "no inode is left for large mails", disks.no_inode_is_left, needs=disks.missing),
    Fault("F10", "a flush fails, once and for ever", disks.flushes_fail, needs=watched.missing),
    Fault("F11", "the disk turns read-only", disks.turns_read_only, needs=disks.missing),
    Fault("F12", "SQLite held locked by another process", databases.sqlite_is_held_by_another_process),
    Fault("F13", "PostgreSQL crashes and restarts", databases.postgresql_crashes, needs=postgresql.missing),
    Fault("F14", "PostgreSQL away; refused; worn out", databases.postgresql_is_away, needs=postgresql.missing),
    Fault("F15", "the line ends at COMMIT's answer", databases.commit_is_not_answered, needs=postgresql.missing),
    Fault("F16", "failover to a standby that misses a commit", reason="needs a standby; documented, not tried"),
    Fault("F17", "4yz for three days, then fine", relays.four_yz_for_days),
    Fault("F18", "5yz for one of several readers", relays.one_of_many_is_refused),
    Fault("F19", "a relay that lies in every phase, with kills", relays.lies),
    Fault("F20", "a relay that is ill before it sees a mail", relays.ill_relays),
    Fault("F21", "IMAP cut at random bytes", mailboxes.cut_inside_literals, needs=dovecot.missing),
    Fault("F22", "IMAP ends IDLE; silent in IDLE", mailboxes.silent_in_idle, (BROKEN_SERVERS,), needs=dovecot.missing),
    Fault("F23", "IMAP UIDVALIDITY renewed", mailboxes.uids_begin_anew, needs=dovecot.missing),
    Fault("F24", "IMAP servers that lie: NO, NIL, sizes, 130,000 UIDs", tests=(BROKEN_SERVERS,)),
    Fault("F25", "IMAP logins refused, for now and for good", tests=(BROKEN_SERVERS,)),
    Fault("F26", "another client expunges, a move is refused", tests=(DOVECOT,)),
    Fault("F27", "the same mail by every way at once", mailboxes.the_same_by_every_way, needs=dovecot.missing),
    Fault("F28", "two daemons, one database, kills and freezes", pairs.two_daemons),
    Fault("F29", "the leader killed; frozen and back", tests=LEAD),
    Fault("F30", "the clock jumps; summer time", tests=STEPS),
    Fault("F31", "hostile mails", tests=("tests/faults/test_hostile_mails.py",)),
    Fault("F32", "hostile clients at once", strangers.hostile_clients),
    Fault("F33", "a storm of 10,000 mails", reason="measured by the benchmark, see docs/performance.md"),
    Fault("F34", "robots", tests=("tests/stories/test_robots.py", "tests/stories/test_loops.py")),
    Fault("F35", "forged mails, leaks", tests=("tests/attacks", "tests/faults/test_forged.py")),
    Fault("F36", "kill -9 inside `migrate`", odds.killed_while_migrating, needs=watched.missing),
    Fault("F37", "backup under load, restored elsewhere", reason="there is no `maild backup` yet"),
    Fault("F38", "old program on a new schema, and the reverse", tests=("tests/store/test_schema.py",)),
    Fault("F39", "the name server is dead", tests=(VERIFYING,)),
    Fault("F40", "a blob flipped or gone", odds.a_blob_is_gone),
    Fault("F41", "a template of the admin's that raises", tests=(RENDERING,)),
    Fault("F42", "few file descriptors", odds.few_files),
    Fault("F43", "the log's disk is full", disks.the_database_disk_fills, needs=disks.missing),
    Fault("F44", "the secret key is lost", odds.the_key_is_lost),
)
