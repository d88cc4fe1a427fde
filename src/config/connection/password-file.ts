// libpq's password file, line by line host:port:database:user:password. Own code, because the npm package pgpass prints
// paths to stderr past our redaction and takes the environment of the process, and gets '\\:' wrong.
// https://www.postgresql.org/docs/current/libpq-pgpass.html

import { mostOfSecret, readRegularFile } from '../../files/regular-file.ts'

export type PasswordFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ignored'; readonly reason: string }

export type Login = {
  /** A host name, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/** Never throws: libpq, too, goes on without the file. */
export const readPasswordFile = (path: string): PasswordFile => {
  const read = readRegularFile(path, mostOfSecret)
  if (read.kind === 'folder') return { kind: 'ignored', reason: 'is a folder' }
  if (read.kind === 'unreadable')
    return { kind: 'ignored', reason: `cannot be read: ${read.reason}` }
  if ((read.mode & groupAndOthers) !== 0)
    return { kind: 'ignored', reason: 'may be read by others than its owner (chmod 600 it)' }
  return { kind: 'text', text: read.bytes.toString('utf8').replace(/^\uFEFF/, '') }
}

const groupAndOthers = 0o077

/** The password of the first line that fits. */
export const passwordFor = (text: string, login: Login): string | undefined => {
  const { host, port, database, user } = login
  // libpq's default folders of the socket.
  const isDefaultSocket = host === '/tmp' || host === '/var/run/postgresql'
  const asked = [isDefaultSocket ? 'localhost' : host, String(port), database, user]
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const fields = splitFields(line)
    const fits = asked.every((value, at) => fields[at] === '*' || unescaped(fields[at]) === value)
    if (!fits || fields.length <= asked.length) continue
    const password = unescaped(fields[asked.length])
    return password === '' ? undefined : password
  }
  return undefined
}

/** Still escaped: only a bare '*' stands for anything. */
const splitFields = (line: string): readonly string[] => {
  const fields: string[] = []
  for (const [, field = '', colon] of line.matchAll(/((?:\\.|[^:\\]|\\$)*)(:|$)/g)) {
    fields.push(field)
    if (colon === '') break
  }
  return fields
}

const unescaped = (field: string | undefined): string | undefined => field?.replace(/\\(.)/g, '$1')
