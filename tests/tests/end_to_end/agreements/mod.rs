//! Agreements in trouble, on a real node: each path from the first missing unit to the last, after which the buckets explain
//! every unit that the agreement's account holds.
//!
//! Two rows of them share a node where nobody acts in both: mostly they wait for blocks.
//!
//! Months are calendar months, so that the agreements here bill months that are over: the meters' backlogs come in one go, and
//! what follows takes the seconds that the contracts say.

mod buyer;
mod close;
mod dispute;
mod feeds;
mod lender;
mod seller;
mod shares;
mod volume;

use std::time::{Duration, Instant};

use anyhow::{ensure, Result};
use baseload_client::Chain;
use baseload_tests::{
	ppa::{price_feeds, Plant},
	start_node, Said,
};
use serde_json::Value;

/// How long something may take that a contract makes wait for seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Does `line` again and again until the chain no longer refuses it for `why`.
async fn insist(plant: &Plant, line: &str, why: &str) -> Result<Value> {
	let deadline = Instant::now() + PATIENCE;
	loop {
		let said: Said = plant.cli.said(line)?;
		if said.success {
			return said.json();
		}
		ensure!(said.err.contains(why), "{line}: {}", said.err);
		ensure!(Instant::now() < deadline, "{line} is refused for ever: {}", said.err);
		plant.chain.wait_for_block(PATIENCE).await?;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn agreements_should_end_well_when_the_buyer_fails_or_an_index_never_comes() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	chain.wait_for_block(PATIENCE).await?;
	price_feeds(&chain, &[20, 21]).await?;
	let (other, url) = (chain.clone(), node.url());
	let row = tokio::spawn(async move {
		volume::dark_month_should_join_the_next_bill_when_it_stays_dark(&other, url.clone()).await?;
		feeds::difference_should_be_billed_when_its_index_is_fixed(&other, url.clone()).await?;
		feeds::indexed_bill_should_stand_when_its_index_never_comes(&other, url.clone()).await?;
		lender::lender_should_cure_the_sellers_default(&other, url).await
	});
	buyer::security_should_pay_and_the_seller_end_it_when_the_buyer_runs_dry(&chain, node.url()).await?;
	buyer::buyer_should_pay_to_leave(&chain, node.url()).await?;
	row.await??;
	node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn agreements_should_end_well_when_the_seller_fails_or_a_payee_cannot_receive() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let (other, url) = (chain.clone(), node.url());
	let row = tokio::spawn(async move {
		close::payee_should_claim_later_when_it_cannot_receive(&other, url.clone()).await?;
		close::arrears_should_stay_recorded_when_nothing_is_left(&other, url.clone()).await?;
		shares::agreements_should_share_what_the_meter_counted_once(&other, url.clone()).await?;
		lender::lender_should_run_the_plant_when_it_steps_in(&other, url).await
	});
	seller::damages_should_be_set_off_then_taken_from_the_bond_when_too_little_comes(&chain, node.url()).await?;
	seller::delay_should_cost_the_bond_when_operation_is_late(&chain, node.url()).await?;
	seller::buyer_should_leave_when_operation_is_not_proven_at_the_longstop(&chain, node.url()).await?;
	seller::buyer_should_end_it_when_the_sellers_debt_is_past_due(&chain, node.url()).await?;
	row.await??;
	node.stop().await
}

#[tokio::test]
async fn bills_should_come_right_when_something_is_unknown_or_disputed() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	chain.wait_for_block(PATIENCE).await?;
	price_feeds(&chain, &[10, 11]).await?;
	dispute::only_the_disputed_part_should_be_held_until_it_is_decided(&chain, node.url()).await?;
	dispute::bill_should_wait_when_its_reading_is_disputed(&chain, node.url()).await?;
	volume::estimates_should_be_trued_up_when_the_meter_returns(&chain, node.url()).await?;
	volume::excused_and_deemed_energy_should_count_when_they_are_declared(&chain, node.url()).await?;
	feeds::indexed_bill_should_be_corrected_when_its_index_comes_late(&chain, node.url()).await?;
	feeds::difference_should_wait_when_its_index_is_not_known(&chain, node.url()).await?;
	node.stop().await
}
