//! Agreements in files: what is read, and what is refused where.

#![allow(clippy::unwrap_used)]

use baseload_client::{
	agreements::{template, AgreementFile, Attestors, Kwh, Share, TEMPLATES},
	billing::{
		shares::Take,
		terms::{Start, Tariff},
	},
	primitives::Contract,
	units, AccountId,
};
use baseload_primitives::{FeedId, MeterId, Register, DAY, KWH};

const LEAST: Attestors = Attestors {
	monthly: Kwh(KWH),
	cap: Share(10_000),
};

const DECLARED: [Register; 4] = [
	Register::Import,
	Register::Export,
	Register::ExportBand(1),
	Register::ExportBand(2),
];

fn read(text: &str) -> Result<Contract<AccountId>, String> {
	let file = AgreementFile::parse("agreement.toml".into(), text.into()).map_err(|errors| errors.to_string())?;
	let account = |name: &str| match name {
		"Bob" => Ok(AccountId([1; 32])),
		"Charlie" => Ok(AccountId([2; 32])),
		"Dave" => Ok(AccountId([3; 32])),
		_ => Err(format!("\"{name}\" is nobody")),
	};
	file.contract(&DECLARED, LEAST, account)
		.map_err(|errors| errors.to_string())
}

fn text(name: &str) -> &'static str {
	template(name).unwrap().text
}

#[test]
fn every_template_should_be_read_and_contradict_nothing() {
	for template in TEMPLATES {
		let contract = read(template.text).unwrap();
		assert_eq!(contract.terms.contradiction(), None, "{}", template.name);
		assert_eq!(contract.terms.check(), Ok(()), "{}", template.name);
		assert_eq!(contract.seller, contract.payee);
	}
	assert_eq!(template("nonsense"), None);
}

#[test]
fn settings_that_templates_only_mention_should_be_read_too() {
	let whole = text("utility-solar")
		.replace("# payee =", "payee =")
		.replace("# share =", "share =")
		.replace("# [attestors]", "[attestors]")
		.replace("# monthly =", "monthly =")
		.replace("# cap =", "cap =")
		.replace("# [sweep]", "[sweep]")
		.replace("# vault =", "vault =")
		.replace("# share = \"20 %\"", "share = \"20 %\"");
	let contract = read(&whole).unwrap();
	assert_eq!(contract.share, Take::Percent(1_000_000));
	assert_eq!(contract.vault.map(|vault| vault.0), Some(1));
	assert_eq!(
		(contract.terms.cuts.sweep, contract.terms.cuts.attestor_cap),
		(200_000, 10_000)
	);
}

#[test]
fn clauses_should_become_what_the_chain_has() {
	let contract = read(text("datacentre-baseload")).unwrap();
	assert_eq!((contract.meter, contract.feed), (MeterId(0), Some(FeedId(0))));
	assert_eq!(contract.share, Take::Priority(744_000_000));
	let terms = &contract.terms;
	// The meter has its export register at the second place.
	assert_eq!(terms.registers.as_slice(), [1]);
	let Tariff::Indexed { base, slope, floor, .. } = &terms.tariff else {
		panic!("{:?}", terms.tariff)
	};
	assert_eq!((*base, *slope), (10i128.pow(25), 9 * 10i128.pow(17)));
	assert_eq!(*floor, 5 * 10i128.pow(25));
	assert_eq!(terms.start, Start::Month(units::parse_month("2027-01").unwrap()));
	assert_eq!((terms.payment.due, terms.outage.feed_final), (10 * DAY, 90 * DAY));
	assert_eq!(terms.payment.late_rate, 80_000_000_000_000_000);
	assert_eq!(contract.conditions.escrow, 70_000 * KWH);
	assert_eq!(contract.lender.notice, 30 * DAY);
}

#[test]
fn operation_should_start_the_term_when_it_is_to_be_proven() {
	let text = text("utility-solar").replace("start = \"2027-01\"", "#").replace(
		"[tariff.fixed]",
		"[operation]\nregister = \"export\"\nreaches = \"10 MWh\"\ntarget = \"2027-03-01\"\nlongstop = \"2027-12-31\"\n\
		 delay-per-day = \"100 KWH\"\ndelay-cap = \"9000 KWH\"\n[tariff.fixed]",
	);
	let Start::Operation(operation) = read(&text).unwrap().terms.start else {
		panic!("it starts with operation")
	};
	assert_eq!((operation.register, operation.wh), (1, 10_000_000));
	assert_eq!((operation.delay_per_day, operation.delay_cap), (100 * KWH, 9_000 * KWH));
}

