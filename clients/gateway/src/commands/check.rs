//! `check`: whether a configuration is right, and everything in it answers.

use std::{collections::BTreeMap, fmt::Display, fs, path::Path, path::PathBuf, time::Duration};

use anyhow::Result;
use baseload_client::{device::format_device_key, keys::Key, units::format_register, At, Chain};
use baseload_gateway::{
	attest,
	config::{self, Config, Errors, Meter, MeterKeys},
	feed,
	source::{self, config::SourceConfig, Cursor, Observation, SourceError},
};
use baseload_primitives::{MeterId, MeterStatus, Register};
use futures::{stream, StreamExt};
use serde_json::json;

use super::{table::table, Outcome};

/// Sources asked at once.
const AT_ONCE: usize = 32;

/// How long the node and each source may take to answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// What to check.
#[derive(clap::Args)]
pub struct Args {
	/// The configuration
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
	/// Only the file and its keys: ask neither the node nor the sources
	#[arg(long)]
	offline: bool,
}

/// One thing that was looked at: what it is, and what it says or what is wrong with it.
struct Finding {
	what: String,
	result: Result<String, String>,
}

impl Finding {
	fn new(what: impl Into<String>, result: Result<impl Display, impl Display>) -> Self {
		Self {
			what: what.into(),
			result: result.map(|said| said.to_string()).map_err(|wrong| wrong.to_string()),
		}
	}
}

/// Checks everything that the configuration names, and reports success if nothing is wrong.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let opened = config::load(&args.config).and_then(|config| {
		let keys = config.open_keys()?;
		Ok((config, keys))
	});
	let (config, keys) = match opened {
		Ok(opened) => opened,
		Err(error) => {
			// Not a failure of this command: it found what it looks for
			let errors = error.downcast::<Errors>()?;
			return Ok(Outcome {
				text: errors.to_string(),
				json: json!({ "ok": false, "errors": errors.json() }),
				success: false,
			});
		}
	};
	let mut findings = vec![Finding::new(
		"configuration",
		Ok::<_, String>(format!(
			"{} meters, {} keys{}{}",
			config.meters.len(),
			keys.len(),
			if config.attest.is_some() { ", attests" } else { "" },
			if config.feed.is_some() { ", feeds prices" } else { "" }
		)),
	)];
	if let Some(outbox) = &config.outbox {
		findings.push(Finding::new("outbox", writable(&outbox.path)));
	}
	if !args.offline {
		findings.extend(online(&config, &keys).await);
	}
	Ok(outcome(&findings))
}

/// Asks the node and every source.
async fn online(config: &Config, keys: &BTreeMap<MeterId, MeterKeys>) -> Vec<Finding> {
	let mut findings = Vec::new();
	let (finding, at) = node(&config.chain).await;
	findings.push(finding);
	let mut registers = BTreeMap::new();
	if let Some(at) = &at {
		let asked = config.meters.iter().map(|meter| async move {
			let id = *meter.id.get_ref();
			(id, on_chain(at, meter, keys.get(&id)).await)
		});
		let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
		for (id, answer) in answers {
			let said = answer.map(|(said, declared, signs_with_next)| {
				registers.insert(id, (declared, signs_with_next));
				said
			});
			findings.push(Finding::new(format!("meter {id} on the chain"), said));
		}
	}
	let asked = config.meters.iter().map(|meter| {
		let id = *meter.id.get_ref();
		let known = registers.get(&id).cloned();
		let next = meter
			.next
			.as_ref()
			.filter(|_| known.as_ref().is_some_and(|(_, signs_with_next)| *signs_with_next));
		let source = next.and_then(|next| next.source.as_ref()).unwrap_or(&meter.source);
		ask(
			format!("source of meter {id}"),
			source.clone(),
			known.map(|(declared, _)| declared),
		)
	});
	findings.extend(stream::iter(asked).buffered(AT_ONCE).collect::<Vec<_>>().await);
	let asked = config.meters.iter().filter_map(|meter| {
		let id = *meter.id.get_ref();
		let next = meter.next.as_ref()?.source.as_ref()?;
		let is_read_already = registers.get(&id).is_some_and(|(_, signs_with_next)| *signs_with_next);
		(!is_read_already).then(|| waiting(id, next.clone()))
	});
	findings.extend(stream::iter(asked).buffered(AT_ONCE).collect::<Vec<_>>().await);
	if let Some(attest) = &config.attest {
		findings.extend(attestor(attest, at.as_ref()).await);
	}
	if let Some(feed) = &config.feed {
		let inputs = feed::check(feed).await;
		findings.extend(
			inputs
				.into_iter()
				.map(|(name, result)| Finding::new(format!("price input {name}"), result)),
		);
		findings.push(Finding::new(
			"price feed's account",
			Key::from_file(&feed.key).map(|key| key.account()),
		));
	}
	findings
}

