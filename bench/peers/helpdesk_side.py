"""django-helpdesk's side; its own interpreter runs it.

`python -m bench.peers.helpdesk_side make HOME PORT | fill HOME PORT TICKETS | take HOME PORT MAILS | count HOME PORT`

A project with its documented settings on SQLite, one queue of type `local`. `take` is its management command
`get_email`. Of its code one thing is changed: the directory is listed by name, so that replies follow their tickets.
"""

import os
import sys
import types
from pathlib import Path
from random import Random

from bench.corpus import CLOSERS, OPENERS, THINGS, TROUBLES, people

TEXT_BYTES = 1500
BATCH = 5000
APPS = ("auth", "contenttypes", "sessions", "sites", "messages", "admin", "humanize")
CONTEXT = ("django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
           "django.contrib.messages.context_processors.messages")  # fmt: skip


def begin(home: Path, port: int) -> None:
    """Django with this home; its mails go to the sink."""
    import django
    from django.conf import settings

    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "desk.sqlite3")}
    templates = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                 "OPTIONS": {"context_processors": list(CONTEXT)}}  # fmt: skip
    settings.configure(
        SECRET_KEY="bench", USE_TZ=True, SITE_ID=1, ALLOWED_HOSTS=["*"], ROOT_URLCONF="bench_urls", MIDDLEWARE=[],
        DATABASES={"default": engine}, DEFAULT_AUTO_FIELD="django.db.models.AutoField", TEMPLATES=[templates],
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "rest_framework", "helpdesk"],
        MEDIA_ROOT=str(home / "media"), MEDIA_URL="/media/", STATIC_URL="/static/", LANGUAGE_CODE="en",
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port,
        DEFAULT_FROM_EMAIL="support@desk.test", HELPDESK_VALID_EXTENSIONS=[".txt", ".pdf", ".html", ".eml"],
        # its documentation's way to do without the optional app for teams
        HELPDESK_TEAMS_MODEL="auth.User", HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
        HELPDESK_KBITEM_TEAM_GETTER=lambda _: None,
    )  # fmt: skip
    django.setup()
    from django.urls import include, path

    urls = types.ModuleType("bench_urls")
    urls.__dict__["urlpatterns"] = [
        path("", include("helpdesk.urls", namespace="helpdesk")),
        path("accounts/", include("django.contrib.auth.urls")),
    ]
    sys.modules["bench_urls"] = urls


def make() -> None:
    """A desk with one queue and no ticket: the submitter and the agent are told, as maild tells them."""
    from django.core.management import call_command
    from helpdesk.models import Queue

    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    Queue.objects.create(
        title="desk", slug="desk", email_address="support@desk.test", locale="en", allow_email_submission=True,
        new_ticket_cc="alice@desk.test", updated_ticket_cc="alice@desk.test",
        enable_notifications_on_email_events=True, email_box_type="local", email_box_interval=0,
    )  # fmt: skip


def fill(tickets: int) -> None:
    """So many tickets with one or two mails each."""
    from django.db import transaction
    from django.utils import timezone
    from helpdesk.models import FollowUp, Queue, Ticket

    random, now, queue = Random(1), timezone.now(), Queue.objects.get()
    addresses = [address for _, address in people()]
    for start in range(0, tickets, BATCH):
        with transaction.atomic():
            made = Ticket.objects.bulk_create(
                Ticket(title=random.choice(THINGS), queue=queue, submitter_email=random.choice(addresses), created=now,
                       description=_text(random), priority=3)
                for _ in range(min(BATCH, tickets - start))
            )  # fmt: skip
            FollowUp.objects.bulk_create(
                FollowUp(ticket=ticket, title="E-Mail Received", date=now, public=True, comment=_text(random),
                         message_id=f"<{ticket.id}.{place}@customer.test>")
                for ticket in made for place in range(1 + (ticket.id % 3 > 0))
            )  # fmt: skip


def _text(random: Random) -> str:
    pieces = [random.choice((*OPENERS, *CLOSERS, *TROUBLES)) for _ in range(TEXT_BYTES // 40)]
    return " ".join(pieces)[:TEXT_BYTES]


def take(mails: Path) -> None:
    """Reads all mails of a directory."""
    import helpdesk.email
    from django.core.management import call_command
    from helpdesk.models import Queue

    listed = os.listdir
    helpdesk.email.os.listdir = lambda folder: sorted(listed(folder))
    Queue.objects.update(email_box_local_dir=str(mails), email_box_last_check=None)
    call_command("get_email", quiet=True)


def count() -> tuple[int, int]:
    """Tickets and the mails on them."""
    from helpdesk.models import FollowUp, Ticket

    return Ticket.objects.count(), FollowUp.objects.count()


def main() -> None:
    """The asked word."""
    word, home, port, *more = sys.argv[1:]
    (Path(home) / "media").mkdir(parents=True, exist_ok=True)
    begin(Path(home), int(port))
    match word:
        case "make":
            make()
        case "fill":
            fill(int(more[0]))
        case "take":
            take(Path(more[0]))
        case _:
            print(*count())


if __name__ == "__main__":
    main()
