-- Where the page is that shows what an alert is about.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS page_url Nullable(String);
