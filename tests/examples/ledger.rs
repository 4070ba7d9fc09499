//! One transfer as an offline wallet such as Ledger signs it, on a node that was built with the hash of its metadata.
//!
//! ```text
//! make ledger
//! ```
//!
//! builds that node and runs this. It fails unless the chain takes a transfer that was shown by the chain's own metadata, and refuses
//! one that was shown with other decimals.

use anyhow::{ensure, Result};
use baseload_tests::{start_node, wallet::Wallet};

#[tokio::main]
async fn main() -> Result<()> {
	let wallet = Wallet::install()?;
	let mut node = start_node().await?;
	let seen = wallet.run("ledger.mjs", &node.url())?;
	node.stop().await?;
	println!("shown rightly         {}", seen["shown"]);
	println!("with other decimals   {}", seen["otherDecimals"]);
	println!("shown rightly again   {}", seen["again"]);
	let refused = seen["otherDecimals"].as_str().unwrap_or_default();
	ensure!(
		seen["shown"] == "in a block" && seen["again"] == "in a block" && refused.contains("bad signature"),
		"this node is none for offline wallets: was it built with `make ledger`?"
	);
	Ok(())
}
