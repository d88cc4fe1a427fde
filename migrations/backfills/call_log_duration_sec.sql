-- How long old calls took: migration 0109 made the column and left old rows empty.
-- New calls get theirs from the service, so one walk over the table is enough.
-- @table call_log
-- @key id
-- @done sql SELECT NOT EXISTS (SELECT FROM call_log WHERE duration_sec IS NULL AND ended_at >= started_at)
UPDATE call_log
SET duration_sec = round(extract(epoch FROM ended_at - started_at))
WHERE :batch
  AND duration_sec IS NULL
  AND ended_at >= started_at;
