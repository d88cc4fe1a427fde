// Functions and what is made of them: aggregates, operators, operator classes and families, casts, transforms, text search.

import { qualified, type Source } from './source.ts'

const inSchema = (catalog: string, alias: string, namespace: string): string =>
  `${catalog} ${alias} JOIN spaces n ON n.oid = ${alias}.${namespace}`

const nameOf = (catalog: string, prefix: string, oid: string): string =>
  `(SELECT format('%I.%I', zn.nspname, z.${prefix}name) FROM ${catalog} z JOIN pg_namespace zn ON zn.oid = z.${prefix}namespace WHERE z.oid = ${oid})`

// %I would quote an operator.
const operatorName = (oid: string): string =>
  `(SELECT format('OPERATOR(%I.%s)', zn.nspname, z.oprname) FROM pg_operator z JOIN pg_namespace zn ON zn.oid = z.oprnamespace WHERE z.oid = ${oid})`

const routineKind = `CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END`

const signature = `format('%I.%I(%s)', n.nspname, p.proname, CASE WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*'
    ELSE pg_get_function_identity_arguments(p.oid) END)`

const routineOf = (word: string, column: string): string =>
  `'${word} = ' || nullif(a.${column}::oid, 0)::regproc::text`

const stateOf = (word: string, column: string): string => `'${word} = ' || nullif(a.${column}, 0)`

// Its default depends on the final function: what is said is always right.
const finalModify = (word: string, routine: string, column: string): string =>
  `CASE WHEN a.${routine} <> 0::oid THEN '${word} = ' || CASE a.${column} WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END`

// https://www.postgresql.org/docs/current/sql-createaggregate.html
const aggregate = `(SELECT format(E'CREATE AGGREGATE %s (\\n    %s\\n)', CASE WHEN p.pronargs = 0 THEN ${signature}
      ELSE format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_arguments(p.oid)) END, concat_ws(E',\\n    ',
    ${routineOf('SFUNC', 'aggtransfn')}, 'STYPE = ' || format_type(a.aggtranstype, NULL), ${stateOf('SSPACE', 'aggtransspace')},
    ${routineOf('FINALFUNC', 'aggfinalfn')}, CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
    ${finalModify('FINALFUNC_MODIFY', 'aggfinalfn', 'aggfinalmodify')},
    ${routineOf('COMBINEFUNC', 'aggcombinefn')}, ${routineOf('SERIALFUNC', 'aggserialfn')}, ${routineOf('DESERIALFUNC', 'aggdeserialfn')},
    'INITCOND = ' || quote_literal(a.agginitval), ${routineOf('MSFUNC', 'aggmtransfn')}, ${routineOf('MINVFUNC', 'aggminvtransfn')},
    'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL), ${stateOf('MSSPACE', 'aggmtransspace')}, ${routineOf('MFINALFUNC', 'aggmfinalfn')},
    CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, ${finalModify('MFINALFUNC_MODIFY', 'aggmfinalfn', 'aggmfinalmodify')},
    'MINITCOND = ' || quote_literal(a.aggminitval), 'SORTOP = ' || ${operatorName('a.aggsortop')},
    CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
    CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END))
  FROM pg_aggregate a WHERE a.aggfnoid = p.oid)`

const operatorSignature = `format('%I.%s (%s, %s)', n.nspname, o.oprname, coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'), format_type(o.oprright, NULL))`

const operator = `format('CREATE OPERATOR %I.%s (%s)', n.nspname, o.oprname, concat_ws(', ', 'FUNCTION = ' || o.oprcode,
    'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL), 'RIGHTARG = ' || format_type(o.oprright, NULL),
    'COMMUTATOR = ' || ${operatorName('o.oprcom')}, 'NEGATOR = ' || ${operatorName('o.oprnegate')},
    'RESTRICT = ' || nullif(o.oprrest::oid, 0)::regproc::text, 'JOIN = ' || nullif(o.oprjoin::oid, 0)::regproc::text,
    CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END))`

const method = (oid: string): string =>
  `(SELECT quote_ident(am.amname) FROM pg_am am WHERE am.oid = ${oid})`

