"""The table F01 to F44, in order."""

from tests.faults import databases, disks, mailboxes, relays, signals, watched, write_points
from tests.faults.fault import Fault
from tests.servers import dovecot, postgresql

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
    Fault("F17", "4yz for three days, then fine", relays.four_yz_for_days),
    Fault("F18", "5yz for one of several readers", relays.one_of_many_is_refused),
    Fault("F19", "a relay that lies in every phase, with kills", relays.lies),
    Fault("F20", "a relay that is ill before it sees a mail", relays.ill_relays),
    Fault("F21", "IMAP cut at random bytes", mailboxes.cut_inside_literals, needs=dovecot.missing),
    Fault("F22", "IMAP silent in IDLE", mailboxes.silent_in_idle, needs=dovecot.missing),
    Fault("F23", "IMAP UIDVALIDITY renewed", mailboxes.uids_begin_anew, needs=dovecot.missing),
    Fault("F27", "the same mail by every way at once", mailboxes.the_same_by_every_way, needs=dovecot.missing),
)
