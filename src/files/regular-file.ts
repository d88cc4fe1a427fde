// The one way in which a file that somebody named is read: an ordinary one, up to a bound, and never a wait. What it is, is
// asked of the open file, so it does not matter when somebody puts another in its place.

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { nodeErrorCode } from '../errors/node-error.ts'

export type FileRead =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: 'folder' }
  /** The reason goes on from "cannot be read:". */
  | { readonly kind: 'unreadable'; readonly reason: string }

const mebibyte = 1024 * 1024

/** Of SQL and of contracts. */
export const mostOfSource = 64 * mebibyte

/** Of passwords, URLs and certificates. */
export const mostOfSecret = mebibyte

/** Open, and to be closed by whoever opened it. */
export type RegularFile = {
  readonly descriptor: number
  readonly size: number
  readonly mode: number
}

type Refused = Exclude<FileRead, { kind: 'bytes' }>

/** Links are followed: secrets of Kubernetes and the files of a ConfigMap are links to ordinary files. */
export const openRegularFile = (path: string): RegularFile | Refused => {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, withoutWaiting)
    const stats = fstatSync(descriptor)
    if (stats.isFile()) return { descriptor, size: stats.size, mode: stats.mode }
    closeSync(descriptor)
    return stats.isDirectory()
      ? { kind: 'folder' }
      : { kind: 'unreadable', reason: `it is ${kindOf(stats)}` }
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    const reason = nodeErrorCode(error) === 'ENOENT' && isLink(path) ? danglingLink : undefined
    return { kind: 'unreadable', reason: reason ?? reasonOf(error) }
  }
}

/** What `use` makes of the open file, which is closed behind it. */
export const withRegularFile = <Found>(
  path: string,
  use: (file: RegularFile) => Found,
): Found | Refused => {
  const opened = openRegularFile(path)
  if ('kind' in opened) return opened
  try {
    return use(opened)
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) }
  } finally {
    closeSync(opened.descriptor)
  }
}

export const readRegularFile = (path: string, most: number): FileRead =>
  withRegularFile<FileRead>(path, (file) => readWhole(file, most))

export const readWhole = ({ descriptor, size, mode }: RegularFile, most: number): FileRead => {
  const bytes = readUpTo(descriptor, size, most)
  return bytes === undefined
    ? { kind: 'unreadable', reason: `it has more than ${most / mebibyte} MiB` }
    : { kind: 'bytes', bytes, mode }
}

// A named pipe that nobody writes to would be waited for in open(), where no signal is heard; a terminal would become ours.
const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants
const withoutWaiting = O_RDONLY | O_NONBLOCK | O_NOCTTY

const kindOf = (stats: Stats): string => {
  if (stats.isFIFO()) return 'a pipe, and not an ordinary file'
  return stats.isSocket()
    ? 'a socket, and not an ordinary file'
    : 'a device, and not an ordinary file'
}

const danglingLink = 'it is a link that leads nowhere'

const reasonOf = (error: unknown): string => {
  const code = nodeErrorCode(error)
  return reasons[code] ?? code
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ELOOP: 'it is a link that leads back to itself',
  ENOTDIR: 'its path leads through a file',
  EACCES: 'permission denied',
  ENXIO: 'it is a socket, and not an ordinary file',
}

/** Also one that leads nowhere. */
export const isLink = (path: string): boolean => {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

// The size is a hint only: a file may grow while it is read, and those of /proc say 0.
const readUpTo = (opened: number, size: number, most: number): Buffer | undefined => {
  if (size > most) return undefined
  let bytes = Buffer.allocUnsafe(size + 1)
  let filled = 0
  for (;;) {
    const count = readSync(opened, bytes, filled, bytes.length - filled, null)
    filled += count
    if (filled > most) return undefined
    // As many as it is said to have: one question less for each of thousands of files.
    if (count === 0 || filled === size) return bytes.subarray(0, filled)
    if (filled === bytes.length)
      bytes = Buffer.concat([bytes], Math.min(bytes.length * 2 + 4_096, most + 1))
  }
}