const familyMembers = (of: string): string => `
    SELECT 1, r.amopstrategy, format('OPERATOR %s %s (%s, %s)', r.amopstrategy,
      (SELECT format('%I.%s', zn.nspname, z.oprname) FROM pg_operator z JOIN pg_namespace zn ON zn.oid = z.oprnamespace WHERE z.oid = r.amopopr),
      format_type(r.amoplefttype, NULL), format_type(r.amoprighttype, NULL))
      || coalesce(' FOR ORDER BY ' || ${nameOf('pg_opfamily', 'opf', 'nullif(r.amopsortfamily, 0)')}, '')
    FROM pg_amop r JOIN pg_depend md ON md.classid = 'pg_amop'::regclass AND md.objid = r.oid AND ${of}
    UNION ALL SELECT 2, r.amprocnum, format('FUNCTION %s (%s, %s) %s', r.amprocnum, format_type(r.amproclefttype, NULL),
      format_type(r.amprocrighttype, NULL), r.amproc::regprocedure::text)
    FROM pg_amproc r JOIN pg_depend md ON md.classid = 'pg_amproc'::regclass AND md.objid = r.oid AND ${of}`

const membersAs = (of: string): string =>
  `string_agg(members.words, E',\\n    ' ORDER BY members.kind, members.number, members.words COLLATE "C") FROM (${familyMembers(of)}) members(kind, number, words)`

const ofClass = `md.refclassid = 'pg_opclass'::regclass AND md.refobjid = o.oid AND md.deptype = 'i'`
const ofFamily = `md.refclassid = 'pg_opfamily'::regclass AND md.refobjid = f.oid AND md.deptype = 'a'`

const operatorClass = `format(E'CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %s FAMILY %s AS\\n    %s', n.nspname, o.opcname,
    CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END, format_type(o.opcintype, NULL), ${method('o.opcmethod')}, ${nameOf('pg_opfamily', 'opf', 'o.opcfamily')},
    concat_ws(E',\\n    ', 'STORAGE ' || format_type(coalesce(nullif(o.opckeytype, 0), o.opcintype), NULL), (SELECT ${membersAs(ofClass)})))`

const looseMembers = `(SELECT format(E'ALTER OPERATOR FAMILY %I.%I USING %s ADD\\n    ', n.nspname, f.opfname, ${method('f.opfmethod')}) || ${membersAs(ofFamily)}
    HAVING count(*) > 0)`

const cast = `format('CREATE CAST (%s AS %s) %s%s', format_type(k.castsource, NULL), format_type(k.casttarget, NULL),
    CASE k.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT' ELSE 'WITH FUNCTION ' || k.castfunc::regprocedure::text END,
    CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)`

const withFunction = (words: string, oid: string): string =>
  `'${words} WITH FUNCTION ' || nullif(${oid}::oid, 0)::regprocedure::text`

export const routineSources: readonly Source[] = [
  {
    class: 'pg_proc',
    kind: routineKind,
    phase: 'routine',
    from: inSchema('pg_proc', 'p', 'pronamespace'),
    // What comes with a range type is that type's.
    where: `NOT EXISTS (SELECT FROM pg_depend md WHERE md.classid = 'pg_proc'::regclass AND md.objid = p.oid AND md.deptype = 'i')`,
    schema: 'n.nspname',
    name: `p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'`,
    target: `upper(${routineKind}) || ' ' || ${signature}`,
    owner: 'p.proowner',
    statements: `CASE p.prokind WHEN 'a' THEN ${aggregate} ELSE rtrim(pg_get_functiondef(p.oid), E'\\n') END`,
  },
  {
    class: 'pg_operator',
    kind: "'operator'",
    phase: 'routine',
    from: inSchema('pg_operator', 'o', 'oprnamespace'),
    // One that only a commutator names is not there yet.
    where: 'o.oprcode <> 0::oid',
    schema: 'n.nspname',
    name: `o.oprname || '(' || concat_ws(', ', format_type(nullif(o.oprleft, 0), NULL), format_type(o.oprright, NULL)) || ')'`,
    target: `'OPERATOR ' || ${operatorSignature}`,
    owner: 'o.oprowner',
    statements: operator,
  },
  {
    class: 'pg_opfamily',
    kind: "'operator family'",
    phase: 'routine',
    from: inSchema('pg_opfamily', 'f', 'opfnamespace'),
    schema: 'n.nspname',
    name: `f.opfname || ' USING ' || ${method('f.opfmethod')}`,
    target: `format('OPERATOR FAMILY %I.%I USING %s', n.nspname, f.opfname, ${method('f.opfmethod')})`,
    owner: 'f.opfowner',
    statements: `format('CREATE OPERATOR FAMILY %I.%I USING %s', n.nspname, f.opfname, ${method('f.opfmethod')}), ${looseMembers}`,
  },
  {
    class: 'pg_opclass',
    kind: "'operator class'",
    phase: 'routine',
    from: inSchema('pg_opclass', 'o', 'opcnamespace'),
    schema: 'n.nspname',
    name: `o.opcname || ' USING ' || ${method('o.opcmethod')}`,
    target: `format('OPERATOR CLASS %I.%I USING %s', n.nspname, o.opcname, ${method('o.opcmethod')})`,
    owner: 'o.opcowner',
    statements: operatorClass,
  },
  ...textSearchSources(),
]

