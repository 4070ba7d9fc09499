//! A stock wallet library, unmodified, holds and sends KWH, alone, by several hands and by proxy.

use anyhow::Result;
use baseload_client::{keys::Key, Chain};
use baseload_primitives::{Balance, KWH};
use baseload_tests::{start_node, wallet::Wallet};
use serde_json::{json, Value};

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
	let wallet = Wallet::install()?;
	let mut node = start_node().await?;
	let seen = wallet.run("wallet.mjs", &node.url())?;

	assert_eq!(seen["symbols"], json!(["KWH", "BLD"]), "{seen}");
	assert_eq!(seen["decimals"], json!([12, 12]), "{seen}");
	for (shown, symbol) in [("shown", "KWH"), ("bldShown", "BLD")] {
		assert!(
			seen[shown].as_str().is_some_and(|shown| shown.ends_with(symbol)),
			"{seen}"
		);
	}

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

	// This node was built without its metadata's hash: what an offline wallet signs is refused rather than believed
	let seen = wallet.run("ledger.mjs", &node.url())?;
	for transfer in ["shown", "otherDecimals", "again"] {
		let said = seen[transfer].as_str().unwrap_or_default();
		assert!(said.contains("CannotLookup"), "{seen}");
	}
	node.stop().await
}
