//! One real plant-day from meter to paid bill, on a development node. See `baseload-demo --help`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{bail, Result};
use baseload_client::{units, Chain};
use baseload_demo::{
	audit::{self, Snapshot},
	node::{self, Node},
	plant_day::{say, Plan, World},
	prices,
};
use baseload_gateway::backlog;
use baseload_primitives::{Moment, MINUTE};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{signal, SignalKind};

/// The port that tools look at when nobody names one.
const USUAL_PORT: u16 = 9944;

/// Drives one recorded day of a real photovoltaic plant through a development node: signed readings, final registers,
/// the bill, the payment, and the producer's debt that it retires. Exits with an error if the day does not add up to
/// the last unit.
#[derive(Parser)]
#[command(name = "baseload-demo", version, args_conflicts_with_subcommands = true)]
struct Args {
	/// The node's program, `baseload-node`; looked for beside this program, or in BASELOAD_NODE
	#[arg(long, value_name = "FILE", conflicts_with = "url")]
	node: Option<PathBuf>,
	/// Use a development node that already runs, instead of starting one
	#[arg(long)]
	url: Option<String>,
	/// Folder for the node's data, kept at the end; otherwise a throwaway one
	#[arg(long, value_name = "FOLDER", conflicts_with = "url")]
	base_path: Option<PathBuf>,
	/// Exit when the day is over; otherwise the node goes on until Ctrl-C, with prices from prices.json in its folder
	#[arg(long)]
	once: bool,
	#[command(subcommand)]
	command: Option<Action>,
}

/// What else there is to do.
#[derive(Subcommand)]
enum Action {
	/// Feed a development node that already runs with prices from a file, until Ctrl-C: in the name of Alice, Bob and Charlie, its
	/// price operators
	Prices {
		/// The file; with prices that ship if there is none yet
		#[arg(default_value = "prices.json")]
		file: PathBuf,
		/// Where the node answers
		#[arg(long, default_value = "ws://127.0.0.1:9944")]
		url: String,
		/// How often prices are reported
		#[arg(long, value_parser = units::parse_duration, default_value = "1m")]
		every: Moment,
	},
}

#[tokio::main]
async fn main() -> ExitCode {
	match run(Args::parse()).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("baseload-demo: {error:#}");
			ExitCode::FAILURE
		}
	}
}

/// Plays the day, with a node of its own if none was named, and stops that node whatever happens.
async fn run(args: Args) -> Result<()> {
	let interrupted = interrupted();
	tokio::pin!(interrupted);
	if let Some(Action::Prices { file, url, every }) = args.command {
		prices::provide(&file)?;
		say(
			"Prices",
			&format!("from {}: what is edited there is on the chain soon", file.display()),
		);
		return tokio::select! {
			ended = prices::feed(&url, &file, every) => ended,
			_ = &mut interrupted => Ok(()),
		};
	}
	let mut node = None;
	let url = match args.url {
		Some(url) => url,
		None => {
			let rpc_port = node::is_free(USUAL_PORT).then_some(USUAL_PORT);
			let options = node::Options {
				binary: args.node,
				base_path: args.base_path,
				rpc_port,
				..Default::default()
			};
			let started = tokio::select! {
				started = Node::start(options) => started?,
				_ = &mut interrupted => bail!("interrupted"),
			};
			let url = started.url();
			say(
				"Node",
				&format!("makes blocks; {url}, data in {}", started.base_path().display()),
			);
			node = Some(started);
			url
		}
	};
	let mut result = tokio::select! {
		played = play(&url) => played,
		_ = &mut interrupted => {
			stop(&mut node).await?;
			bail!("interrupted before the day was over");
		},
	};
	if let (Some(node), true) = (&mut node, result.is_ok() && !args.once) {
		say("The node goes on", &format!("at {url} until Ctrl-C"));
		let file = node.base_path().join("prices.json");
		let fed = async {
			prices::provide(&file)?;
			say(
				"Prices stay fresh",
				&format!("from {}: edit it, and they follow", file.display()),
			);
			prices::feed(&url, &file, MINUTE).await
		};
		result = tokio::select! {
			ended = node.ended() => ended,
			ended = fed => ended,
			_ = &mut interrupted => Ok(()),
		};
	}
	if let Err(error) = result {
		let tail = node.as_ref().map(Node::tail).unwrap_or_default();
		// What went wrong first is what matters, even if the node fails to stop as well
		let _ = stop(&mut node).await;
		bail!("{error:#}{tail}");
	}
	stop(&mut node).await
}

/// Stops the node, if it is ours.
async fn stop(node: &mut Option<Node>) -> Result<()> {
	match node {
		Some(node) => node.stop().await,
		None => Ok(()),
	}
}

/// The day, from prices to proof.
async fn play(url: &str) -> Result<()> {
	let chain = Chain::connect(url).await?;
	let world = World::found(chain, Plan::default()).await?;
	world.name_attestors().await?;
	let day = world.billed_day()?;
	world.submit(&day).await?;
	if let Some(recent) = world.recent_day().await? {
		world.submit(&recent).await?;
	}
	world.draw().await?;
	let active = world.activate().await?;
	let settled = world.settle().await?;
	let before = Snapshot::take(&world, &world.chain.at(active).await?).await?;
	let after = Snapshot::take(&world, &world.chain.at(settled).await?).await?;
	audit::settlement(&before, &after, backlog::totals(&day)?.export_wh())
}

/// Until Ctrl-C, or somebody asks this process to end.
async fn interrupted() -> Result<()> {
	let mut terminated = signal(SignalKind::terminate())?;
	tokio::select! {
		_ = terminated.recv() => Ok(()),
		pressed = tokio::signal::ctrl_c() => Ok(pressed?),
	}
}
