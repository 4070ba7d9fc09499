//! Tests, one file per capability, and what they share.
