// Functions of PostgreSQL itself that do nothing but compute: they leave nothing in a session or a transaction, run no code but
// their own, and depend on neither, except for its time. Whatever is not here may do anything.

const names = `abs age array_agg array_append array_cat array_length array_position array_prepend array_remove array_replace
  array_to_json array_to_string ascii avg bit_length bool_and bool_or btrim cardinality ceil ceiling char_length character_length
  chr clock_timestamp concat concat_ws count date_bin date_part date_trunc decode div encode every exp extract first_value floor
  format format_type gen_random_uuid generate_series greatest initcap json_agg json_array_length json_build_array
  json_build_object json_object jsonb_agg jsonb_array_length jsonb_build_array jsonb_build_object jsonb_insert jsonb_object
  jsonb_set jsonb_strip_nulls jsonb_typeof json_typeof justify_days justify_hours justify_interval lag lead least left length ln
  localtime localtimestamp log lower lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz max md5 min mod
  now nullif num_nonnulls num_nulls numnode octet_length overlay phraseto_tsquery plainto_tsquery position pow power random rank
  regexp_match regexp_replace regexp_split_to_array repeat replace reverse right round row_number row_to_json rpad rtrim
  setweight sha256 sign split_part sqrt starts_with statement_timestamp string_agg string_to_array strpos substr substring sum
  timezone to_char to_date to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector transaction_timestamp translate trunc
  unnest upper uuidv4 uuidv7 width_bucket`

const known: ReadonlySet<string> = new Set(names.split(/\s+/))

/** `schema` is as it is written; '' where none is. */
export const onlyComputes = ({
  schema,
  name,
}: {
  readonly schema: string
  readonly name: string
}): boolean => (schema === '' || schema === 'pg_catalog') && known.has(name)
