// Kinds of text search, each with what can be done to it.

import { role, type Kind } from './object-kinds.ts'

const configurationState = `SELECT concat_ws(' ', c.oid::regconfig, (SELECT p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser), pg_get_userbyid(c.cfgowner), obj_description(c.oid, 'pg_ts_config'),
  (SELECT string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ',' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))
  FROM pg_ts_config c WHERE c.cfgnamespace = 'app'::regnamespace`

const dictionaryFile = `CREATE TEXT SEARCH DICTIONARY app.z_words (TEMPLATE = pg_catalog.simple, STOPWORDS = english);\n`

const configuration: Kind = {
  name: 'text search configuration',
  described: 'text search configuration app.letters',
  needs: {
    'objects/z_words.sql': dictionaryFile,
    'objects/a_found.sql': `CREATE VIEW app.found AS SELECT to_tsvector('app.letters', 'a letter') AS found;\n`,
  },
  file: 'objects/letters.sql',
  text: `CREATE TEXT SEARCH CONFIGURATION app.letters (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION app.letters ALTER MAPPING FOR asciiword, word WITH app.z_words, english_stem;
COMMENT ON TEXT SEARCH CONFIGURATION app.letters IS 'of customers';
`,
  respelled: `CREATE TEXT SEARCH CONFIGURATION app.letters (copy = english);
ALTER TEXT SEARCH CONFIGURATION app.letters ALTER MAPPING FOR word, asciiword WITH app.z_words, pg_catalog.english_stem;
COMMENT ON TEXT SEARCH CONFIGURATION app.letters IS 'of customers';
`,
  edits: [
    'CREATE TEXT SEARCH CONFIGURATION app.letters (COPY = pg_catalog.english);\n',
    `CREATE TEXT SEARCH CONFIGURATION app.letters (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION app.letters ADD MAPPING FOR word, email WITH app.z_words;
COMMENT ON TEXT SEARCH CONFIGURATION app.letters IS 'x';
`,
  ],
  byHand: [
    'ALTER TEXT SEARCH CONFIGURATION app.letters DROP MAPPING FOR email',
    'ALTER TEXT SEARCH CONFIGURATION app.letters ALTER MAPPING FOR word WITH simple',
  ],
  drop: 'DROP TEXT SEARCH CONFIGURATION app.letters CASCADE',
  said: [
    `ALTER TEXT SEARCH CONFIGURATION app.letters OWNER TO ${role}`,
    "COMMENT ON TEXT SEARCH CONFIGURATION app.letters IS 'by hand'",
  ],
  state: configurationState,
  saidOf: `SELECT pg_get_userbyid(c.cfgowner) FROM pg_ts_config c WHERE c.cfgnamespace = 'app'::regnamespace`,
  row: `SELECT xmin::text || oid FROM pg_ts_config WHERE cfgnamespace = 'app'::regnamespace`,
}

