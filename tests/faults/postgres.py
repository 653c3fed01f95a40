"""A PostgreSQL of one trial's own, which may be crashed, kept away, locked and worn out (faults F13 to F15)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers.postgresql import BINARIES, Cluster, missing

__all__ = ["Own", "missing", "own_cluster"]
REFUSING = "local all all reject\n"
TRUSTING = "local all all trust\n"


class Own(Cluster):
    """With what only a fault does to it."""

    def change_locks(self, rules: str) -> None:
        """pg_hba.conf, in force at once; whoever is inside is put out."""
        with self.inside() as connection:
            (self.folder / "data" / "pg_hba.conf").write_text(rules)
            connection.execute("SELECT pg_reload_conf()")
            self.put_out(connection)

    def open_again(self) -> None:
        """From outside: nobody can get in to ask for it."""
        (self.folder / "data" / "pg_hba.conf").write_text(TRUSTING)
        self.hang_up()

    def hang_up(self) -> None:
        """Has the server read its settings anew."""
        assert self._process is not None
        self._process.send_signal(1)

    def inside(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self._dsn("postgres"), autocommit=True)

    def put_out(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        """Ends every session of maild's."""
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'maild%'")

    def socket_of(self, number: int = 5432) -> str:
        return str(self.folder / "socket" / f".s.PGSQL.{number}")


@contextmanager
def own_cluster() -> Iterator[Own]:
    binaries = max(Path(BINARIES).glob("*/bin"), key=lambda path: float(path.parent.name))
    cluster = Own(binaries)
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        cluster.remove()
