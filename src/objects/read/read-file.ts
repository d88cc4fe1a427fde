// One file, read by the parser: does it define one object, and is all the rest of it about that one?

import { problem, type Problem } from '../../errors/problem.ts'
import { directiveLines, mistyped } from '../../migrations/directives/directives.ts'
import type { Deparse } from '../../sql/tree/deparse.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import { stringsOf, withoutPlaces } from '../../sql/tree/tree.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import type { ObjectText } from '../load.ts'
import type { ObjectFile, ObjectStatement } from '../object-file.ts'
import { subjectOf } from './subject.ts'
import type { Subject } from './subject-parts.ts'

export type ReadObjects = {
  readonly files: readonly ObjectFile[]
  /** Those that only say '@drop'. */
  readonly removed: readonly ObjectText[]
  readonly problems: readonly Problem[]
}

type Reader = { readonly parse: Parse; readonly deparse: Deparse }

export const readObjects = (objects: readonly ObjectText[], reader: Reader): ReadObjects => {
  const files: ObjectFile[] = []
  const removed: ObjectText[] = []
  const problems: Problem[] = []
  for (const object of objects) {
    const read = readOne(object, reader)
    if ('code' in read) problems.push(read)
    else if ('defines' in read) files.push(read)
    else removed.push(read)
  }
  return { files, removed, problems }
}

const directives = ['drop']
const ofMigrations = [
  'transaction',
  'lock-timeout',
  'statement-timeout',
  'fingerprint',
  'verify',
  'allow',
]

const readOne = (
  object: ObjectText,
  { parse, deparse }: Reader,
): ObjectFile | ObjectText | Problem => {
  const { file, text } = object
  const refuse = (reason: string, at = 0): Problem =>
    problem('not-an-object-file', { file, reason }, placeAt(file, text, at))
  const slip = badDirective(object)
  if (slip !== undefined) return slip
  const parsed = parse(text)
  if (parsed.kind === 'unreadable')
    return refuse(`PostgreSQL's parser cannot read it: ${parsed.message}`, parsed.index)
  const statements = parsed.statements.map(({ node, start, end }): ObjectStatement => {
    const begin = beginOf(text, start)
    return { node, start: begin, text: text.slice(begin, end) }
  })
  const [first] = statements
  if (first === undefined)
    return object.leavings === 'dropped' ? object : refuse('it has no statement')
  const subjects: Subject[] = []
  for (const statement of statements) {
    const subject = subjectOf(statement)
    if (typeof subject === 'string') return refuse(subject, statement.start)
    subjects.push(subject)
  }
  const made = subjects.findIndex(({ role }) => role === 'makes')
  const about = subjects[Math.max(made, 0)]
  if (about === undefined) return refuse('it has no statement')
  const isSame = sameAs(about)
  const other = subjects.findIndex(
    (each, at) => at !== made && (each.role === 'makes' || !isSame(each)),
  )
  const kind = about.kind === 'relation' ? 'table' : about.kind
  if (other !== -1)
    return refuse(
      `it is about two objects: ${wordsOf(about)} and ${wordsOf(subjects[other])}`,
      statements[other]?.start,
    )
  if (kind === 'routine' || (made === -1 && kind !== 'table' && kind !== 'default privileges'))
    return refuse(`it has no CREATE for the ${kind} that it is about`, first.start)
  const argumentTypes = (about.types ?? []).map((type) => deparse.type(type))
  if (argumentTypes.includes(undefined))
    return refuse(
      'an argument has a type without a name of its own, such as %TYPE',
      statements[made]?.start,
    )
  return {
    ...object,
    defines: {
      ...{ kind, schema: about.schema, relation: about.relation, name: about.name },
      argumentTypes: argumentTypes.filter((each) => each !== undefined),
      role: about.implied,
    },
    main: statements[made],
    belongings: statements.filter((_, at) => at !== made),
  }
}

const badDirective = ({ file, text }: ObjectText): Problem | undefined => {
  for (const line of directiveLines(file, text)) {
    if (directives.includes(line.name)) continue
    if (ofMigrations.includes(line.name))
      return problem(
        'not-an-object-file',
        { file, reason: `@${line.name} is for migrations` },
        line.place,
      )
    const [slip] = mistyped(line, directives)
    if (slip !== undefined) return slip
  }
  return undefined
}

/** Without the comments in front of it. */
const beginOf = (text: string, start: number): number => {
  const blank = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text.slice(start))
  return start + (blank?.[0].length ?? 0)
}

const sameAs =
  (one: Subject) =>
  (other: Subject): boolean =>
    one.schema === other.schema &&
    one.relation === other.relation &&
    one.name === other.name &&
    one.implied === other.implied &&
    isOneKind(one.kind, other.kind) &&
    (other.types === undefined || one.types === undefined || typesOf(one) === typesOf(other))

const typesOf = ({ types = [] }: Subject): string =>
  types.map(({ names, arrayBounds }) => withoutPlaces({ names, arrayBounds })).join()

const relations = ['view', 'materialized view', 'table', 'relation']
const routines = ['function', 'procedure', 'aggregate', 'routine']

const isOneKind = (one: string, other: string): boolean =>
  one === other ||
  (relations.includes(one) && other === 'relation') ||
  (one === 'relation' && other === 'table') ||
  (routines.includes(one) && other === 'routine') ||
  // GRANT ON FUNCTION is that of an aggregate, too.
  (one === 'aggregate' && other === 'function')

const castTypes = ({ types = [] }: Subject): string =>
  types.map(({ names }) => stringsOf(names).at(-1) ?? '').join(' AS ')

const wordsOf = (subject: Subject | undefined): string => {
  if (subject === undefined) return ''
  const { kind, schema, relation, name } = subject
  const last = relation === '' ? name : `${name} of ${relation}`
  const qualifier = schema === undefined || schema === '' ? '' : `${schema}.`
  const types = subject.kind === 'cast' ? castTypes(subject) : (subject.implied ?? '')
  return `${kind === 'relation' ? 'table' : kind} ${qualifier}${last}${types}`
}
