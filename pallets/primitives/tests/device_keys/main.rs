//! Every kind of device key against published test vectors.
//!
//! * [`kinds`]: what holds for all kinds: bytes, kinds not mixed, weak keys.
//! * [`p256`], [`secp256k1`], [`ed25519`]: the published vectors; each test states how many there are and every verdict
//!   that differs from theirs.
//! * [`vectors`], [`der`]: how ECDSA vectors are read and run.

#![allow(clippy::unwrap_used)]

mod der;
mod ed25519;
mod kinds;
mod p256;
mod secp256k1;
mod vectors;
