//! Stock wallet libraries, unmodified, as the scripts in `wallet` use them.

use std::{fs, path::Path, process::Command};

use anyhow::{ensure, Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::Said;

/// What the lock file names, and the scripts.
pub struct Wallet {
	folder: TempDir,
}

impl Wallet {
	/// Installs exactly what the lock file names into a copy of the scripts' folder.
	pub fn install() -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("wallet");
		for file in ["package.json", "package-lock.json", "wallet.mjs", "ledger.mjs"] {
			fs::copy(source.join(file), folder.path().join(file)).with_context(|| format!("cannot copy {file}"))?;
		}
		let said = Said::by(
			Command::new("npm")
				.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
				.current_dir(folder.path()),
		)
		.context("this needs npm and Node.js 18 or newer")?;
		ensure!(said.success, "npm ci failed: {}\n{}", said.err, said.out);
		Ok(Self { folder })
	}

	/// What a script saw of the node at `url`.
	pub fn run(&self, script: &str, url: &str) -> Result<Value> {
		Said::by(
			Command::new("node")
				.arg(script)
				.arg(url)
				.current_dir(self.folder.path()),
		)?
		.json()
	}
}
