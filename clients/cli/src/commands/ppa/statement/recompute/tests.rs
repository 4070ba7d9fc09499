//! Bills are the same again, or named.

use super::*;
use baseload_client::{
	agreements::{template, AgreementFile, Attestors, Kwh, Share},
	billing::{agreement::Suspension, shares::Take},
};
use baseload_primitives::Register;

/// Thirteen months of the hydro template: less than has to be taken in the first year, and some of it made up later.
fn world() -> (Agreement, Known) {
	// The price makes fractions of a base unit, which are carried.
	let text = template("hydro-take-or-pay").unwrap().text;
	let text = text.replace("[\"0.05 KWH/kWh\"]", "[\"0.0500000000001 KWH/kWh\"]");
	let file = AgreementFile::parse("hydro.toml".into(), text).unwrap();
	let fee = Attestors {
		monthly: Kwh(0),
		cap: Share(0),
	};
	let contract = file
		.contract(&[Register::Export], fee, |_| Ok(AccountId([0; 32])))
		.unwrap();
	let agreement = Agreement::new(1, contract.terms, 0).unwrap();
	let first = agreement.first_month.unwrap();
	let mut known = Known::default();
	for months in 0..=13u32 {
		let month = first.plus(months);
		let registers = Registers::try_from(vec![u64::from(months) * 700_000_003]).unwrap();
		let boundary = Boundary {
			registers,
			known: month.start() + 1,
		};
		known.boundaries.insert(month, boundary);
		let row = ShareRow {
			agreement: 1,
			take: Take::Percent(333_333),
		};
		known.tables.insert(month, ShareTable::new(&[row]).unwrap());
	}
	(agreement, known)
}

/// The bills that a chain would issue, and where it would stand.
fn issued(mut agreement: Agreement, known: &Known) -> (Vec<BillRecord>, Agreement) {
	let bills = (0..13).map(|period| issue_one(&mut agreement, known, period)).collect();
	(bills, agreement)
}

/// The bill of a period that a chain would issue.
fn issue_one(agreement: &mut Agreement, known: &Known, period: Period) -> BillRecord {
	play_before(agreement, known, Moment::MAX, Some(period)).unwrap();
	let at = agreement.next_event(known).unwrap().at;
	let (invoice, before) = (agreement.invoice(known, at).unwrap(), agreement.ledger);
	step(agreement, known).unwrap();
	let after = agreement.ledger;
	BillRecord {
		invoice,
		number: Some(agreement.issued),
		issued_at: at,
		due: at,
		amount: after.accrued - before.accrued,
		credited: after.credited - before.credited,
		damages: after.damages - before.damages,
		reserved: 0,
		corrected_up: 0,
		corrected_down: 0,
	}
}

#[test]
fn bills_should_be_the_same_when_they_are_recomputed() {
	let (mut replay, known) = world();
	let (bills, chain) = issued(replay.clone(), &known);
	assert!(bills.iter().any(|bill| bill.invoice.short > 0));
	assert_ne!(chain.rem, 0);
	for bill in &bills {
		let (after, invoice) = issue(&replay, &known, bill).unwrap();
		assert_eq!(invoice, bill.invoice);
		replay = after;
	}
	compare_ends(&replay, &chain).unwrap();
	replay.rem += 1;
	let error = compare_ends(&replay, &chain).unwrap_err().to_string();
	assert!(error.contains("fraction carried on"), "{error}");
}

/// Two bills of one block, the second under clauses that waited in the state before it.
#[test]
fn bill_should_be_the_same_when_an_amendment_came_into_force_in_its_block() {
	let (mut replay, known) = world();
	let amendment = Amendment {
		from: replay.first_month.unwrap().plus(1),
		prices: Some(vec![7].try_into().unwrap()),
		quantity: None,
		expected: None,
		payee: None,
		resolver: None,
	};
	let before = replay.clone();
	let (first, _) = issued(replay.clone(), &known);
	let (after, _) = issue(&replay, &known, &first[0]).unwrap();
	let mut amended = after.clone();
	amendment.change(&mut amended.terms);
	let second = issue_one(&mut amended, &known, 1);
	assert_eq!(second.invoice.lines[0].price, 7);

	// Under the newest clauses the first bill differs, and under the oldest the second.
	let mut known = known;
	replay.terms = amended.terms.clone();
	assert!(issue(&replay, &known, &first[0]).is_err());
	put_back(
		&mut replay,
		&mut known,
		&first[0],
		&before,
		Some(&amendment),
		BTreeMap::new(),
	);
	let (mut replay, invoice) = issue(&replay, &known, &first[0]).unwrap();
	assert_eq!(invoice, first[0].invoice);
	assert!(issue(&replay, &known, &second).is_err());
	put_back(
		&mut replay,
		&mut known,
		&second,
		&before,
		Some(&amendment),
		BTreeMap::new(),
	);
	assert_eq!(issue(&replay, &known, &second).unwrap().1, second.invoice);
}

