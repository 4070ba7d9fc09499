//! What the end-to-end tests share: real programs, as users run them.
//!
//! Programs are looked for beside the tests (`target/release`), or in the environment variable named; one that is
//! missing fails the test and says how to build it.

pub mod fleet;
pub mod ppa;
pub mod wallet;

use std::{
	path::PathBuf,
	process::{Command, Output},
};

use anyhow::{ensure, Context, Result};
use baseload_demo::node::{find_binary, Node, Options};
use serde_json::Value;

/// A fresh development node with free ports and throwaway data, which makes blocks.
pub async fn start_node() -> Result<Node> {
	Node::start(Options::default()).await
}

/// The node, for a program that starts one itself.
pub fn node_program() -> Result<PathBuf> {
	find_binary("baseload-node", "baseload-node", "BASELOAD_NODE", None)
}

/// The gateway.
pub fn gateway_program() -> Result<PathBuf> {
	find_binary("baseload-gateway", "baseload-gateway", "BASELOAD_GATEWAY", None)
}

/// The demo driver.
pub fn demo_program() -> Result<PathBuf> {
	find_binary("baseload-demo", "baseload-demo", "BASELOAD_DEMO", None)
}

/// The command line.
pub fn cli_program() -> Result<PathBuf> {
	find_binary("baseload", "baseload-cli", "BASELOAD_CLI", None)
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Said {
	/// True if it reported success.
	pub success: bool,
	/// Its standard output.
	pub out: String,
	/// Its standard error.
	pub err: String,
}

impl From<Output> for Said {
	fn from(output: Output) -> Self {
		Self {
			success: output.status.success(),
			out: String::from_utf8_lossy(&output.stdout).into_owned(),
			err: String::from_utf8_lossy(&output.stderr).into_owned(),
		}
	}
}

impl Said {
	/// Runs a program to its end.
	pub fn by(command: &mut Command) -> Result<Self> {
		Ok(command
			.output()
			.with_context(|| format!("cannot run {command:?}"))?
			.into())
	}

	/// The JSON on the last line of standard output of a program that must have succeeded.
	pub fn json(&self) -> Result<Value> {
		ensure!(self.success, "the program failed: {}\n{}", self.err, self.out);
		let line = self.out.lines().last().context("the program printed nothing")?;
		serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))
	}
}

/// The command line, as people use it against one node.
pub struct Cli {
	url: String,
}

impl Cli {
	/// For the node at `url`.
	pub fn new(url: String) -> Self {
		Self { url }
	}

	/// Where the node is.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// What the command `line` says, its words separated by spaces. It must succeed.
	pub fn run(&self, line: &str) -> Result<Value> {
		self.said(line)?.json().with_context(|| line.to_owned())
	}

	/// The command `line` must fail and say `why`.
	pub fn refused(&self, line: &str, why: &str) -> Result<()> {
		let said = self.said(line)?;
		ensure!(!said.success, "{line}: {}", said.out);
		ensure!(said.err.contains(why), "{line}: {}", said.err);
		Ok(())
	}

	/// What the command `line` says, its words separated by spaces, whether or not it succeeds.
	pub fn said(&self, line: &str) -> Result<Said> {
		Said::by(
			Command::new(cli_program()?)
				.args(line.split_whitespace())
				.args(["--json", "--url", &self.url]),
		)
	}
}

/// A file of this repository.
pub fn repository_file(path: &str) -> PathBuf {
	PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A file that comes with the gateway: one real plant-day.
pub fn day_csv() -> PathBuf {
	repository_file("clients/gateway/data/serf-east-2016-10-04.csv")
}
