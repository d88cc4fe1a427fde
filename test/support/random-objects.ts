// Random objects of every kind that files define, and what is done to them.

import * as fc from 'fast-check'
import type { Files } from './gate.ts'
import { role } from './object-kinds.ts'

const most = 6

// A type with a function to cast to it, and a schema, for each number.
export const base: Files = {
  '0001_base.sql': `CREATE SCHEMA app; CREATE TABLE app.base (a int, b text);
CREATE FUNCTION app.told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
${Array.from(
  { length: most },
  (_, at) => `CREATE SCHEMA s${at}; CREATE TYPE app.t${at} AS (a int);
CREATE FUNCTION app.c${at}(int) RETURNS app.t${at} LANGUAGE sql AS $$ SELECT ROW($1)::app.t${at} $$;
CREATE FUNCTION app.d${at}(int) RETURNS app.t${at} LANGUAGE sql AS $$ SELECT ROW(-$1)::app.t${at} $$;`,
).join('\n')}
`,
}

export type RandomObject = {
  readonly kind: keyof typeof kinds
  /** Names an object of a lower number, or the table. */
  readonly on: number
  /** Another one is another definition. */
  readonly variant: number
}

type Text = {
  readonly make: (at: number, variant: number, lower: string) => string
  readonly drop: (at: number) => string
  /** As reports name it. */
  readonly called: (at: number) => string
  /** As a column of a view. */
  readonly use?: (at: number) => string
}

const choose = (variant: number, ...choices: readonly string[]): string =>
  choices[variant % choices.length] ?? ''

const values = ['1', "'x'::text", '2.5', 'now()::date'] as const
const types = ['int', 'text', 'numeric', 'date'] as const
const sign = (at: number): string => `=${'#'.repeat(at + 1)}`

const viewOf = (kind: 'VIEW' | 'MATERIALIZED VIEW'): Text => ({
  make: (at, variant, lower) =>
    `CREATE ${kind} app.o${at} AS SELECT ${choose(variant, 'x.a', 'x.*', 'x.a', '*')}, ${values[variant] ?? '1'} AS v${lower === '' ? '' : `, ${lower} AS c`} FROM app.base x;
GRANT SELECT ON app.o${at} TO PUBLIC;\n`,
  called: (at) => `${kind.toLowerCase()} app.o${at}`,
  drop: (at) => `DROP ${kind} IF EXISTS app.o${at} CASCADE`,
  use: (at) => `(SELECT count(*) FROM app.o${at})`,
})

