// Files as other tools' users write them, each with the part that its own tool would run when it goes up.

export type ForeignFile = {
  readonly tool: string
  readonly text: string
  /** What is left of it when its cure was followed. */
  readonly up: string
}

const make = 'CREATE TABLE IF NOT EXISTS customer (id int PRIMARY KEY);\n'
const take = 'DROP TABLE IF EXISTS customer;\n'
const off = '-- @transaction off\n'

const halves = (tool: string, up: string, down: string): ForeignFile => ({
  tool,
  text: `${up}\n${make}${down}\n${take}`,
  up: make,
})

export const foreignFiles: readonly ForeignFile[] = [
  halves('goose', '-- +goose Up', '-- +goose Down'),
  halves('goose', '--+goose up ', '  --  +GOOSE   DOWN'),
  {
    tool: 'goose',
    text: `-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\n${make}-- +goose StatementEnd\n\n-- +goose Down\n-- +goose StatementBegin\n${take}-- +goose StatementEnd\n`,
    up: `${off}${make}\n`,
  },
  halves('dbmate', '-- migrate:up', '-- migrate:down'),
  halves('dbmate', '--migrate:up', '-- migrate:down foo:bar'),
  {
    tool: 'dbmate',
    text: `-- migrate:up transaction:false\n${make}-- migrate:down\n${take}-- migrate:up\nSELECT 2;\n-- migrate:down\nSELECT 3;\n`,
    up: `${off}${make}SELECT 2;\n`,
  },
  halves('node-pg-migrate', '-- Up Migration', '-- Down Migration'),
  halves('node-pg-migrate', '--- -- UP  migrations go here', '  ---- down migration ----'),
  { tool: 'node-pg-migrate', text: `${make}-- Down Migration\n${take}`, up: make },
  { tool: 'tern', text: `${make}---- create above / drop below ----\n${take}`, up: make },
  {
    tool: 'tern',
    text: `---- tern: disable-tx ----\n${make}\n---- create above / drop below ----\n\n${take}`,
    up: `${off}${make}\n`,
  },
  halves('sql-migrate', '-- +migrate Up', '-- +migrate Down'),
  {
    tool: 'sql-migrate',
    text: `-- +migrate Up notransaction\n-- +migrate StatementBegin\n${make}-- +migrate StatementEnd\n-- +migrate Down\n${take}`,
    up: `${off}${make}`,
  },
  halves('micrate', '-- +micrate Up', '-- +micrate Down'),
  halves('rockhopper', '-- +up', '-- +down'),
  halves('another tool', '-- +nomad up', '-- +nomad down'),
  {
    tool: 'MyBatis Migrations',
    text: `-- // make it\n${make}-- //@UNDO\n${take}`,
    up: `-- // make it\n${make}`,
  },
  {
    tool: 'MyBatis Migrations',
    text: `${make}--//@UNDO\n-- SQL to undo the change goes here.\n${take}`,
    up: make,
  },
  halves('rambler', '-- rambler up', '-- rambler down'),
  halves('Play evolutions', '-- !Ups', '-- !Downs'),
  halves('Aerich', '-- upgrade --', '-- downgrade --'),
  {
    tool: 'Liquibase',
    text: `--liquibase formatted sql\n\n--changeset ann:1 dbms:postgresql\n${make}--rollback ${take}`,
    up: `\n${make}--rollback ${take}`,
  },
  { tool: 'Liquibase', text: `-- Liquibase formatted SQL\n${make}`, up: make },
  {
    tool: 'graphile-migrate',
    text: `--! Previous: -\n--! Hash: sha1:2420a9a32121ea4d394a77f40941e9a264256f22\n--! Message: x\n\n${make}`,
    up: `\n${make}`,
  },
  { tool: 'graphile-migrate', text: `--! no-transaction\n${make}`, up: `${off}${make}` },
  { tool: 'Atlas', text: `-- atlas:txmode none\n\n${make}`, up: `${off}\n${make}` },
  { tool: 'sqlx', text: `-- no-transaction\n${make}`, up: `${off}${make}` },
  { tool: 'yoyo', text: `-- transactional: false\n${make}`, up: `${off}${make}` },
  {
    tool: 'another tool',
    text: `-- ==== UP ====\n${make}-- ==== DOWN ====\n${take}`,
    up: `-- ==== UP ====\n${make}`,
  },
  { tool: 'another tool', text: `${make}\n-- DOWN\n\n${take}`, up: `${make}\n` },
  { tool: 'another tool', text: `${make}-- @UNDO\n-- takes it away again\n${take}`, up: make },
  { tool: 'another tool', text: `${make}-- Rollback script:\n${take}`, up: make },
]

/** Only undo, or cannot be cut by a command; `cure` is what the fix begins with. */
export const uncut: readonly (Omit<ForeignFile, 'up'> & { readonly cure: string })[] = [
  {
    tool: 'sqitch',
    text: `-- Revert app:customer from pg\n\nBEGIN;\n${take}COMMIT;\n`,
    cure: 'Nothing in it goes up.',
  },
  { tool: 'goose', text: `-- +goose Down\n${take}`, cure: 'Nothing in it goes up.' },
  {
    tool: 'goose',
    text: `-- +goose ENVSUB ON\n-- +goose Up\nSELECT '\${X}';\n`,
    cure: "Write out what '-- +goose ENVSUB ON' stands for",
  },
  {
    tool: 'graphile-migrate',
    text: `--!include functions/f.sql\n`,
    cure: "Write out what '--!include functions/f.sql'",
  },
  {
    tool: 'Atlas',
    text: `-- atlas:checkpoint\n${make}`,
    cure: "Write out what '-- atlas:checkpoint'",
  },
  {
    tool: 'tern',
    text: `SELECT 1; ---- create above / drop below ----\n${take}`,
    cure: 'Keep only the part that goes up: delete by hand lines 1 to 2.',
  },
]

/** What runs exactly as its tool would run it, and what only looks like a marker. */
export const ours: readonly string[] = [
  `${make}--> statement-breakpoint\nSELECT 1;\n`,
  `-- atlas:nolint destructive\n${make}`,
  `-- Deploy app:customer to pg\n${make}`,
  `${make}--;;\nSELECT 1;\n`,
  `-- goose ran this before; up and down are gone\n${make}`,
  `-- + tidy up\n-- + up to ten rows\n${make}`,
  `INSERT INTO docs VALUES ('\n-- +goose Down\nDROP TABLE x;\n');\n`,
  `COMMENT ON TABLE t IS $x$\n-- migrate:down\n$x$;\n`,
  `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n-- Down Migration\nNULL; END $$;\n`,
  `${make}/*\n-- migrate:down\n${take}*/\n`,
  `${make}-- Rollback:\n-- ${take}`,
  `${make}-- ===== DOWN =====\n-- ${take}\nSELECT 1;\n`,
  `-- the services must be\n-- down\n${make}`,
  `-- revert the change of 0005\n${make}`,
  `-- Rollback\n\n${make}`,
  `/* why */\n-- ==== UNDO ====\n${make}`,
  `-- migrate users up to v2\n${make}`,
  `-- this needs\n-- no-transaction\n${make}`,
  `-- message: hello\n-- previous: 1\n${make}`,
  `-- changeset of the week\n${make}`,
  `-- rolls up the counters\n-- scale down: none\n${make}`,
]
