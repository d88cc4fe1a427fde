import { describe, expect, test } from '@jest/globals'
import { endOf } from './history-lines.ts'

describe('names are found along the search path:', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        'SET search_path = app, public; CREATE TABLE t (a int); CREATE TABLE public.u (a int); CREATE INDEX i ON u (a)',
      ],
      [
        'column app.t.a type: int4',
        'column u.a type: int4',
        'index i definition: INDEX ON u USING btree (a)',
      ],
    ],
    [
      ['SET LOCAL search_path TO app; CREATE TABLE t (a int)', 'CREATE TABLE t (a int)'],
      ['column app.t.a type: int4', 'column t.a type: int4'],
    ],
    [
      [
        'SET search_path = app; CREATE TABLE t (a int); RESET search_path; CREATE TABLE u (a int); SET search_path = app; RESET ALL; CREATE TABLE v (a int); SET search_path = app; SET search_path TO DEFAULT; CREATE TABLE w (a int)',
      ],
      [
        'column app.t.a type: int4',
        'column u.a type: int4',
        'column v.a type: int4',
        'column w.a type: int4',
      ],
    ],
    [
      [
        "SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE app.t (a int); CREATE INDEX i ON app.t (a)",
      ],
      ['column app.t.a type: int4', 'index app.i definition: INDEX ON app.t USING btree (a)'],
    ],
    [
      [`SELECT set_config('search_path', 'App, "Big", public', true); CREATE TABLE t (a int)`],
      ['column app.t.a type: int4'],
    ],
    [['SET search_path = "$user", app; CREATE TABLE t (a int)'], ['column app.t.a type: int4']],
    [["SET SCHEMA 'app'; CREATE TABLE t (a int)"], ['column app.t.a type: int4']],
    [
      ['CREATE TABLE t (a int); ALTER TABLE public.t ADD b int; ALTER TABLE t ADD c int'],
      ['column t.a type: int4', 'column t.b type: int4', 'column t.c type: int4'],
    ],
    [
      ['CREATE TABLE "T" ("A" int); ALTER TABLE "T" RENAME "A" TO a; ALTER TABLE t ADD b int'],
      ['column T.a type: int4', 'column t.b type: int4'],
    ],
    [
      ['CREATE SCHEMA app CREATE TABLE t (a int UNIQUE) CREATE INDEX ON t (a)'],
      [
        'column app.t.a type: int4',
        'constraint app.t.t_a_key definition: UNIQUE (a)',
        'index app.t_a_idx definition: INDEX ON app.t USING btree (a)',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