/** Those that belong to no schema. */
export const castSources: readonly Source[] = [
  {
    class: 'pg_cast',
    kind: "'cast'",
    phase: 'routine',
    from: 'pg_cast k',
    where: `NOT EXISTS (SELECT FROM pg_depend md WHERE md.classid = 'pg_cast'::regclass AND md.objid = k.oid AND md.deptype = 'i')`,
    name: `format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL)`,
    target: `format('CAST (%s AS %s)', format_type(k.castsource, NULL), format_type(k.casttarget, NULL))`,
    statements: cast,
  },
  {
    class: 'pg_transform',
    kind: "'transform'",
    phase: 'routine',
    from: 'pg_transform t JOIN pg_language l ON l.oid = t.trflang',
    name: `format_type(t.trftype, NULL) || ' LANGUAGE ' || l.lanname`,
    target: `format('TRANSFORM FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname)`,
    statements: `format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)', format_type(t.trftype, NULL), l.lanname,
      concat_ws(', ', ${withFunction('FROM SQL', 't.trffromsql')}, ${withFunction('TO SQL', 't.trftosql')}))`,
  },
]

function textSearchSources(): readonly Source[] {
  const sourceOf = (
    catalog: 'pg_ts_config' | 'pg_ts_dict' | 'pg_ts_parser' | 'pg_ts_template',
    prefix: string,
    word: string,
    rest: Pick<Source, 'statements'> & Partial<Pick<Source, 'owner'>>,
  ): Source => ({
    class: catalog,
    kind: `'text search ${word.toLowerCase()}'`,
    phase: 'routine',
    from: inSchema(catalog, 't', `${prefix}namespace`),
    schema: 'n.nspname',
    name: `t.${prefix}name`,
    target: `'TEXT SEARCH ${word} ' || ${qualified('n.nspname', `t.${prefix}name`)}`,
    ...rest,
  })
  const create = (prefix: string, word: string, options: string): string =>
    `format('CREATE TEXT SEARCH ${word} %I.%I (%s)', n.nspname, t.${prefix}name, concat_ws(', ', ${options}))`
  const made = (word: string, column: string): string =>
    `'${word} = ' || nullif(t.${column}::oid, 0)::regproc::text`
  // Of a parser of others, its C function is asked for its token types, as pg_dump does: only a superuser can have made it.
  const mapping = `(SELECT string_agg(format(E'ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', n.nspname, t.cfgname, mapped.alias, mapped.dictionaries),
      E';\\n' ORDER BY mapped.maptokentype) FROM (SELECT cm.maptokentype, tt.alias, string_agg(${nameOf('pg_ts_dict', 'dict', 'cm.mapdict')}, ', ' ORDER BY cm.mapseqno) AS dictionaries
      FROM pg_ts_config_map cm JOIN ts_token_type(t.cfgparser) tt ON tt.tokid = cm.maptokentype WHERE cm.mapcfg = t.oid GROUP BY 1, 2) mapped)`
  return [
    sourceOf('pg_ts_parser', 'prs', 'PARSER', {
      statements: create(
        'prs',
        'PARSER',
        `${made('START', 'prsstart')}, ${made('GETTOKEN', 'prstoken')}, ${made('END', 'prsend')}, ${made('HEADLINE', 'prsheadline')}, ${made('LEXTYPES', 'prslextype')}`,
      ),
    }),
    sourceOf('pg_ts_template', 'tmpl', 'TEMPLATE', {
      statements: create(
        'tmpl',
        'TEMPLATE',
        `${made('INIT', 'tmplinit')}, ${made('LEXIZE', 'tmpllexize')}`,
      ),
    }),
    sourceOf('pg_ts_dict', 'dict', 'DICTIONARY', {
      owner: 't.dictowner',
      statements: create(
        'dict',
        'DICTIONARY',
        `'TEMPLATE = ' || ${nameOf('pg_ts_template', 'tmpl', 't.dicttemplate')}, t.dictinitoption`,
      ),
    }),
    sourceOf('pg_ts_config', 'cfg', 'CONFIGURATION', {
      owner: 't.cfgowner',
      statements: `${create('cfg', 'CONFIGURATION', `'PARSER = ' || ${nameOf('pg_ts_parser', 'prs', 't.cfgparser')}`)}, ${mapping}`,
    }),
  ]
}