const kinds = {
  view: viewOf('VIEW'),
  'materialized view': viewOf('MATERIALIZED VIEW'),
  function: {
    make: (at, variant) =>
      `CREATE FUNCTION app.o${at}() RETURNS ${types[variant] ?? 'int'} LANGUAGE sql AS $$ SELECT ${values[variant] ?? '1'} $$;\n`,
    called: (at) => `function app.o${at}()`,
    drop: (at) => `DROP FUNCTION IF EXISTS app.o${at} CASCADE`,
    use: (at) => `app.o${at}()`,
  },
  aggregate: {
    make: (at, variant) =>
      `CREATE AGGREGATE app.o${at}(${choose(variant, 'int', 'n int')}) (SFUNC = ${choose(variant, 'int4pl', 'int4larger', 'int4mi')}, STYPE = int, INITCOND = '${variant}');\n`,
    called: (at) => `aggregate app.o${at}(`,
    drop: (at) => `DROP AGGREGATE IF EXISTS app.o${at}(int) CASCADE`,
    use: (at) => `(SELECT app.o${at}(a) FROM app.base)`,
  },
  operator: {
    make: (at, variant) =>
      `CREATE OPERATOR app.${sign(at)} (FUNCTION = ${choose(variant, 'int4eq', 'int4ne', 'int4eq')}, LEFTARG = int, RIGHTARG = int${choose(variant, '', `, COMMUTATOR = OPERATOR(app.${sign(at)})`, ', RESTRICT = eqsel')});
${choose(variant, `COMMENT ON OPERATOR app.${sign(at)} (int, int) IS 'x';\n`, '')}`,
    called: (at) => `operator app.${sign(at)}(integer, integer)`,
    drop: (at) => `DROP OPERATOR IF EXISTS app.${sign(at)} (int, int) CASCADE`,
    use: (at) => `1 OPERATOR(app.${sign(at)}) 2`,
  },
  cast: {
    make: (at, variant) =>
      `CREATE CAST (int AS app.t${at}) WITH FUNCTION app.${choose(variant, 'c', 'd')}${at}(int)${choose(variant, '', ' AS ASSIGNMENT', ' AS IMPLICIT')};\n`,
    called: (at) => `cast integer AS app.t${at}`,
    drop: (at) => `DROP CAST IF EXISTS (int AS app.t${at}) CASCADE`,
    use: (at) => `1::app.t${at}`,
  },
  dictionary: {
    make: (at, variant) =>
      `CREATE TEXT SEARCH DICTIONARY app.o${at} (${choose(variant, 'TEMPLATE = simple', 'TEMPLATE = simple, STOPWORDS = english', 'TEMPLATE = simple, ACCEPT = false', 'TEMPLATE = snowball, LANGUAGE = german')});\n`,
    called: (at) => `text search dictionary app.o${at}`,
    drop: (at) => `DROP TEXT SEARCH DICTIONARY IF EXISTS app.o${at} CASCADE`,
    use: (at) => `ts_lexize('app.o${at}', 'x')`,
  },
  configuration: {
    make: (at, variant) =>
      `CREATE TEXT SEARCH CONFIGURATION app.o${at} (${choose(variant, 'COPY = simple', 'COPY = english', 'PARSER = "default"')});
${choose(variant, '', `ALTER TEXT SEARCH CONFIGURATION app.o${at} ALTER MAPPING FOR word, email WITH english_stem;\n`, `ALTER TEXT SEARCH CONFIGURATION app.o${at} ADD MAPPING FOR word WITH simple;\n`)}`,
    called: (at) => `text search configuration app.o${at}`,
    drop: (at) => `DROP TEXT SEARCH CONFIGURATION IF EXISTS app.o${at} CASCADE`,
    use: (at) => `to_tsvector('app.o${at}', 'x')`,
  },
  'event trigger': {
    make: (at, variant) =>
      `CREATE EVENT TRIGGER o${at} ON ${choose(variant, 'sql_drop', 'ddl_command_end')} EXECUTE FUNCTION app.told();
${choose(variant, '', '', `ALTER EVENT TRIGGER o${at} DISABLE;\n`)}`,
    called: (at) => `event trigger o${at}`,
    drop: (at) => `DROP EVENT TRIGGER IF EXISTS o${at}`,
  },
  privileges: {
    make: (at, variant) =>
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA s${at} GRANT ${choose(variant, 'SELECT', 'ALL', 'INSERT, UPDATE')} ON TABLES TO ${choose(variant, 'PUBLIC', 'pg_monitor')};\n`,
    called: (at) => `default privileges s${at}.tables of ${role}`,
    drop: (at) =>
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA s${at} REVOKE ALL ON TABLES FROM PUBLIC, pg_monitor`,
  },
} as const satisfies Readonly<Record<string, Text>>

/** What somebody does by hand, as SQL, with what reports say of it. Undefined where it comes to the same. */
export const byHandOn = (
  objects: readonly RandomObject[],
  { at, how }: ByHand,
): { readonly sql: string; readonly called: string } | undefined => {
  const { kind, variant } = objects[at] ?? { kind: 'view' as const, variant: 0 }
  const { make, drop, called } = kinds[kind]
  // A comment that no file speaks of would stay.
  const [own, other] = [variant, (variant + 1) % 4].map((each) =>
    make(at, each, '').replace(/^COMMENT.*$/m, ''),
  )
  if (how === 'changed' && other === own) return undefined
  return {
    sql: `${drop(at)};\n${how === 'changed' ? (other ?? '') : ''}`,
    called: called(at),
  }
}

export type ByHand = { readonly at: number; readonly how: 'dropped' | 'changed' }

const textOf = (objects: readonly RandomObject[], at: number): string => {
  const { kind, on, variant } = objects[at] ?? { kind: 'view', on: 0, variant: 0 }
  const lower = on % (at + 1)
  const used: Text | undefined = lower === at ? undefined : kinds[objects[lower]?.kind ?? 'view']
  return kinds[kind].make(at, variant, used?.use?.(lower) ?? '')
}

export const filesOf = (objects: readonly RandomObject[]): Files =>
  // Names against the order of their needs.
  Object.fromEntries(objects.map((_, at) => [`objects/${9 - at}.sql`, textOf(objects, at)]))

const chosenKinds = fc.constantFrom(
  ...(['view', 'view', ...Object.keys(kinds)] as readonly RandomObject['kind'][]),
)
const rest = fc.record({ on: fc.nat(9), variant: fc.nat(3) })

/** Objects before and after an edit of their files, and what somebody does in between. */
export const histories = fc
  .array(chosenKinds, { minLength: 2, maxLength: most })
  .chain((chosen) => {
    const once = fc.tuple(
      ...chosen.map((kind) => rest.map((more): RandomObject => ({ ...more, kind }))),
    )
    return fc.record({
      before: once,
      after: once,
      byHand: fc.uniqueArray(
        fc.record({
          at: fc.nat(chosen.length - 1),
          how: fc.constantFrom('dropped' as const, 'changed' as const),
        }),
        { maxLength: 3, selector: ({ at }) => at },
      ),
    })
  })
