-- When the secret of a registration stops working, as its owner was told when it was made.
ALTER TABLE registrations ADD COLUMN secret_ends_at INTEGER;
