// CREATE FUNCTION and PROCEDURE.

import type {
  CreateFunctionStmt,
  FunctionParameter,
  Node,
  ObjectWithArgs,
  TypeName,
} from 'libpg-query'
import { create, text, type CreateEffect, type Definition, type ObjectName } from '../effect.ts'
import { findName, itemsOf, newName, splitName, typeKey, type Scope } from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

/** Undefined when an argument's type is that of a column (%TYPE), so that its name is not in the text. */
export const createFunction = (
  statement: CreateFunctionStmt,
  scope: Scope,
): CreateEffect | undefined => {
  const { funcname, parameters = [], replace } = statement
  const named = newName(scope, 'function', funcname)
  const inputs = parameters
    .flatMap((node) => ('FunctionParameter' in node ? [node.FunctionParameter] : []))
    .filter(({ mode }) => mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE')
  if (inputs.some(({ argType }) => argType?.pct_type === true)) return undefined
  const body = bodyOf(statement)
  return create(
    { ...named, name: `${named.name}(${inputs.map(parameterKey).join(', ')})` },
    {
      definition: definitionOf(statement),
      ...resultOf(statement),
      ...(body === undefined ? {} : { body: [text(body)] }),
    },
    { guard: replace === true ? 'or replace' : 'none' },
  )
}

const parameterKey = ({ argType }: FunctionParameter): string =>
  argType === undefined ? '' : typeKey(argType)

/** The types of a list of TypeName nodes, as they are in a function's name. */
const argumentKeys = (nodes: readonly Node[] | undefined): string =>
  (nodes ?? []).flatMap((node) => ('TypeName' in node ? [typeKey(node.TypeName)] : [])).join(', ')

/** A routine that is there. Without a list it is the only one of its name, which the history is asked for. */
export const routineName = (
  { objname, objargs, args_unspecified: noArguments }: ObjectWithArgs,
  scope: Scope,
): ObjectName => {
  const [schema = '', name] = splitName(stringsOf(objname))
  const signature = noArguments === true ? '' : `(${argumentKeys(objargs)})`
  return findName(scope, { kind: 'function', schema, table: '', name: name + signature })
}

const optionOf = ({ options = [] }: CreateFunctionStmt, name: string): Node | undefined =>
  options
    .flatMap((node) => ('DefElem' in node ? [node.DefElem] : []))
    .find(({ defname }) => defname === name)?.arg

const wordOf = (node: Node | undefined): string | undefined =>
  node !== undefined && 'String' in node ? (node.String.sval ?? '').toLowerCase() : undefined

const isOn = (node: Node | undefined): boolean =>
  node !== undefined && 'Boolean' in node && node.Boolean.boolval === true

// Undefined for SQL-standard bodies, which the server keeps parsed, and for C functions.
const bodyOf = (statement: CreateFunctionStmt): string | undefined => {
  const parts = stringsOf(itemsOf(optionOf(statement, 'as')))
  return parts.length === 1 && statement.sql_body === undefined ? parts[0] : undefined
}

const definitionOf = (statement: CreateFunctionStmt): Definition => {
  const { is_procedure: procedure } = statement
  // A body in standard SQL needs no LANGUAGE.
  const language = wordOf(optionOf(statement, 'language')) ?? 'sql'
  return [
    text(procedure === true ? 'PROCEDURE' : 'FUNCTION'),
    text(` LANGUAGE ${language}`),
    text(` ${(wordOf(optionOf(statement, 'volatility')) ?? 'volatile').toUpperCase()}`),
    text(isOn(optionOf(statement, 'strict')) ? ' STRICT' : ''),
    text(isOn(optionOf(statement, 'security')) ? ' SECURITY DEFINER' : ''),
  ]
}

// OUT parameters alone make a result that has no type in the text.
const resultOf = ({
  returnType,
  is_procedure: procedure,
}: CreateFunctionStmt): { result?: Definition } => {
  if (returnType === undefined || procedure === true) return {}
  if (returnType.pct_type === true) return {}
  // The server keeps no length or precision of a result.
  const { setof, ...type } = returnType
  return {
    result: [
      text(setof === true ? 'SETOF ' : ''),
      { kind: 'type', type: withoutModifiers(type), of: 'result' },
    ],
  }
}

const withoutModifiers = (type: TypeName): TypeName =>
  Object.fromEntries(Object.entries(type).filter(([key]) => key !== 'typmods'))
