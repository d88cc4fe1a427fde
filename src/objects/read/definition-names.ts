// CREATE AGGREGATE names functions and types in a list of words: SFUNC = app.add. The parser takes all of these names for types. Pure.

import type { Node } from 'libpg-query'
import { namesIn, type WrittenName } from '../../schema/effects/names/names-in.ts'

const wordsOfTypes = ['stype', 'mstype', 'basetype']

/** The functions that are its parts; none of a statement that has no such list. */
export const functionsOfDefinition = (node: Node): readonly WrittenName[] =>
  namedBy(node, (word) => !wordsOfTypes.includes(word))

/** The types that a statement names, without those that are names of functions. */
export const typesOf = (node: Node): readonly WrittenName[] =>
  'DefineStmt' in node
    ? [
        ...namesIn({ args: node.DefineStmt.args }, 'type'),
        ...namedBy(node, (word) => wordsOfTypes.includes(word)),
      ]
    : namesIn(node, 'type')

const namedBy = (node: Node, isMeant: (word: string) => boolean): readonly WrittenName[] =>
  'DefineStmt' in node
    ? (node.DefineStmt.definition ?? []).flatMap((each) =>
        'DefElem' in each && isMeant(each.DefElem.defname ?? '') ? namesIn(each, 'type') : [],
      )
    : []
