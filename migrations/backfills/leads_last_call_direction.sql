-- Who called last, for leads from before migration 0040. The service keeps it up to date for every call since.
-- People work on leads all day: a lead that somebody has locked is left for later instead of waited for.
-- @table leads
-- @key id
-- @skip-locked on
UPDATE leads
SET (last_call_direction, last_call_at) = (
  SELECT call_log.direction, call_log.created_at
  FROM call_log
  WHERE call_log.lead_id = leads.id
  ORDER BY call_log.created_at DESC, call_log.id DESC
  LIMIT 1
)
WHERE :batch
  AND last_call_direction IS NULL
  AND EXISTS (SELECT FROM call_log WHERE call_log.lead_id = leads.id);