/// Whether the node answers, for the right chain, and its newest state if so.
async fn node(chain: &config::Chain) -> (Finding, Option<At>) {
	let asked = async {
		let node = Chain::connect(&chain.url).await?;
		let at = node.best().await?;
		let final_number = node.finalized_number().await?;
		let (peers, syncing) = node.health().await?;
		Ok::<_, baseload_client::Error>((node, at, final_number, peers, syncing))
	};
	let answer = match tokio::time::timeout(PATIENCE, asked).await {
		Ok(Ok(answer)) => Ok(answer),
		Ok(Err(error)) => Err(error.to_string()),
		Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
	};
	let judged = answer.and_then(|(node, at, final_number, peers, syncing)| {
		let found = node.genesis_hash();
		if found != chain.genesis.0 {
			return Err(format!(
				"{} is of another chain, \"{}\": its genesis is {found:?}, and {:?} is expected",
				&*chain.url,
				node.name(),
				chain.genesis.0
			));
		}
		if syncing {
			return Err(format!(
				"{} is still catching up, at block {} with {peers} peers: wait until it is there",
				&*chain.url,
				at.number()
			));
		}
		let said = format!(
			"{}, block {}, final {final_number}, {peers} peers",
			node.name(),
			at.number()
		);
		Ok((said, at))
	});
	match judged {
		Ok((said, at)) => (Finding::new("node", Ok::<_, String>(said)), Some(at)),
		Err(wrong) => (Finding::new("node", Err::<String, _>(wrong)), None),
	}
}

/// Whether the chain knows a meter, accepts its readings and has a key that signs them; what its registers count, and whether it
/// has the next key already.
async fn on_chain(at: &At, meter: &Meter, key: Option<&MeterKeys>) -> Result<(String, Vec<Register>, bool), String> {
	let view = at.meter(*meter.id.get_ref()).await.map_err(|error| error.to_string())?;
	let view = view.ok_or("the chain has no meter with this number")?;
	if view.status == MeterStatus::Suspended {
		return Err("it is suspended: the chain takes none of its readings".into());
	}
	let device = view.key.ok_or("it has no device: a committee reads it")?;
	let next = key.and_then(|key| key.next.as_ref());
	let signs_with_next = next.is_some_and(|next| next.public() == device);
	match (key, &view.ocmf_serial) {
		(Some(key), _) if key.present.public() != device && !signs_with_next => {
			return Err(format!(
				"the key file holds {}, but the chain expects {}",
				format_device_key(key.present.public()),
				format_device_key(device)
			));
		}
		(None, None) => {
			return Err(
				"the chain does not expect OCMF records of it: it was registered without a serial number".into(),
			);
		}
		_ => (),
	}
	let names: Vec<_> = view.registers.iter().copied().map(format_register).collect();
	let newest = match &view.newest {
		Some(newest) => format!("newest reading {}", newest.sequence),
		None => "no reading yet".into(),
	};
	let key = match (signs_with_next, next) {
		(true, _) => ", signs with its next key: configure that as its key",
		(false, Some(_)) => ", the next key is at hand",
		(false, None) => "",
	};
	let said = format!(
		"active, registers {}, {newest}, {} not final{key}",
		names.join(" "),
		view.pending
	);
	Ok((said, view.registers, signs_with_next))
}