#[test]
fn file_should_be_refused_with_place_and_expectation_when_something_is_wrong() {
	let solar = text("utility-solar");
	let line_of = |part: &str| 1 + solar.lines().position(|line| line.contains(part)).unwrap();
	for (from, to, said) in [
		(
			"months = 180",
			"month = 180",
			"unknown field `month`, expected `start` or `months`",
		),
		(
			"\"0.065 KWH/kWh\"]",
			"\"0.065 KWH\"]",
			"\"0.065 KWH\" is not a tariff in KWH/kWh: expected a price like",
		),
		("\"6 MW\"", "\"6 MWh\"", "\"6 MWh\" is not a power"),
		(
			"\"6 MW\"",
			"6",
			"invalid type: integer `6`, expected a power like \"5 MW\"",
		),
		("\"13000 MWh\"", "\"13000\"", "\"13000\" is not an energy"),
		(
			"\"2 %\"           #",
			"\"2\"           #",
			"\"2\" is not a share in %: expected a yearly change",
		),
		("\"2027-01\"", "\"2027-13\"", "\"2027-13\" is not a month like 2026-11"),
		("\"15 days\"", "\"15 years\"", "\"15 years\" is not a duration"),
		("\"8 %\"", "\"-8 %\"", "must not have a sign"),
		("\"229125 KWH\"", "\"229125 BLD\"", "is not an amount of KWH"),
		("\"2026-12-31\"", "\"31.12.2026\"", "is not a UTC date"),
		("[\"export\"]", "[\"exports\"]", "\"exports\" is not a register"),
		(
			"[\"export\"]",
			"[\"2.8.3\"]",
			"meter 0 has no such register: one of 1.8.0, 2.8.0, 2.8.1, 2.8.2 is expected",
		),
		("\"Charlie\"", "\"Mallory\"", "\"Mallory\" is nobody"),
		(
			"[\"0.065 KWH/kWh\"]",
			"[\"0.065 KWH/kWh\", \"1 KWH/kWh\"]",
			"2 prices for 1 registers: one for each is expected",
		),
		("months = 180", "months = 0", "a term has 1 to 1200 months"),
		(
			"start = \"2027-01\"",
			"#",
			"[term] has no start, and there is no [operation] to start with",
		),
	] {
		let line = line_of(from);
		let error = read(&solar.replacen(from, to, 1)).unwrap_err();
		assert!(error.contains(said), "{to}: {error}");
		// What is missing is told of at the next thing that is there.
		let place = if to == "#" { line + 1 } else { line };
		assert!(error.starts_with(&format!("agreement.toml:{place}:")), "{to}: {error}");
	}
}

#[test]
fn clause_should_be_named_when_it_contradicts_another() {
	let solar = text("utility-solar");
	for (from, to, section, said) in [
		(
			"quantity = \"13000 MWh\"",
			"#",
			"[volume]",
			"excess is energy beyond a quantity",
		),
		(
			"guarantee = \"80 %\"",
			"#",
			"[volume]",
			"a guarantee is a share of the quantity",
		),
		(
			"reference-price = \"0.065 KWH/kWh\"",
			"#",
			"[termination]",
			"a reference-price in [volume]",
		),
		(
			"dark-final = \"120 days\"",
			"dark-final = \"9 days\"",
			"[outage]",
			"nothing final before its grace is over",
		),
		("bond = \"2 %\"", "bond = \"102 %\"", "[dispute]", "at most 100 %"),
		(
			"escalation = \"2 %\"",
			"escalation = \"-100 %\"",
			"[tariff.fixed]",
			"prices fall to nothing",
		),
	] {
		let text = solar.replacen(from, to, 1);
		let line = 1 + text.lines().position(|line| line.starts_with(section)).unwrap();
		let error = read(&text).unwrap_err();
		assert!(
			error.starts_with(&format!("agreement.toml:{line}:1: ")),
			"{to}: {error}"
		);
		assert!(error.contains(said), "{to}: {error}");
	}
	let wind = text("wind-cfd").replace("feed-final = \"180 days\"", "#");
	let error = read(&wind).unwrap_err();
	assert!(error.contains("the tariff follows a feed: feed-final"), "{error}");
	let floor = text("datacentre-baseload").replace("floor = \"0.05", "floor = \"0.5");
	let error = read(&floor).unwrap_err();
	assert!(error.contains("the floor is above the cap"), "{error}");
}
