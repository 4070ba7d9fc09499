//! The loop from meter to paid bill on a real node, which loses power in the middle.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};
use baseload_client::{calls, AgreementView, Chain, MeterView, SiteView, VaultView};
use baseload_demo::{
	audit::{self, Snapshot},
	node::Node,
	plant_day::{self, Plan, World},
};
use baseload_gateway::backlog;
use baseload_tests::{day_csv, demo_program, gateway_program, node_program, start_node, Said};

/// What must survive a crash.
#[derive(Debug, PartialEq)]
struct Everything {
	site: SiteView,
	meter: MeterView,
	vault: VaultView,
	agreement: AgreementView,
}

impl Everything {
	/// As of the newest block, without what passes by itself: readings turn final, cover follows, interest accrues.
	async fn known(world: &World) -> Result<Self> {
		let at = world.chain.best().await?;
		let site = at.site(world.site).await?.context("the site is gone")?;
		let meter = at.meter(world.meter).await?.context("the meter is gone")?;
		let vault = at.vault(world.vault).await?.context("the vault is gone")?;
		let agreement = at.agreement(world.agreement).await?.context("the agreement is gone")?;
		Ok(Self {
			site: SiteView {
				last_30_days: Default::default(),
				last_365_days: Default::default(),
				cover: Default::default(),
				..site
			},
			meter: MeterView {
				newest_final: None,
				newest_measured: None,
				pending: 0,
				final_in: 0,
				..meter
			},
			vault: VaultView {
				energy: Default::default(),
				energy_limit: 0,
				drawable: None,
				collateral_ratio: None,
				debt: 0,
				..vault
			},
			agreement: AgreementView {
				final_register: None,
				..agreement
			},
		})
	}
}

/// Cuts the node's power, starts it again, and checks that nothing was forgotten.
async fn lose_power(node: &mut Node, world: &mut World) -> Result<()> {
	let before = Everything::known(world).await?;
	node.kill()?;
	node.start_again().await?;
	world.chain = Chain::connect_patiently(&node.url(), Duration::from_secs(10)).await?;
	assert_eq!(Everything::known(world).await?, before);
	Ok(())
}

#[tokio::test]
async fn day_should_be_billed_to_the_unit_when_the_node_loses_power() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let day = plant_day::shipped_day()?;
	let shifted = day.shifted_to_end_at(plant_day::chain_time(&chain).await?)?;
	let mut world = World::found(chain, Plan::default()).await?;
	world.name_attestors().await?;
	world.open_registers(shifted.start()).await?;
	world.activate().await?;

	let sent = Said::by(
		Command::new(gateway_program()?)
			.args(["--json", "submit", "--shift-to-now", "--no-wait", "--url", &node.url()])
			.args(["--meter", &world.meter.to_string()])
			.arg("--csv")
			.arg(day_csv())
			.arg("--device-key")
			.arg(world.device_key()),
	)?
	.json()?;
	let totals = backlog::totals(&day)?;
	assert_eq!((&sent["readings"], &sent["last_sequence"]), (&96.into(), &97.into()));
	assert_eq!(
		(&sent["export_wh"], &sent["import_wh"]),
		(&totals.export_wh().into(), &totals.import_wh().into())
	);

	lose_power(&mut node, &mut world).await?;

	world.gateway().await?.wait_until_final(97, &mut |_| ()).await?;
	world.draw().await?;
	let block = world.settle().await?;
	let (before, after) = Snapshot::around(&world, block).await?;
	audit::settlement(world.plan.sweep, &before, &after, totals.export_wh())?;

	let [attestor, _] = &world.cast.attestors;
	let earned = after.agreement.to_attestors / 2;
	assert!(earned > 0);
	world.send(&calls::claim_attestor_pay(), attestor).await?;
	let pay = world.chain.best().await?.attestor_pay(&attestor.account()).await?;
	assert_eq!((pay.claimable, pay.claimed), (0, earned));

	lose_power(&mut node, &mut world).await?;

	let at = world.chain.best().await?;
	let now = Snapshot::take(&world, &at).await?;
	audit::backing(&now)?;
	assert_eq!(now.agreement.paid, after.agreement.paid);
	assert_eq!(now.vault.drawn, after.vault.drawn);
	node.stop().await
}

#[test]
fn demo_should_add_up_when_run_as_users_run_it() -> Result<()> {
	let said = Said::by(
		Command::new(demo_program()?)
			.arg("--once")
			.arg("--node")
			.arg(node_program()?),
	)?;
	assert!(said.success, "{}\n{}", said.err, said.out);
	assert!(said.out.contains("It adds up"), "{}", said.out);
	Ok(())
}
