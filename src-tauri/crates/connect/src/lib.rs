//! Room `connect`.
