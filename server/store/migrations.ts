/**
 * The database's schema, as numbered steps. A released step is never edited: the next change is a new one.
 *
 * `PRAGMA user_version` holds how many steps a database has taken.
 */
import type Database from 'better-sqlite3'
import { SyncError } from '../../shared/errors.ts'

const MIGRATIONS: readonly string[] = [
  `
  -- One row. The last journal row that was distributed: the first one left continues from it.
  CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    journal_id INTEGER NOT NULL,
    journal_checksum INTEGER NOT NULL,
    probed_at_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO store VALUES (1, 0, 0, 0);

  -- Commits not yet distributed, ids gap-free; see journal-payload.ts.
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  -- What the segments hold of each document; the journal may hold more.
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    head_seq INTEGER NOT NULL,
    packed_seq INTEGER NOT NULL,
    update_bytes INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_change ON documents (updated_at_ms);

  -- The log: runs of updates, gap-free from seq 1 to head_seq; see segment-format.ts.
  CREATE TABLE segments (
    document INTEGER NOT NULL REFERENCES documents (id),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    encoding INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, first_seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshots (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    seq INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    coverage BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE snapshot_chunks (
    document INTEGER NOT NULL REFERENCES snapshots (document) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, position)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who was let in and who changed what people may do, ids gap-free, each hash over the row and the hash before it; see audit.ts.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    action TEXT NOT NULL,
    document TEXT NOT NULL,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_document ON audit (document, action, user);

  -- One row. How many audit rows there are, and the hash of the last.
  CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    entries INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  INSERT INTO audit_head VALUES (1, 0, '');

  -- Share links; of their secrets only the SHA-256.
  CREATE TABLE links (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'commenter', 'editor', 'owner')),
    label TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at_ms INTEGER,
    revoked_at_ms INTEGER,
    secret_hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX links_by_document ON links (document);
  `,
  `
  CREATE TABLE revocations (
    kind TEXT NOT NULL CHECK (kind IN ('token', 'user', 'document')),
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- A snapshot's parts have the positions from first_part on. They refer to no row: those of the next snapshot are
  -- written beside them before the row changes, and theirs are removed after it.
  ALTER TABLE snapshots ADD COLUMN first_part INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE snapshot_parts (
    document INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (document, position)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO snapshot_parts SELECT document, position, payload, checksum FROM snapshot_chunks;
  DROP TABLE snapshot_chunks;
  `,
  `
  -- Documents that are served up to good_seq only, since what follows cannot be applied; is_kept: found so, and served all the same.
  CREATE TABLE quarantines (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    since_ms INTEGER NOT NULL,
    good_seq INTEGER NOT NULL,
    bad_seqs TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    is_kept INTEGER NOT NULL
  ) STRICT;

  -- Updates that an operator dropped: their clocks count, their content does not.
  CREATE TABLE dropped_updates (
    document INTEGER NOT NULL REFERENCES documents (id),
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    dropped_by TEXT NOT NULL,
    PRIMARY KEY (document, seq)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The user whose update first used a client id. The document may not have its row yet.
  CREATE TABLE client_owners (
    document INTEGER NOT NULL,
    client INTEGER NOT NULL,
    user TEXT NOT NULL,
    PRIMARY KEY (document, client)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How large a snapshot is before compression; 0 where that was not counted yet.
  ALTER TABLE snapshots ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The bytes of large updates; see parts.ts. Those whose commit did not come about, or not yet, are unfinished.
  CREATE TABLE parts (
    id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unfinished_parts (id INTEGER PRIMARY KEY) STRICT;

  -- How the runs of a commit are encoded; see segment-format.ts.
  ALTER TABLE journal ADD COLUMN encoding INTEGER NOT NULL DEFAULT 0;
  `,
]

/** Brings the database up to date. Throws `unsupported-runtime` when a newer Weft wrote it. */
export function migrate(database: Database.Database): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    throw new SyncError(
      'unsupported-runtime',
      `${database.name} has format ${version}; this version of Weft reads up to ${MIGRATIONS.length}. Run the newer Weft that wrote it.`,
    )
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    database.transaction(() => {
      database.exec(sql)
      database.pragma(`user_version = ${index + 1}`)
    })()
  }
}