const dictionary: Kind = {
  name: 'text search dictionary',
  described: 'text search dictionary app.z_words',
  needs: {
    'objects/a_letters.sql': `CREATE TEXT SEARCH CONFIGURATION app.a_letters (PARSER = "default");
ALTER TEXT SEARCH CONFIGURATION app.a_letters ADD MAPPING FOR word WITH app.z_words;
`,
    'objects/z_template.sql':
      'CREATE TEXT SEARCH TEMPLATE app.z_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);\n',
  },
  file: 'objects/words.sql',
  text: `CREATE TEXT SEARCH DICTIONARY app.z_words (TEMPLATE = app.z_template, STOPWORDS = english);
COMMENT ON TEXT SEARCH DICTIONARY app.z_words IS 'words';
`,
  respelled: `CREATE TEXT SEARCH DICTIONARY app.z_words (
  template = app.z_template, StopWords = english
);
COMMENT ON TEXT SEARCH DICTIONARY app.z_words IS 'words';
`,
  edits: [
    'CREATE TEXT SEARCH DICTIONARY app.z_words (TEMPLATE = app.z_template, ACCEPT = false);\n',
    `CREATE TEXT SEARCH DICTIONARY app.z_words (TEMPLATE = snowball, LANGUAGE = german);\nCOMMENT ON TEXT SEARCH DICTIONARY app.z_words IS 'x';\n`,
  ],
  byHand: ['ALTER TEXT SEARCH DICTIONARY app.z_words (STOPWORDS = german)'],
  drop: 'DROP TEXT SEARCH DICTIONARY app.z_words CASCADE',
  said: [
    `ALTER TEXT SEARCH DICTIONARY app.z_words OWNER TO ${role}`,
    "COMMENT ON TEXT SEARCH DICTIONARY app.z_words IS 'by hand'",
  ],
  state: `SELECT concat_ws(' ', d.oid::regdictionary, (SELECT t.tmplname FROM pg_ts_template t WHERE t.oid = d.dicttemplate), d.dictinitoption, pg_get_userbyid(d.dictowner), obj_description(d.oid, 'pg_ts_dict')) FROM pg_ts_dict d WHERE d.dictnamespace = 'app'::regnamespace`,
  saidOf: `SELECT pg_get_userbyid(d.dictowner) FROM pg_ts_dict d WHERE d.dictnamespace = 'app'::regnamespace`,
  row: `SELECT xmin::text || oid FROM pg_ts_dict WHERE dictnamespace = 'app'::regnamespace`,
}

const parser: Kind = {
  name: 'text search parser',
  described: 'text search parser app.z_parser',
  needs: {
    'objects/a_letters.sql': `CREATE TEXT SEARCH CONFIGURATION app.a_letters (PARSER = app.z_parser);
ALTER TEXT SEARCH CONFIGURATION app.a_letters ADD MAPPING FOR word WITH simple;
`,
  },
  file: 'objects/parser.sql',
  text: `CREATE TEXT SEARCH PARSER app.z_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
COMMENT ON TEXT SEARCH PARSER app.z_parser IS 'words';
`,
  edits: [
    'CREATE TEXT SEARCH PARSER app.z_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);\n',
  ],
  byHand: ["COMMENT ON TEXT SEARCH PARSER app.z_parser IS 'by hand'"],
  drop: 'DROP TEXT SEARCH PARSER app.z_parser CASCADE',
  said: [],
  state: `SELECT concat_ws(' ', p.prsname, p.prsstart, p.prstoken, p.prsend, p.prslextype, p.prsheadline, obj_description(p.oid, 'pg_ts_parser')) FROM pg_ts_parser p WHERE p.prsnamespace = 'app'::regnamespace`,
  saidOf: 'SELECT 1',
  row: `SELECT xmin::text || oid FROM pg_ts_parser WHERE prsnamespace = 'app'::regnamespace`,
}

const template: Kind = {
  name: 'text search template',
  described: 'text search template app.z_template',
  needs: {
    'objects/a_words.sql':
      'CREATE TEXT SEARCH DICTIONARY app.a_words (TEMPLATE = app.z_template);\n',
  },
  file: 'objects/template.sql',
  text: `CREATE TEXT SEARCH TEMPLATE app.z_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE app.z_template IS 'words';
`,
  edits: ['CREATE TEXT SEARCH TEMPLATE app.z_template (LEXIZE = dsimple_lexize);\n'],
  byHand: ["COMMENT ON TEXT SEARCH TEMPLATE app.z_template IS 'by hand'"],
  drop: 'DROP TEXT SEARCH TEMPLATE app.z_template CASCADE',
  said: [],
  state: `SELECT concat_ws(' ', p.tmplname, p.tmplinit, p.tmpllexize, obj_description(p.oid, 'pg_ts_template')) FROM pg_ts_template p WHERE p.tmplnamespace = 'app'::regnamespace`,
  saidOf: 'SELECT 1',
  row: `SELECT xmin::text || oid FROM pg_ts_template WHERE tmplnamespace = 'app'::regnamespace`,
}

export const textSearchKinds: readonly Kind[] = [configuration, dictionary, parser, template]
