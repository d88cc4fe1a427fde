-- The cost report groups by bucket, and one worker wrote "Low". New rows must comply from now on.
ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_estimated_cost_bucket_check;
ALTER TABLE call_log ADD CONSTRAINT call_log_estimated_cost_bucket_check
  CHECK (estimated_cost_bucket IN ('LOW', 'MED', 'HIGH')) NOT VALID;
