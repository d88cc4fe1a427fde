// What the server makes of the characters that the files' names are written in: how many bytes each has in the database's
// encoding, and its small letter. Where the encoding is UTF-8, as of most databases, nothing is asked.

import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import type { Server } from '../../database/server/server.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { untranslatableCharacter } from '../../errors/server/sqlstate.ts'
import { utf8, type Naming } from '../../sql/tree/naming.ts'
import { writtenNames } from '../../sql/tree/written-names.ts'

type File = { readonly text: string }

/** Throws `connection-lost`, `server-busy`, `server-refused`. Reads only. */
export const readNaming = async (
  session: Session,
  { encoding }: Pick<Server, 'encoding'>,
  files: readonly File[],
): Promise<Naming> => {
  // A database of SQL_ASCII has the bytes that we send, and counts them.
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return utf8
  const characters = charactersOf(files)
  if (characters.length === 0) return utf8
  const rows = await ask(session, characters)
  const bytes = new Map(rows.map((row) => [String(row['character']), Number(row['bytes'])]))
  const small = new Map(rows.map((row) => [String(row['character']), String(row['small'])]))
  return {
    bytesOf: (character) => bytes.get(character) ?? utf8.bytesOf(character),
    small: (character) => small.get(character) ?? character,
  }
}

const body = /(\$\w*\$)([\s\S]*?)\1/g

const charactersOf = (files: readonly File[]): readonly string[] => {
  const found = new Set<string>()
  const add = (text: string): void => {
    for (const { name } of writtenNames(text))
      for (const character of name) if (character >= '\x80') found.add(character)
  }
  for (const { text } of files)
    if (/[^\0-\x7f]/.test(text)) {
      add(text)
      for (const [, , inside = ''] of text.matchAll(body)) add(inside)
    }
  return [...found]
}

const ask = async (session: Session, characters: readonly string[]): Promise<readonly Row[]> => {
  const reply = await session.send(
    reading(`SELECT c AS character, octet_length(c) AS bytes, (parse_ident(c))[1] AS small
  FROM unnest(ARRAY[${characters.map(literal).join(', ')}]) AS c`),
  )
  if (reply.kind !== 'server error' || reply.error.sqlstate !== untranslatableCharacter)
    return rowsOf(session, reply)
  // No object of the database is named with what its encoding lacks.
  if (characters.length === 1) return []
  const half = characters.length >> 1
  const first = await ask(session, characters.slice(0, half))
  return [...first, ...(await ask(session, characters.slice(half)))]
}
