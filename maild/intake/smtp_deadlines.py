"""Until when a client may keep us waiting; a slow one loses its connection, not the others theirs (slowloris).

All times are seconds of one monotonic clock. aiosmtpd has one timer that each NOOP winds up again and that cuts a
commit in the middle (aiosmtpd#282); these end reading only, never what comes after the dot.
"""

from dataclasses import dataclass

from maild.intake.smtp_settings import SmtpSettings


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Of one session that began at `began`."""

    began: float
    settings: SmtpSettings

    def for_command(self, now: float, mails: int) -> float:
        """A whole command line must be here by then; the first MAIL sooner than the end of the session."""
        limits = [now + self.settings.idle_seconds, self._end]
        if mails == 0:
            limits.append(self.began + self.settings.first_mail_seconds)
        return min(limits)

    def for_data(self, now: float, data_began: float, arrived: int) -> float:
        """The next bytes of a mail must be here by then: average data rate, silence, session."""
        earned = arrived / self.settings.min_data_rate if self.settings.min_data_rate > 0 else float("inf")
        at_rate = data_began + max(self.settings.data_grace_seconds, earned)
        return min(at_rate, now + self.settings.idle_seconds, self._end)

    def for_answer(self, now: float) -> float:
        """The client must have read our answer by then."""
        return now + self.settings.idle_seconds

    @property
    def _end(self) -> float:
        return self.began + self.settings.session_seconds
