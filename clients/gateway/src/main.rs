//! Carries meter readings to a Baseload chain. See `baseload-gateway --help`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;

use commands::{aside, attest, check, feed, key, ocmf, run, status, submit, verify};

/// A plant's own daemon between its meters and a Baseload chain: needs device keys, but no account and no fee.
#[derive(Parser)]
#[command(name = "baseload-gateway", version)]
struct Args {
	/// Print the result as one JSON object, for machines; logs as JSON lines
	#[arg(long, global = true)]
	json: bool,
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Read all meters of a configuration, and carry what they say to the chain, until stopped
	Run(run::Args),
	/// Check a configuration, and ask every source and the node whether they answer
	Check(check::Args),
	/// Show each meter of a running gateway: last reading, queue, finality, errors
	Status(status::Args),
	/// Show readings that the chain refused for good, which the outbox keeps until somebody has looked at them
	Aside(aside::Args),
	/// A meter's signing key
	#[command(subcommand)]
	Key(key::Args),
	/// Verify OCMF records offline, and send them if wanted
	Ocmf(ocmf::Args),
	/// As an attestor: compare provisional readings with independent sources; vouch, dispute and vote
	Attest(attest::Args),
	/// As an oracle operator: report prices on schedule
	Feed(feed::Args),
	/// Turn one file of power samples into signed readings, send them, and wait until they are final
	Submit(submit::Args),
	/// Check a file of power samples, and print the registers that it leads to
	Verify(verify::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
	let Args { json, command } = Args::parse();
	let result = match command {
		Command::Run(args) => run::run(args, json).await,
		Command::Check(args) => check::run(args, json).await,
		Command::Status(args) => status::run(args, json).await,
		Command::Aside(args) => aside::run(args, json).await,
		Command::Key(args) => key::run(args, json).await,
		Command::Ocmf(args) => ocmf::run(args, json).await,
		Command::Attest(args) => attest::run(args, json).await,
		Command::Feed(args) => feed::run(args, json).await,
		Command::Submit(args) => submit::run(args, json).await,
		Command::Verify(args) => verify::run(args, json).await,
	};
	match result {
		Ok(outcome) => {
			match json {
				true if !outcome.json.is_null() => println!("{}", outcome.json),
				false if !outcome.text.is_empty() => println!("{}", outcome.text),
				_ => (),
			}
			match outcome.success {
				true => ExitCode::SUCCESS,
				false => ExitCode::FAILURE,
			}
		}
		Err(error) => {
			match json {
				true => eprintln!("{}", json!({ "error": format!("{error:#}") })),
				false => eprintln!("baseload-gateway: {error:#}"),
			}
			ExitCode::FAILURE
		}
	}
}
