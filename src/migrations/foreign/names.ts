// Names of other tools' files and folders. A new name changes no checksum, so the cure is mostly a 'git mv'.

import { shellWord } from '../../errors/define.ts'

export type ForeignName = {
  readonly tool: string
  /** Goes on from "its name …". */
  readonly means: string
  /** Of all entries of this kind in a folder, which is as it is shown. */
  readonly cure: (folder: string, entries: readonly string[]) => string
}

/** The first record that fits; undefined for a name that no other tool gives. */
export const foreignFileName = (entry: string): ForeignName | undefined =>
  files.find(({ pattern }) => pattern.test(entry))

/** `inside` are the names in the folder. */
export const foreignFolderName = (
  entry: string,
  inside: readonly string[],
): ForeignName | undefined =>
  folders.find(
    ({ named, holds }) => named?.test(entry) ?? holds.some((name) => inside.includes(name)),
  )

const takeOut = (folder: string, entries: readonly string[]): string =>
  `Remove from the folder what does not go up:\n${remove(folder, entries)}`

const remove = (folder: string, entries: readonly string[]): string =>
  `git rm -r ${entries.map((entry) => shellWord(`${folder}/${entry}`)).join(' ')}`

/** A loop of the shell, in which $f is each of these files. */
const rename =
  (glob: string, steps: string) =>
  (folder: string): string =>
    `Rename them; their text stays as it is:\nfor f in ${shellWord(folder)}/${glob}; do ${steps}; done`

const undoes = { means: 'says that it undoes a migration', cure: takeOut } as const

const files: readonly (ForeignName & { readonly pattern: RegExp })[] = [
  { tool: 'Flyway', pattern: /^U\d[\d._]*__.*\.sql$/i, ...undoes },
  {
    tool: 'Flyway',
    pattern: /^V\d+__.+\.sql$/i,
    means: 'has a version between V and __',
    cure: rename('[Vv]*__*.sql', 'n=${f##*/[Vv]}; git mv "$f" "${f%/*}/${n%%__*}_${n#*__}"'),
  },
  {
    tool: 'Flyway',
    pattern: /^[VB]\d[\d._]*__.*\.sql$/i,
    means: 'has a version that is not a whole number, or that of a baseline',
    cure: () =>
      'Renumber the files in their order (0001_name.sql), and leave out baselines (B…) if the files that they replace are there.',
  },
  {
    tool: 'Flyway',
    pattern: /^R__.*\.sql$/i,
    means: 'makes it repeatable: Flyway runs it again whenever its text changes',
    cure: () =>
      'Put what it defines into a numbered migration (CREATE OR REPLACE …), and take it out of the folder.',
  },
  {
    tool: 'Flyway',
    pattern: /^(?:before|after)[A-Z]\w*(?:__.*)?\.sql$/,
    means: 'makes it a callback, which Flyway runs before or after others',
    cure: takeOut,
  },
  {
    tool: 'Flyway',
    pattern: /\.sql\.conf$/i,
    means: 'makes it the settings of a migration',
    cure: (folder, entries) =>
      `Where it says executeInTransaction=false, write '-- @transaction off' at the top of the migration. Then:\n${remove(folder, entries)}`,
  },
  { tool: 'postgrator', pattern: /^\d+\.undo\b.*\.sql$/i, ...undoes },
  {
    tool: 'postgrator',
    pattern: /^\d+\.do\..+\.sql$/i,
    means: "has '.do.' after its number",
    cure: rename('*.do.*.sql', 'git mv "$f" "${f%%.do.*}_${f#*.do.}"'),
  },
  {
    tool: 'golang-migrate, sqlx and others',
    pattern: /[._-](?:down|undo|rollback|revert|downgrade)\.sql$/i,
    means: 'says that it undoes a migration',
    cure: (folder, entries) =>
      `${takeOut(folder, entries)}\nIf one goes up after all, give it a name that does not end in that word.`,
  },
  {
    tool: 'golang-migrate, sqlx and others',
    pattern: /\.up\.sql$/i,
    means: "ends in '.up.sql'",
    cure: rename('*.up.sql', 'git mv "$f" "${f%.up.sql}.sql"'),
  },
  {
    tool: 'pop',
    pattern: /\.fizz$/i,
    means: "ends in '.fizz', which is not SQL",
    cure: () =>
      "Write it as SQL ('soda generate sql' shows the form), under a name such as 0001_name.sql.",
  },
  {
    tool: 'Atlas',
    pattern: /^atlas\.sum$/,
    means: 'is that of its checksums',
    cure: takeOut,
  },
  {
    tool: 'Prisma',
    pattern: /^migration_lock\.toml$/,
    means: 'is that of its settings',
    cure: takeOut,
  },
  {
    tool: 'sqitch',
    pattern: /^sqitch\.(?:plan|conf)$/,
    means: 'is that of its plan or settings',
    cure: () =>
      'Number the files of deploy/ in the order of sqitch.plan (0001_name.sql), and put just those into the folder.',
  },
]

const folders: readonly (ForeignName & {
  readonly named?: RegExp
  readonly holds: readonly string[]
})[] = [
  {
    tool: 'Prisma or Drizzle',
    holds: ['migration.sql'],
    means: 'is that of a folder with a migration.sql in it',
    cure: rename(
      '*/migration.sql',
      'd=${f%/*}; git mv "$f" "$d.sql"; git rm -rq --ignore-unmatch "$d"; [ ! -d "$d" ] || rmdir "$d"',
    ),
  },
  {
    tool: 'diesel, Hasura and others',
    holds: ['up.sql', 'down.sql'],
    means: 'is that of a folder with up.sql and down.sql in it',
    cure: rename(
      '*/up.sql',
      'd=${f%/*}; n=${d##*/}; v=$(echo "${n%%_*}" | tr -d -); ' +
        'git mv "$f" "${d%/*}/${v}_${n#*_}.sql"; git rm -rq --ignore-unmatch "$d"; [ ! -d "$d" ] || rmdir "$d"',
    ),
  },
  {
    tool: 'Drizzle',
    holds: ['_journal.json'],
    means: 'is that of a folder with its journal in it',
    cure: takeOut,
  },
  {
    tool: 'sqitch',
    named: /^(?:deploy|revert|verify)$/,
    holds: [],
    means: 'is that of a folder of its scripts',
    cure: () =>
      'Number the files of deploy/ in the order of sqitch.plan (0001_name.sql), and put just those into the folder.',
  },
  {
    tool: 'graphile-migrate',
    named: /^committed$/,
    holds: [],
    means: 'is that of the folder of its committed migrations',
    cure: () => "Set MIGRATIONS_DIR to that folder, and take the lines '--! …' out of its files.",
  },
]
