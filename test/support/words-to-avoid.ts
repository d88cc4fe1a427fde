// Words and turns of phrase that a reader had to decode in what was printed or documented, and what to write instead.
// docs/design/messages.md shows the same list to those who write.

export type Avoided = {
  /** As docs/design/messages.md lists it. */
  readonly words: string
  readonly found: RegExp
  readonly instead: string
  /** Sentences that were ours; the test must find the words in each. */
  readonly were: readonly string[]
  /** Good English that looks like it; the test must leave it alone. */
  readonly fine?: readonly string[]
}

export const wordsToAvoid: readonly Avoided[] = [
  {
    words: 'told',
    found: /\btold\b/i,
    instead: 'reported, named, shown',
    were: ['every problem is told at once', 'contract diff needs to be told which contract'],
  },
  {
    words: 'tells of, tells whether, nothing tells',
    found: /\btells? (of|whether)\b|\bnothing tells\b/i,
    instead: 'shows, shows whether',
    were: [
      'nothing tells which one should have brought it',
      'which does not tell of INSERT',
      'nothing in the database tells whether 0003_a.sql has run',
    ],
    fine: ['docker compose logs migrate tells you why'],
  },
  {
    words: 'nobody knows',
    found: /\bnobody knows\b/i,
    instead: 'it is not known',
    were: ['nobody knows whether it has run'],
  },
  {
    words: 'anew',
    found: /\banew\b/i,
    instead: 'again',
    were: ['call_log is written anew'],
  },
  {
    words: 'of ours, of yours, of theirs',
    found: /\bof (ours|yours|theirs)\b/i,
    instead: 'of schemagate, your own, or the name of the thing',
    were: [
      'a bug of ours',
      'no database of yours',
      'another session is altering a table of theirs',
    ],
  },
  {
    words: 'stands, where something is',
    found: /\bst(ands?|ood)\b(?!-| for\b| out\b| alone\b)/i,
    instead: 'is',
    were: [
      'PGPASSWORD stands in quotes',
      'what stands before the COMMIT',
      'no statement could stand in its way',
    ],
    fine: ['`:batch` stands for the rows of one batch', 'a standby server', 'stand-ins for images'],
  },
  {
    words: 'since N s',
    found: /\bsince (…|N|\d+) ?(s|ms|min|h|seconds|minutes|hours)\b/,
    instead: 'for N s',
    were: ['another process holds the migration lock, waiting since 12 s'],
    fine: ['unused since 2.3', 'unchanged since version 7'],
  },
  {
    words: 'is no …',
    found: /(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b|less\b|other\b)/i,
    instead: 'is not a …',
    were: ['0003.txt is no migration', 'a login of its own that is no superuser'],
    fine: ['there is no contract in migrations', 'the index is no longer UNIQUE'],
  },
  {
    words: 'the way',
    found: /(?<!\b(in|on|by|of|under) )\bthe way\b/i,
    instead: 'how, or the name of the thing',
    were: ['the way through a connection pooler', 'The way to the value'],
    fine: ['a long query is in the way'],
  },
  {
    words: 'takes away',
    found: /\b(tak(e|es|en|ing)|took) (\w+ ){0,2}away\b/i,
    instead: 'removes, drops, deletes',
    were: ['0003_a.sql would take away what the database has', 'and takes that away again here'],
  },
  {
    words: 'passes over',
    found: /\bpass(es|ed|ing)? (\w+ ){0,2}over\b/i,
    instead: 'skips, ignores',
    were: ['IF NOT EXISTS passes over this definition', 'PgBouncer passes such settings over'],
  },
  {
    words: 'is there already',
    found: /\b(is|are|was|were) there already\b/i,
    instead: 'already exists, already has',
    were: ['The type is there already, made by something else'],
  },
  {
    words: 'is meant',
    found: /\b(is|are) meant\b(?! (to|for|as)\b)/i,
    instead: 'is intended',
    were: ['Keep the one that is meant.', 'If the loss is meant, say why'],
  },
  {
    words: 'all the same, where nothing is equal',
    found: /(?<!\b(is|are|were) )\ball the same\b/i,
    instead: 'anyway, even so',
    were: ['it is recorded all the same', 'skip starts the service all the same'],
  },
  {
    words: 'but for',
    found: /\bbut for\b/i,
    instead: 'except',
    were: ['rolled back, but for a statement that ran without a transaction'],
  },
  {
    words: 'in vain, for want of, shall, misspelt',
    found: /\b(in vain|for want of|shall|misspelt)\b/i,
    instead: 'say what happened; because it lacks; should; misspelled',
    were: [
      'waited 30 s in vain',
      '2 of 4 workers, for want of connections',
      'a role that shall go on owning it',
      'If none does, it is misspelt.',
    ],
  },
  {
    words: 'at its top',
    found: /\bat its top\b/i,
    instead: 'at the top of the file',
    were: ["say it with '-- @fingerprint …' at its top"],
  },
]
