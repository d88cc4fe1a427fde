// Code calls a thing by the word that PostgreSQL or the trade has for it. These are words of our own that were in its place.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const source = join(import.meta.dirname, '../../src')

const fieldsWord = new Map(
  Object.entries({
    acts: 'operations',
    alike: 'equivalent',
    alone: 'only, non-transactional',
    crew: 'worker sessions',
    doomed: 'dropped later',
    facet: 'property',
    facets: 'properties',
    flight: 'pipeline, pending replies',
    flying: 'pending',
    foresee: 'preview',
    foreseen: 'preview',
    foresight: 'preview',
    glance: 'initial queries',
    glimpse: 'embedded statements',
    glimpsed: 'embedded statements',
    grounded: 'deferred',
    harm: 'hazard, rerun risk',
    judge: 'evaluate',
    judges: 'evaluates',
    launch: 'send',
    meet: 'conflict',
    meetings: 'conflicts',
    oddity: 'suspicious part',
    outlook: 'preview, estimate',
    peek: 'poll',
    politely: 'retry on lock timeout',
    probe: 'catalog query',
    probes: 'catalog queries',
    proof: 'contract check',
    prove: 'check',
    proven: 'checked',
    question: 'query',
    recogniser: 'assessment',
    reliance: 'contract use',
    relied: 'contract set',
    route: 'source of batches',
    settle: 'migrate under lock',
    settling: 'locked run',
    sought: 'removal',
    stretch: 'range, span',
    stretches: 'ranges, spans',
    told: 'reported, handled',
    twin: 'counterpart',
    untold: 'uncertain',
    walk: 'scan',
    walked: 'scanned',
    walkers: 'workers',
    walking: 'scanning',
    whereabouts: 'locate',
  }),
)

/** 'makeFlight' → make, flight */
const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)

// Fields of JSON that is printed: other programs read them.
const printed = new Set(['facet', 'harm'])

const unwanted = (name: string): boolean =>
  !printed.has(name) && wordsOf(name).some((word) => fieldsWord.has(word))

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })

const identifiersIn = (file: string): readonly string[] => {
  const text = readFileSync(join(source, file), 'utf8')
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return [...found]
}

test('no identifier has a word of our own where the field has one', () => {
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      identifiersIn(file)
        .filter(unwanted)
        .map((name) => `${file}: ${name}`),
    )
  expect(found).toEqual([])
  expect(identifiersIn('cli/main.ts')).toContain('readPlainLine')
})

test('nor has the name of a file', () => {
  expect(files.filter(unwanted)).toEqual([])
  expect(unwanted('apply/makeFlight.ts')).toBe(true)
})
