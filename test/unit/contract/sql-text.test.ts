import { describe, expect, test } from '@jest/globals'
import { sameSqlText } from '../../../src/contract/sql-text.ts'

// On the right is what pg_get_expr(), pg_get_indexdef() and pg_get_constraintdef() of PostgreSQL 15 write.
describe('the same words', () => {
  test.each([
    ['now()', 'now()'],
    ['NOW()', 'now()'],
    [' now ( ) ', 'now()'],
    ['0', '0'],
    ['current_timestamp', 'CURRENT_TIMESTAMP'],
    ["'inbound'", "'inbound'::character varying"],
    ["'inbound'", "'inbound'::text"],
    ["'inbound'::varchar(64)", "'inbound'::character varying"],
    ["'{}'", "'{}'::jsonb"],
    ["'{}'", "'{}'::text[]"],
    ["'0'", "'0'::numeric(10,2)"],
    ["'it''s'", "'it''s'::text"],
    ["'queued'", "'queued'::public.call_status"],
    ["'queued'", '\'queued\'::"My App"."Status"'],
    ["'a::b'", "'a::b'::text"],
    ["nextval('call_log_id_seq'::regclass)", "nextval('call_log_id_seq'::regclass)"],
    ['btree (sid)', 'btree (sid)'],
    ['BTREE(sid,ts  desc)', 'btree (sid, ts DESC)'],
    ["btree (sid)\n  where status='queued'", "btree (sid) WHERE status = 'queued'"],
    ['gin (j jsonb_path_ops)', 'gin (j jsonb_path_ops)'],
    ['gin (name public.gin_trgm_ops)', 'gin (name gin_trgm_ops)'],
    ['btree ("Sid")', 'btree ("Sid")'],
    ['unique(sid)', 'UNIQUE (sid)'],
    ['primary key (a,b)', 'PRIMARY KEY (a, b)'],
    [
      'foreign key (id) references call_log (id) on delete cascade',
      'FOREIGN KEY (id) REFERENCES public.call_log(id) ON DELETE CASCADE',
    ],
    ['CHECK (attempts >= 0)', 'CHECK ((attempts >= 0))'],
    ['check(attempts>=0)', 'CHECK ((attempts >= 0))'],
    ['CHECK ((attempts >= 0))', 'CHECK ((attempts >= 0))'],
    ['CHECK ((a > 0) OR (b > 0))', 'CHECK (((a > 0) OR (b > 0)))'],
    ["CHECK (sid <> '((')", "CHECK ((sid <> '(('))"],
    ['CHECK ("a)" > 0)', 'CHECK (("a)" > 0))'],
  ])('%j are those of %j', (contract, found) => {
    expect(sameSqlText(contract, found, ['public'])).toBe(true)
    expect(sameSqlText(found, contract, ['public'])).toBe(true)
  })
})

describe('other words', () => {
  test.each([
    ['now()', 'clock_timestamp()'],
    ['0', '1'],
    ["'inbound'", "'Inbound'"],
    ["'inbound'", "'inbound '"],
    ["'a  b'", "'a b'"],
    ["'a( b'", "'a(b'"],
    ["'public.a'", "'a'"],
    ["'a'", "('a'::text || 'b'::text)"],
    ["'a' || 'b'::text", "'a'"],
    ["'a'::text || 'b'::text", "'a'::text || 'c'::text"],
    ['"Sid"', 'sid'],
    ['"SID"', '"sid"'],
    ['btree (sid)', 'btree (sid DESC)'],
    ['btree (a, b)', 'btree (b, a)'],
    ['btree (sid)', 'hash (sid)'],
    ['btree (sid)', "btree (sid) WHERE status = 'queued'"],
    ["btree (a) WHERE b = 'X'", "btree (a) WHERE b = 'x'"],
    ['UNIQUE (a)', 'UNIQUE NULLS NOT DISTINCT (a)'],
    ['CHECK (a > 0)', 'CHECK ((a >= 0))'],
    ['CHECK (a > 0)', 'CHECK ((a > 0)) NO INHERIT'],
    ['CHECK ((a) OR (b))', 'CHECK (a) OR (b)'],
    ['CHECK ((a OR b) AND (c))', 'CHECK (a OR b AND c)'],
    ['FOREIGN KEY (a) REFERENCES app.t(id)', 'FOREIGN KEY (a) REFERENCES public.t(id)'],
    ['FOREIGN KEY (a) REFERENCES "public.t"(id)', 'FOREIGN KEY (a) REFERENCES t(id)'],
    ['FOREIGN KEY (a) REFERENCES xpublic.t(id)', 'FOREIGN KEY (a) REFERENCES t(id)'],
    ['a b', 'ab'],
    ['isnotnull', 'is not null'],
  ])('%j are not those of %j', (contract, found) => {
    expect(sameSqlText(contract, found, ['public'])).toBe(false)
    expect(sameSqlText(found, contract, ['public'])).toBe(false)
  })

  test('are those of public, where names are not looked for there', () => {
    const found = 'FOREIGN KEY (a) REFERENCES public.t(id)'
    expect(sameSqlText('FOREIGN KEY (a) REFERENCES t(id)', found, ['app'])).toBe(false)
    expect(sameSqlText('FOREIGN KEY (a) REFERENCES public.t(id)', found, ['app'])).toBe(true)
  })
})

test('a very long text is compared at once', () => {
  const started = performance.now()
  for (const text of ["'", '"', ' ', '(', ')', "''", "'::a", 'check((', '.'])
    sameSqlText(`'a'::b${text.repeat(20_000)}x`, `check((${text.repeat(20_000)}))`, ['public'])
  expect(performance.now() - started).toBeLessThan(2_000)
})
