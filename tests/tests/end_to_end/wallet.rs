//! A stock wallet library, unmodified, holds and sends KWH, alone, by several hands and by proxy.

use std::{fs, path::Path, process::Command};

use anyhow::{ensure, Context, Result};
use baseload_client::{keys::Key, Chain};
use baseload_primitives::{Balance, KWH};
use baseload_tests::{start_node, Said};
use serde_json::Value;

/// Installs exactly what the lock file names into a copy of the script's folder.
fn install(folder: &Path) -> Result<()> {
	let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("wallet");
	for file in ["package.json", "package-lock.json", "wallet.mjs"] {
		fs::copy(source.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
	}
	let said = Said::by(
		Command::new("npm")
			.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
			.current_dir(folder),
	)
	.context("this test needs npm and Node.js 18 or newer")?;
	ensure!(said.success, "npm ci failed: {}\n{}", said.err, said.out);
	Ok(())
}

/// An amount in the script's answer.
fn amount(seen: &Value, pointer: &str) -> Balance {
	let text = seen
		.pointer(pointer)
		.and_then(Value::as_str)
		.unwrap_or_else(|| panic!("{pointer} is missing in {seen}"));
	text.parse()
		.unwrap_or_else(|_| panic!("{pointer} is no amount in {seen}"))
}

#[tokio::test]
async fn wallet_should_send_kwh_alone_by_several_hands_and_by_proxy_when_it_is_a_stock_one() -> Result<()> {
	let folder = tempfile::tempdir()?;
	install(folder.path())?;
	let mut node = start_node().await?;
	let seen = Said::by(
		Command::new("node")
			.arg("wallet.mjs")
			.arg(node.url())
			.current_dir(folder.path()),
	)?
	.json()?;

	assert_eq!(
		(&seen["symbol"], &seen["decimals"]),
		(&"KWH".into(), &12.into()),
		"{seen}"
	);
	assert!(
		seen["shown"].as_str().is_some_and(|shown| shown.ends_with("KWH")),
		"{seen}"
	);

	let (sent, fee) = (amount(&seen, "/amount"), amount(&seen, "/fee"));
	assert!(
		fee > 0 && fee < KWH,
		"a plain transfer should cost a fraction of a KWH: {seen}"
	);
	assert_eq!(amount(&seen, "/tip"), 0);
	assert_eq!(amount(&seen, "/after/from"), amount(&seen, "/before/from") - sent - fee);
	assert_eq!(amount(&seen, "/after/to"), amount(&seen, "/before/to") + sent);

	assert_eq!(amount(&seen, "/existential/least"), KWH / 1_000);
	assert_eq!(seen["existential"]["refused"], "BelowMinimum", "{seen}");
	assert_eq!(amount(&seen, "/existential/newcomer"), KWH / 1_000);
	assert_eq!(
		(amount(&seen, "/multisig/sent"), amount(&seen, "/multisig/left")),
		(KWH, 9 * KWH)
	);
	assert_eq!(amount(&seen, "/proxy/sent"), KWH);

	let at = Chain::connect(&node.url()).await?.finalized().await?;
	assert_eq!(
		at.kwh(&Key::dev("Dave")?.account()).await?.free,
		amount(&seen, "/after/from")
	);
	assert_eq!(at.bld(&Key::dev("Dave")?.account()).await?.free, amount(&seen, "/bld"));
	let backing = at.proof_of_backing().await?;
	let owed = backing.debt + backing.shortfall;
	assert_eq!(backing.supply, owed, "a fee must neither make nor destroy KWH");
	node.stop().await
}
