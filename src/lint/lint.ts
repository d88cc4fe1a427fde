// The entry point of this module: all files in their order, every rule at every statement, less what the files allow. Pure: the
// parser is handed in. All files are read even when only some are asked about, because hazards depend on what was before.

import type { Contract } from '../contract/contract.ts'
import { objectKey, type Effect } from '../schema/effects/effect.ts'
import { relationObject } from '../schema/effects/scope.ts'
import { readHistory, type ReadMigration } from '../schema/history/history.ts'
import type { Model } from '../schema/history/model/model.ts'
import type { Migration } from '../migrations/migration.ts'
import { placeAt } from '../sql/text/offsets.ts'
import type { Parse, ParseResult } from '../sql/tree/parse.ts'
import { applyAllowances } from './allow.ts'
import { makeEarlier, type GrowingEarlier } from './subject/earlier.ts'
import type { Finding } from './finding.ts'
import { lossRulesOf } from './loss-rules.ts'
import type { RuleFinding, Rule } from './rule.ts'
import { rules } from './rules/rules.ts'
import { unreadableFile } from './rules/file/unreadable-file.ts'
import { resolve, textOf, type Subject } from './subject/subject.ts'
import { definedElsewhere } from './subject/defined-elsewhere.ts'
import { wholeHistoryOf } from './subject/whole-history.ts'

export type LintOptions = {
  /** Of services: to rename or drop what they name is an error. */
  readonly contracts?: readonly Contract[]
  /** The files of migrations/objects/, which are not part of what is looked at. */
  readonly objects?: readonly Migration[]
  /** Rules that are looked for only when they are asked for. */
  readonly also?: readonly NonNullable<Rule['onlyWith']>[]
}

/** In the order of the files and of the places in them. */
export const lint = (
  migrations: readonly Migration[],
  parse: Parse,
  options: LintOptions = {},
): readonly Finding[] => [...lintEach(migrations, parse, options).values()].flat()

/** Of each migration, of which a file may have several. */
type Findings = ReadonlyMap<Migration, readonly Finding[]>

/** In the order of the files, and each in the order of the places in it. */
export const lintEach = (
  migrations: readonly Migration[],
  parse: Parse,
  { contracts = [], objects = [], also = [] }: LintOptions = {},
): Findings => {
  const silent = rules
    .filter(({ onlyWith }) => onlyWith !== undefined && !also.includes(onlyWith))
    .map(({ id }) => id)
  const remembered = remember(parse)
  const last: { model?: Model } = {}
  // First what becomes of everything in the end, then each statement in its own time.
  const history = readHistory(migrations, {
    parse: remembered,
    onStatement: (_statement, _migration, model) => {
      last.model = model
    },
  })
  const wholeHistory = wholeHistoryOf(
    history,
    last.model,
    contracts,
    definedElsewhere(migrations, objects, remembered),
  )
  const files = new Map(migrations.map((migration, at) => [migration, openFile(migration, at)]))
  readHistory(migrations, {
    parse: remembered,
    onStatement: (statement, migration, model, searchPath) => {
      const file = files.get(migration)
      if (file === undefined) return
      const { at, earlier, made, findings } = file
      const siblings = history.migrations[at]?.statements ?? []
      const subject = {
        ...{ migration, at, statement, siblings, earlier },
        ...{ model, searchPath, made, wholeHistory },
      }
      for (const rule of rules)
        for (const found of rule.check(subject)) findings.push(toFinding(rule, migration, found))
      rememberMade(subject, made)
      earlier.add(statement, textOf(subject))
    },
  })
  const findingsOf = ({
    migration,
    unreadable,
    statements,
    embedded,
  }: ReadMigration): Finding[] => {
    const found = files.get(migration)?.findings ?? []
    if (unreadable !== undefined)
      found.push(toFinding(unreadableFile, migration, unreadableFile.found(unreadable)))
    // What a file allows of a rule that nobody asks for is not needless.
    return applyAllowances(migration, found, lossRulesOf(statements ?? [embedded]))
      .filter(({ rule }) => !silent.includes(rule))
      .sort(byPlace)
  }
  return new Map(history.migrations.map((read) => [read.migration, findingsOf(read)]))
}

type OpenFile = {
  readonly at: number
  readonly earlier: GrowingEarlier
  readonly made: Set<string>
  readonly findings: Finding[]
}

const openFile = (_migration: Migration, at: number): OpenFile => ({
  at,
  earlier: makeEarlier(),
  made: new Set(),
  findings: [],
})

const remember = (parse: Parse): Parse => {
  const results = new Map<string, ParseResult>()
  return (text) => {
    const result = results.get(text) ?? parse(text)
    results.set(text, result)
    return result
  }
}

const toFinding = (
  { id, level, effect }: Pick<Rule, 'id' | 'level' | 'effect'>,
  { file, text }: Migration,
  { index, message, cure }: RuleFinding,
): Finding => ({
  rule: id,
  level,
  file,
  place: placeAt(file, text, index),
  message,
  effect,
  cure,
})

const rememberMade = (subject: Subject, made: Set<string>): void => {
  const { statement, model } = subject
  const isThere = (effect: Effect): boolean => model.find(effect.object)?.isPresent === true
  for (const effect of statement.effects) {
    if (effect.kind === 'create' && !isThere(effect)) made.add(objectKey(effect.object))
    if (effect.kind === 'rename' && made.has(objectKey(effect.object)))
      made.add(objectKey(effect.to))
  }
  const { node } = statement
  const range =
    'CreateStmt' in node
      ? node.CreateStmt.relation
      : 'CreateTableAsStmt' in node
        ? node.CreateTableAsStmt.into?.rel
        : undefined
  // A temporary table hides another of its name, and has no effect on the schema.
  if (range?.relpersistence === 't')
    made.add(objectKey(relationObject('table', resolve(subject, range))))
}

const byPlace = (a: Finding, b: Finding): number =>
  a.place.line - b.place.line || a.place.column - b.place.column
