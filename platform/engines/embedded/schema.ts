/** Raised with every change of `SCHEMA`. */
export const SCHEMA_VERSION = 1;

/** Everything that the file holds. No secret is in it, so that a copy of it gives no key away. */
export const SCHEMA = `
  CREATE TABLE messages (
    -- never given twice, so that the receipt of a deleted message can't name another one
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    group_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX messages_by_time ON messages (queue, visible_at);
  CREATE INDEX messages_by_group ON messages (queue, group_id, visible_at);

  CREATE TABLE items (
    table_name TEXT NOT NULL,
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (table_name, partition, sort)
  );
  CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE rules (
    name TEXT PRIMARY KEY,
    every_ms INTEGER NOT NULL,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    due_at INTEGER NOT NULL
  )
`;