/// Whether a source answers, and has all registers that the meter declared.
async fn ask(what: String, config: SourceConfig, declared: Option<Vec<Register>>) -> Finding {
	let asked = async {
		let mut source = source::open(&config);
		let said = source.check().await?;
		let polled = source.poll(&Cursor::default(), 2).await;
		Ok::<_, SourceError>((said, polled))
	};
	let result = match tokio::time::timeout(PATIENCE, asked).await {
		Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
		Ok(Err(error)) => Err(error.to_string()),
		Ok(Ok((_, Err(error @ SourceError::Malformed(_))))) => Err(error.to_string()),
		// It answers, and has nothing to say yet
		Ok(Ok((said, Err(SourceError::Temporary(why))))) => Ok(format!("{said}; {why}")),
		Ok(Ok((said, Ok(polled)))) => match polled.refused.first() {
			Some(refused) => Err(refused.to_string()),
			None => missing(&polled.observations, &declared.unwrap_or_default()).map_or(Ok(said), Err),
		},
	};
	Finding::new(what, result)
}

/// What the source of a meter's next device says, which need not be there yet.
async fn waiting(meter: MeterId, config: SourceConfig) -> Finding {
	let said = match tokio::time::timeout(PATIENCE, source::open(&config).check()).await {
		Err(_) => Ok(format!("not there yet: no answer within {} s", PATIENCE.as_secs())),
		Ok(Err(SourceError::Temporary(why))) => Ok(format!("not there yet: {why}")),
		Ok(said) => said.map_err(|error| error.to_string()),
	};
	Finding::new(format!("next source of meter {meter}"), said)
}

/// The registers that the meter declared and its source does not have.
fn missing(observations: &[Observation], declared: &[Register]) -> Option<String> {
	let counts = observations.iter().find_map(|observation| match observation {
		Observation::Counts { counts, .. } => Some(counts),
		Observation::Ocmf(_) => None,
	})?;
	let missing: Vec<_> = declared
		.iter()
		.filter(|register| !counts.iter().any(|(has, _)| has == *register))
		.map(|register| format_register(*register))
		.collect();
	(!missing.is_empty()).then(|| {
		let has: Vec<_> = counts.iter().map(|(register, _)| format_register(*register)).collect();
		format!(
			"the meter declares {}, which the source does not have: it has {}",
			missing.join(" "),
			has.join(" ")
		)
	})
}

/// The attestor's account and its own sources.
async fn attestor(config: &attest::config::Config, at: Option<&At>) -> Vec<Finding> {
	let account = match (Key::from_file(&config.key), at) {
		(Err(error), _) => Err(error.to_string()),
		(Ok(key), None) => Ok(format!("{}, the chain was not asked", key.account())),
		(Ok(key), Some(at)) => match at.attestor(&key.account()).await {
			Ok(Some(_)) => Ok(format!("{} is an attestor", key.account())),
			Ok(None) => Err(format!(
				"{} is not an attestor of the chain: it has no bond",
				key.account()
			)),
			Err(error) => Err(error.to_string()),
		},
	};
	let mut findings = vec![Finding::new("attestor's account", account)];
	findings.push(Finding::new("attestor's journal", writable(&config.journal)));
	let asked = config.meters.iter().map(|meter| {
		ask(
			format!("attestor's source of meter {}", meter.id.get_ref()),
			meter.source.clone(),
			None,
		)
	});
	findings.extend(stream::iter(asked).buffered(AT_ONCE).collect::<Vec<_>>().await);
	findings
}