/// A dark month and a suspended one in one bill, of a suspension that the chain has forgotten since.
#[test]
fn joined_bill_should_be_the_same_when_a_month_of_it_was_suspended() {
	let (mut agreement, mut known) = world();
	let first = agreement.first_month.unwrap();
	let silent = known.boundaries.remove(&first.plus(1)).unwrap();
	agreement.terms.outage.dark_final = 1;
	let suspended = Suspension {
		from: first.plus(1),
		until: Some(first.plus(2)),
	};
	agreement.suspensions.try_push(suspended).unwrap();
	let mut replay = agreement.clone();
	replay.suspensions = Default::default();
	let dark = issue_one(&mut agreement, &known, 0);
	assert_eq!((dark.invoice.lines[0].normal, dark.invoice.since), (0, 1));
	known.boundaries.insert(first.plus(1), silent);
	let before = agreement.clone();
	let joined = issue_one(&mut agreement, &known, 1);
	assert_eq!((joined.invoice.since, joined.invoice.period), (0, 1));
	assert!(joined.invoice.lines[0].normal > 0);

	known.boundaries.get_mut(&first.plus(1)).unwrap().known = joined.issued_at;
	let (mut replay, _) = issue(&replay, &known, &dark).unwrap();
	assert!(issue(&replay, &known, &joined).is_err());
	put_back(&mut replay, &mut known, &joined, &before, None, BTreeMap::new());
	assert_eq!(issue(&replay, &known, &joined).unwrap().1, joined.invoice);
}

/// The agreement was second of two that shared the meter, and both are forgotten: alone, its third would be rounded otherwise.
#[test]
fn bill_should_be_the_same_when_the_shares_beside_it_are_forgotten() {
	let (agreement, mut known) = world();
	let now = known.tables.clone();
	let row = |agreement| ShareRow {
		agreement,
		take: Take::Percent(333_333),
	};
	let both = ShareTable::new(&[row(2), row(1)]).unwrap();
	let then: BTreeMap<_, _> = now.keys().map(|month| (*month, both.clone())).collect();
	known.tables = then.clone();
	let mut chain = agreement.clone();
	let bill = issue_one(&mut chain, &known, 0);

	known.tables = now;
	let mut replay = agreement.clone();
	assert!(issue(&replay, &known, &bill).is_err());
	put_back(&mut replay, &mut known, &bill, &agreement, None, then);
	assert_eq!(issue(&replay, &known, &bill).unwrap().1, bill.invoice);
}

#[test]
fn bill_should_be_refused_when_one_number_differs() {
	/// Spoils one number.
	type Spoil = fn(&mut BillRecord);
	let (replay, known) = world();
	let (bills, _) = issued(replay.clone(), &known);
	let spoils: [(Spoil, &str); 8] = [
		(|bill| bill.amount += 1, "the amount of the bill of 2027-01 differs"),
		(|bill| bill.credited += 1, "the credit of the bill"),
		(|bill| bill.damages += 1, "the damages of the bill"),
		(|bill| bill.issued_at += 1, "was issued at"),
		(|bill| bill.invoice.opening[0] += 1, "the bill of 2027-01 differs"),
		(|bill| bill.invoice.closing[0] += 1, "the bill of 2027-01 differs"),
		(|bill| bill.invoice.lines[0].normal += 1, "the bill of 2027-01 differs"),
		(|bill| bill.invoice.lines[0].price += 1, "the bill of 2027-01 differs"),
	];
	for (spoil, said) in spoils {
		let mut bill = bills[0].clone();
		spoil(&mut bill);
		let error = issue(&replay, &known, &bill).unwrap_err().to_string();
		assert!(error.contains(said), "{said}: {error}");
	}
}
