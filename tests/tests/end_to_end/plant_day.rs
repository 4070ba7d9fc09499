//! The loop from meter to paid bill on a real node, which loses power in the middle.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result};
use baseload_client::{calls, units, AgreementView, Chain, MeterView, SiteView, VaultView};
use baseload_demo::{
	audit::{self, Snapshot},
	node::Node,
	plant_day::{Plan, World},
};
use baseload_gateway::{
	backlog,
	source::{Sample, Series},
};
use baseload_tests::{demo_program, gateway_program, node_program, start_node, Said};

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
				declared: Default::default(),
				energy_limit: 0,
				drawable: None,
				collateral_ratio: None,
				debt: 0,
				..vault
			},
			agreement: AgreementView { now: 0, ..agreement },
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

/// A series as a data logger writes it.
fn logged(series: &Series) -> String {
	let line = |sample: &Sample| {
		let minus = if sample.power_uw < 0 { "-" } else { "" };
		let watts = units::format_units(sample.power_uw.unsigned_abs().into(), 6);
		format!("{},{minus}{watts}\n", units::format_time(sample.time))
	};
	let lines: String = series.samples().iter().map(line).collect();
	format!("time_utc,power_w\n{lines}")
}

#[tokio::test]
async fn day_should_be_billed_to_the_unit_when_the_node_loses_power() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let mut world = World::found(chain, Plan::default()).await?;
	world.name_attestors().await?;
	let day = world.billed_day()?;
	let folder = tempfile::tempdir()?;
	let csv = folder.path().join("day.csv");
	fs::write(&csv, logged(&day))?;

	let sent = Said::by(
		Command::new(gateway_program()?)
			.args(["--json", "submit", "--no-wait", "--url", &node.url()])
			.args(["--meter", &world.meter.to_string()])
			.arg("--csv")
			.arg(&csv)
			.arg("--device-key")
			.arg(world.device_key()),
	)?
	.json()?;
	let totals = backlog::totals(&day)?;
	assert_eq!((&sent["readings"], &sent["last_sequence"]), (&97.into(), &97.into()));
	assert_eq!(
		(&sent["export_wh"], &sent["import_wh"]),
		(&totals.export_wh().into(), &totals.import_wh().into())
	);

	lose_power(&mut node, &mut world).await?;

	world.gateway().await?.wait_until_final(97, &mut |_| ()).await?;
	if let Some(recent) = world.recent_day().await? {
		world.submit(&recent).await?;
	}
	world.draw().await?;
	let active = world.activate().await?;
	let settled = world.settle().await?;
	let before = Snapshot::take(&world, &world.chain.at(active).await?).await?;
	let after = Snapshot::take(&world, &world.chain.at(settled).await?).await?;
	audit::settlement(&before, &after, totals.export_wh())?;

	let [attestor, _] = &world.cast.attestors;
	let earned = after.agreement.payouts.paid.attestors / 2;
	assert!(earned > 0);
	world.send(&calls::claim_attestor_pay(), attestor).await?;
	let pay = world.chain.best().await?.attestor_pay(&attestor.account()).await?;
	assert_eq!((pay.claimable, pay.claimed), (0, earned));

	lose_power(&mut node, &mut world).await?;

	let at = world.chain.best().await?;
	let now = Snapshot::take(&world, &at).await?;
	audit::backing(&now)?;
	assert_eq!(now.ledger, after.ledger);
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
