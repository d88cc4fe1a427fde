// The second half of a comparison, in PL/pgSQL: the words that were found for the fragments of both sides, laid beside each
// other. What must not be planned has no words.

// Both sides of every comparison, each read in the search path of the candidate: a name says the same then.
export const readings = `
  had AS (SELECT f.id, f.alt, f.fragments, row_number() OVER () AS f FROM jsonb_to_recordset(in_catalog) AS f(id int, alt boolean, fragments jsonb)),
  candidates AS (SELECT x.id, c.n, c.candidate ->> 'path' AS path, c.candidate -> 'fragments' AS fragments
    FROM jsonb_to_recordset(given) AS x(id int, candidates jsonb), jsonb_array_elements(x.candidates) WITH ORDINALITY c(candidate, n)),
  same AS (SELECT DISTINCT c.id, c.n FROM candidates c JOIN had ON had.id = c.id AND had.fragments = c.fragments),
  asked AS (SELECT c.* FROM candidates c WHERE (c.id, c.n) NOT IN (SELECT s.id, s.n FROM same s)
    UNION ALL SELECT x.id, 0, NULL, '[]' FROM jsonb_to_recordset(given) AS x(id int))`

export const fragmentKey = (path: string, part: string): string =>
  `coalesce(${path}, '(login)') || ' ' || ${part}::text`

const word = `coalesce(known.word, p.part ->> 't', p.part ->> 'r', p.part ->> 'e', p.part ->> 'd', p.part ->> 'q', p.part ->> 'w', p.part ->> 'words',
      CASE WHEN jsonb_typeof(p.part) = 'object' AND p.part ? 'd' THEN 'no default' ELSE p.part #>> '{}' END)`

// Joined by the part's own text, so that the number of comparisons grows with the parts and not with their square. What was
// not translated, because both sides are written alike or it must not be planned, is shown as it is written.
const inWords = (
  side: string,
  path: string,
): string => `LATERAL jsonb_array_elements(${side}.fragments) WITH ORDINALITY p(part, at) ON true
    LEFT JOIN known ON jsonb_typeof(p.part) = 'object' AND known.key = ${fragmentKey(path, 'p.part')}
    CROSS JOIN LATERAL (SELECT ${word} AS word) AS read`

// All that two definitions have in common when only what the planner would have to see may differ.
const frame = `CASE WHEN jsonb_typeof(p.part) = 'object' AND coalesce(p.part ->> 'e', p.part ->> 'd', p.part ->> 'q', p.part ->> 'w', p.part ->> 's') IS NOT NULL
      THEN chr(1) ELSE read.word END`

// A query's word is its plan, which tells people nothing: they are shown the query, on one line. An empty definition, such
// as a body without a word, is one too.
const words = `coalesce(string_agg(read.word, '' ORDER BY at), '') AS words,
    coalesce(string_agg(${frame}, '' ORDER BY at), '') AS frame, coalesce(bool_or(known.is_unplannable), false) AS is_unplannable,
    coalesce(string_agg(coalesce(btrim(regexp_replace(p.part ->> 'q', '[[:space:]]+', ' ', 'g')), read.word), '' ORDER BY at), '') AS display`

/** Leaves the result in `compared`. */
export const compare = `
  WITH ${readings},
  known AS (SELECT k.key, k.word, false AS is_unplannable FROM unnest(part_keys, part_words) AS k(key, word)
    UNION ALL SELECT k.key, NULL, true FROM unnest(unplannable) AS k(key) WHERE k.key <> ALL (part_keys)),
  ours AS (SELECT c.id, c.n, ${words} FROM candidates c LEFT JOIN ${inWords('c', 'c.path')} GROUP BY c.id, c.n),
  theirs AS (SELECT asked.id, asked.n, had.alt, had.f, had.fragments, ${words}
    FROM asked JOIN had USING (id) LEFT JOIN ${inWords('had', 'asked.path')} GROUP BY asked.id, asked.n, had.alt, had.f, had.fragments),
  expected AS (SELECT id, jsonb_agg(display ORDER BY n) AS list FROM ours GROUP BY id),
  matching AS (SELECT s.id, s.n FROM same s
    UNION SELECT o.id, o.n FROM ours o JOIN theirs t ON t.id = o.id AND t.n = o.n AND t.words = o.words AND NOT (o.is_unplannable OR t.is_unplannable)),
  matches AS (SELECT id, jsonb_agg(n - 1) AS list FROM matching GROUP BY id),
  doubts AS (SELECT o.id, jsonb_agg(jsonb_build_object('n', o.n - 1, 'alt', t.alt, 'fragments', t.fragments)) AS list
    FROM ours o JOIN theirs t ON t.id = o.id AND t.n = o.n AND t.frame = o.frame AND (o.is_unplannable OR t.is_unplannable) GROUP BY o.id),
  shown AS (SELECT id, min(display) AS display FROM theirs WHERE n = 0 AND NOT alt GROUP BY id)
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'accepts', x.accepts, 'found', shown.display,
    'expected', coalesce(expected.list, '[]'), 'matches', coalesce(matches.list, '[]'), 'doubts', coalesce(doubts.list, '[]')) ORDER BY x.id), '[]')
    INTO compared
  FROM jsonb_to_recordset(given) AS x(id int, accepts jsonb)
    LEFT JOIN expected USING (id) LEFT JOIN matches USING (id) LEFT JOIN doubts USING (id) LEFT JOIN shown USING (id);`
