"""What migrations share that make texts searchable; never changed, for old revisions rest on it.

The database keeps its indexes in step by itself, whoever writes: by triggers on SQLite, where the
grams of a text come from our own function, by expression indexes and triggers on PostgreSQL. A
migration that builds a searched table anew on SQLite takes its triggers away with the old one, and
calls these functions again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op

from callcenter.store.grams import DROPPED

ENTRIES = "search_entries"
FOLD = f"regexp_replace(lower(normalize(said, NFKC)), '{DROPPED}', '', 'g')"
FOLDED = f"""CREATE FUNCTION folded(said text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 RETURN {FOLD}"""
GRAMS = f"""CREATE FUNCTION grams(said text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 300 AS $$
DECLARE
    letters text[] := string_to_array({FOLD}, NULL);
    pairs text[] := '{{}}';
BEGIN
    FOR at IN 1 .. cardinality(letters) - 1 LOOP
        pairs := pairs || (letters[at] || letters[at + 1]);
    END LOOP;
    RETURN letters || pairs;
END $$"""
"""As grams.folded and grams.grams. One does not call the other: PostgreSQL itself asks for them
where it looks for no functions but its own. The costs are measured ones: 10 and 30 µs a turn."""
Said = str | Mapping[str, str]
"""A column, or for each dialect an expression in which {row} stands for the row."""


def is_sqlite() -> bool:
    """Which of the two this is."""
    return op.get_bind().dialect.name == "sqlite"


def create_functions() -> None:
    """PostgreSQL's own grams; our connections bring them to SQLite."""
    if not is_sqlite():
        op.execute(FOLDED)
        op.execute(GRAMS)


def drop_functions() -> None:
    """The other way."""
    if not is_sqlite():
        op.execute("DROP FUNCTION grams")
        op.execute("DROP FUNCTION folded")


def index_text(table: str, also: str = "") -> None:
    """Index the grams of a table's `text`; its key is `id`.

    SQLite's index has the column `also` beside them, as one word.
    """
    index = f"{table}_grams"
    if not is_sqlite():
        op.execute(f"CREATE INDEX {index} ON {table} USING gin (grams(text))")
        return
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5(grams, content='', columnsize=0, detail=none, "
        "tokenize=\"ascii tokenchars '_'\")"
    )
    said = "grams({row}text)" + (f" || ' ' || {{row}}{also}" if also else "")
    new, old = said.format(row="new."), said.format(row="old.")
    add = f"INSERT INTO {index}(rowid, grams) VALUES (new.id, {new});"
    take = f"INSERT INTO {index}({index}, rowid, grams) VALUES ('delete', old.id, {old});"
    _trigger(f"{index}_added", f"AFTER INSERT ON {table}", add)
    _trigger(f"{index}_taken", f"AFTER DELETE ON {table}", take)
    _trigger(
        f"{index}_changed",
        f"AFTER UPDATE OF text ON {table} WHEN old.text IS NOT new.text",
        take + add,
    )
    op.execute(f"INSERT INTO {index}(rowid, grams) SELECT id, {said.format(row='')} FROM {table}")


def drop_text_index(table: str) -> None:
    """The other way."""
    if not is_sqlite():
        op.execute(f"DROP INDEX {table}_grams")
        return
    for when in ("added", "taken", "changed"):
        op.execute(f"DROP TRIGGER {table}_grams_{when}")
    op.execute(f"DROP TABLE {table}_grams")


def index_records(table: str, kind: str, said: Sequence[Said]) -> None:
    """Keep an entry for each record of a table: what it says, its title first."""
    dialect = "sqlite" if is_sqlite() else "postgresql"
    whole = " || '\n' || ".join(
        f"{{row}}.{one}" if isinstance(one, str) else one[dialect] for one in said
    )
    made, written = f"{ENTRIES} (kind, number, text)", f"'{kind}', {{row}}.number, {whole}"
    new, old = written.format(row="new"), whole.format(row="old")
    its = f"kind = '{kind}' AND number = "
    op.execute(f"INSERT INTO {made} SELECT {written.format(row=table)} FROM {table}")
    if dialect == "postgresql":
        _index_records(table, f"INSERT INTO {made} VALUES ({new})", its)
        return
    now = whole.format(row="new")
    _trigger(f"{table}_said", f"AFTER INSERT ON {table}", f"INSERT INTO {made} VALUES ({new});")
    _trigger(
        f"{table}_unsaid",
        f"AFTER DELETE ON {table}",
        f"DELETE FROM {ENTRIES} WHERE {its} old.number;",
    )
    _trigger(
        f"{table}_resaid",
        f"AFTER UPDATE ON {table} WHEN {old} IS NOT {now}",
        f"UPDATE {ENTRIES} SET text = {now} WHERE {its} new.number;",
    )


def drop_records_index(table: str) -> None:
    """The other way; the entries stay until their table goes."""
    if is_sqlite():
        for when in ("said", "unsaid", "resaid"):
            op.execute(f"DROP TRIGGER {table}_{when}")
        return
    op.execute(f"DROP TRIGGER {table}_said ON {table}")
    op.execute(f"DROP FUNCTION {table}_said")


def _index_records(table: str, insert: str, its: str) -> None:
    op.execute(f"""CREATE FUNCTION {table}_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            DELETE FROM {ENTRIES} WHERE {its} old.number;
            RETURN old;
        END IF;
        {insert} ON CONFLICT (kind, number) DO UPDATE SET text = excluded.text
            WHERE {ENTRIES}.text <> excluded.text;
        RETURN new;
    END $$""")
    op.execute(
        f"CREATE TRIGGER {table}_said AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_said()"
    )


def _trigger(name: str, when: str, does: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} BEGIN {does} END")
