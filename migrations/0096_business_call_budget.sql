-- A loop of redials emptied an account over night: above the budget, outbound calls stop until the next month.
ALTER TABLE business
  ADD COLUMN IF NOT EXISTS monthly_call_budget NUMERIC(12, 2)
    CONSTRAINT business_monthly_call_budget_check CHECK (monthly_call_budget >= 0),
  ADD COLUMN IF NOT EXISTS outbound_calls_enabled BOOLEAN NOT NULL DEFAULT TRUE;
