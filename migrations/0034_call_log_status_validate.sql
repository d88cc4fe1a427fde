-- The second half of 0033: reads the whole table, but calls go on being written meanwhile.
ALTER TABLE call_log VALIDATE CONSTRAINT call_log_status_check;
