//! The sources and the verdicts on records, against what others made: real records and telegrams, an independent Modbus
//! server, and a collection of input that is wrong.

#![allow(clippy::unwrap_used)]

mod malformed;
mod ocmf;
mod program;
mod sml;
mod sunspec;

use baseload_gateway::source::{self, config::SourceConfig, Source};

/// A source, as its section of the gateway's file describes it.
fn open(section: &str) -> Box<dyn Source> {
	let config: SourceConfig = toml::from_str(section).expect("the section is right");
	source::open(&config)
}
