//! One module per command. Each has `Args`, what the command line gives it, and `run`, which does it.

pub mod aside;
pub mod attest;
pub mod check;
pub mod feed;
pub mod key;
pub mod ocmf;
pub mod run;
mod service;
pub mod status;
pub mod submit;
pub mod table;
pub mod verify;

use serde_json::Value;

/// What a command found or did, for people and for machines.
pub struct Outcome {
	/// For people; printed unless `--json` is given. Nothing is printed if it is empty.
	pub text: String,
	/// For machines; printed with `--json`. Nothing is printed if it is null.
	pub json: Value,
	/// Whether the program reports success. A check that found faults does not, although it did its work.
	pub success: bool,
}

impl Outcome {
	/// A success.
	pub fn new(text: impl Into<String>, json: Value) -> Self {
		Self {
			text: text.into(),
			json,
			success: true,
		}
	}
}