/// Whether a file can be written, or made where it is to be. Leaves nothing behind and changes nothing.
fn writable(path: &Path) -> Result<String, String> {
	let shown = path.display();
	if path.exists() {
		let opened = fs::OpenOptions::new().append(true).open(path);
		return match opened {
			Ok(_) => Ok(format!("{shown}, which is there")),
			Err(error) => Err(format!("{shown} cannot be written: {error}")),
		};
	}
	let folder = path.parent().unwrap_or(path);
	let probe = folder.join(format!(".baseload-gateway-check-{}", std::process::id()));
	let made = fs::OpenOptions::new().write(true).create_new(true).open(&probe);
	match made.and_then(|_| fs::remove_file(&probe)) {
		Ok(()) => Ok(format!("{shown}, which the first start makes")),
		Err(error) => Err(format!("nothing can be written in {}: {error}", folder.display())),
	}
}

fn outcome(findings: &[Finding]) -> Outcome {
	let faults = findings.iter().filter(|finding| finding.result.is_err()).count();
	let rows: Vec<_> = findings
		.iter()
		.map(|finding| match &finding.result {
			Ok(said) => vec![finding.what.clone(), "ok".into(), said.clone()],
			Err(wrong) => vec![finding.what.clone(), "WRONG".into(), wrong.clone()],
		})
		.collect();
	let verdict = match faults {
		0 => "nothing is wrong".into(),
		1 => "1 thing is wrong".into(),
		faults => format!("{faults} things are wrong"),
	};
	let list: Vec<_> = findings
		.iter()
		.map(|finding| {
			let (Ok(says) | Err(says)) = &finding.result;
			json!({ "what": finding.what, "ok": finding.result.is_ok(), "says": says })
		})
		.collect();
	Outcome {
		text: format!("{}\n\n{verdict}", table(&["what", "verdict", "says"], &rows)),
		json: json!({ "ok": faults == 0, "checks": list }),
		success: faults == 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::keys::DeviceSecret;
	use baseload_primitives::{ClockStatus, Quality};

	async fn said(text: &str, offline: bool) -> Outcome {
		let folder = tempfile::tempdir().unwrap();
		let config = folder.path().join("gateway.toml");
		fs::write(&config, text.replace("FOLDER", &folder.path().display().to_string())).unwrap();
		DeviceSecret::create(&folder.path().join("key")).unwrap();
		fs::write(
			folder.path().join("plant.csv"),
			"time_utc,power_w\n2026-01-31T12:00:00Z,4000\n2026-01-31T12:15:00Z,4000\n",
		)
		.unwrap();
		run(Args { config, offline }, false).await.unwrap()
	}

	/// Nobody listens at port 1.
	const FILE: &str = "[chain]\nurl = \"ws://127.0.0.1:1\"\n\
		genesis = \"0x0707070707070707070707070707070707070707070707070707070707070707\"\n\
		[outbox]\npath = \"FOLDER/outbox\"\n\
		[[meter]]\nid = 7\nkey = \"FOLDER/key\"\nsource = { csv = { path = \"FOLDER/plant.csv\" } }\n";

	#[tokio::test]
	async fn check_should_say_that_nothing_is_wrong_when_nothing_is() {
		let outcome = said(FILE, true).await;
		assert!(
			outcome.success && outcome.text.ends_with("\n\nnothing is wrong"),
			"{}",
			outcome.text
		);
		assert!(outcome.text.contains("1 meters, 1 keys"), "{}", outcome.text);
	}

	#[tokio::test]
	async fn check_should_fail_with_file_and_line_when_the_file_is_wrong() {
		let outcome = said(&FILE.replace("FOLDER/key", "FOLDER/none"), true).await;
		assert!(
			!outcome.success && outcome.text.contains("gateway.toml:8:7: "),
			"{}",
			outcome.text
		);
		assert_eq!(
			(&outcome.json["ok"], &outcome.json["errors"][0]["line"]),
			(&json!(false), &json!(8))
		);
	}

	#[tokio::test]
	async fn check_should_ask_the_sources_when_the_node_is_silent() {
		let outcome = said(FILE, false).await;
		assert!(!outcome.success, "{}", outcome.text);
		let verdicts: Vec<_> = outcome.json["checks"]
			.as_array()
			.unwrap()
			.iter()
			.map(|check| (check["what"].as_str().unwrap(), check["ok"].as_bool().unwrap()))
			.collect();
		assert_eq!(
			verdicts,
			[
				("configuration", true),
				("outbox", true),
				("node", false),
				("source of meter 7", true)
			],
			"{}",
			outcome.text
		);
		let gone = said(&FILE.replace("plant.csv", "none.csv"), false).await;
		assert_eq!(gone.json["checks"][3]["ok"], false, "{}", gone.text);
	}

	#[tokio::test]
	async fn next_source_should_be_told_but_need_not_be_there_yet() {
		async fn asked(path: &str) -> Result<String, String> {
			let config = toml::from_str(&format!("[csv]\npath = \"{path}\"")).unwrap();
			waiting(MeterId(7), config).await.result
		}
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("next.csv").display().to_string();
		assert!(asked(&path).await.unwrap().contains("not there yet"));
		fs::write(&path, "time_utc,export_wh\n").unwrap();
		assert!(asked(&path).await.unwrap().contains("register values"));
		fs::write(&path, "what,is,this\n").unwrap();
		assert!(asked(&path).await.is_err());
	}

	#[test]
	fn registers_should_be_missing_when_the_source_has_others() {
		let seen = [Observation::Counts {
			measured_at: 1,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			counts: vec![(Register::Export, 5), (Register::Import, 0)],
		}];
		assert_eq!(missing(&seen, &[Register::Import]), None);
		assert_eq!(missing(&[], &[Register::Import]), None);
		assert_eq!(
			missing(&seen, &[Register::ExportBand(2), Register::Export]).unwrap(),
			"the meter declares 2.8.2, which the source does not have: it has 2.8.0 1.8.0"
		);
	}

	#[test]
	fn outbox_should_be_refused_when_its_folder_is_missing() {
		let folder = tempfile::tempdir().unwrap();
		assert!(writable(&folder.path().join("new")).is_ok());
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
		let error = writable(&folder.path().join("none/new")).unwrap_err();
		assert!(error.contains("nothing can be written"), "{error}");
	}

	/// The unit as it is shipped calls commands that exist, and hands over what the example configuration names.
	#[test]
	fn unit_should_fit_the_program_and_the_example() {
		use clap::Parser;

		#[derive(Parser)]
		enum Line {
			Check(Args),
			Run(super::super::run::Args),
		}

		let unit = include_str!("../../deploy/baseload-gateway.service");
		let values = |key: &str| {
			let lines = unit
				.lines()
				.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
			lines.map(str::to_owned).collect::<Vec<_>>()
		};
		let line = |key: &str| Line::try_parse_from(values(key)[0].split(' ')).unwrap();
		let Line::Check(check) = line("ExecStartPre") else {
			panic!("it checks first");
		};
		assert!(check.offline && matches!(line("ExecStart"), Line::Run(_)));

		let example = include_str!("../../deploy/gateway.toml");
		let credentials = "/run/credentials/baseload-gateway.service/";
		let given: Vec<String> = values("LoadCredential");
		let mut named = 0;
		for path in example.split('"').filter_map(|word| word.strip_prefix(credentials)) {
			let id = path.split('_').next().unwrap();
			assert!(given.iter().any(|given| given.starts_with(&format!("{id}:"))), "{path}");
			named += 1;
		}
		assert_eq!(named, 5);
		let state = format!("/var/lib/{}/", values("StateDirectory")[0]);
		assert!(example.contains(&format!("path = \"{state}outbox.redb\"")));
	}
}
