//! For tests: two years from January 2027 at one base unit per Wh, and sources that tell what a test writes down.

use std::collections::BTreeMap;

use super::{
	calendar::DAY_MS,
	shares::{ShareRow, ShareTable, Take},
	sources::{Boundary, Index, Proof},
	terms::{Cuts, DisputeClause, Outage, Payment, Start, Tariff, Termination, Terms, Volume},
	Agreement, Input, Moment, Month, Price, Sources,
};
use crate::tariff::SCALE;

/// Period 0.
pub const FIRST: u32 = 24_324;

/// Plain terms: one register, a fixed price, no quantities, no cuts.
pub fn terms() -> Terms {
	let day = DAY_MS;
	let price = SCALE.into();
	Terms {
		registers: vec![0].try_into().unwrap(),
		tariff: Tariff::Fixed {
			prices: vec![price].try_into().unwrap(),
		},
		escalator: 0,
		months: 24,
		start: Start::Month(Month::new(FIRST).unwrap()),
		volume: Volume {
			quantity: 0,
			excess: None,
			take_or_pay: 0,
			makeup_years: 0,
			ref_price: price,
			guarantee: 0,
			ld_price: 0,
			ld_cap: 0,
		},
		nameplate_w: 0,
		expected: [0; 12],
		outage: Outage {
			estimate: 1_000_000,
			max_estimates: 3,
			outage_grace: 10 * day,
			dark_final: 120 * day,
			feed_grace: 10 * day,
			feed_final: 90 * day,
		},
		payment: Payment {
			due: 15 * day,
			late_rate: 0,
			grace: 20 * day,
			topup: 10 * day,
			security_periods: 0,
		},
		dispute: DisputeClause {
			bond: 0,
			timeout: 30 * day,
			default: 500_000,
		},
		termination: Termination {
			months: 0,
			buyer: 0,
			seller: 0,
			buyout: 0,
		},
		cuts: Cuts {
			attestor_fee: 0,
			attestor_cap: 0,
			sweep: 0,
		},
	}
}

/// Sources that know what was written into them; every agreement gets all of the meter.
#[derive(Default)]
pub struct Known {
	/// Registers at the start of a month.
	pub boundaries: BTreeMap<Month, Boundary>,
	/// Means of a month.
	pub indexes: BTreeMap<Month, Index>,
	/// The proof of operation.
	pub proof: Option<Proof>,
}

impl Sources for Known {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		self.boundaries.get(&month).cloned()
	}

	fn index(&self, month: Month) -> Option<Index> {
		self.indexes.get(&month).copied()
	}

	fn first_reaching(&self, _: u8, _: u64) -> Option<Proof> {
		self.proof
	}

	fn shares(&self, _: Month) -> Option<ShareTable> {
		let take = Take::Percent(1_000_000);
		ShareTable::new(&[ShareRow { agreement: 1, take }]).ok()
	}
}

impl Known {
	/// Registers at the start of each of the first periods, each known a day later.
	pub fn registers(stands: &[u64]) -> Self {
		let mut known = Self::default();
		for (period, wh) in (0..).zip(stands) {
			known.register(period, *wh, start(period) + DAY_MS);
		}
		known
	}

	/// The register at the start of a period.
	pub fn register(&mut self, period: u32, wh: u64, known: Moment) {
		let registers = vec![wh].try_into().unwrap();
		self.boundaries.insert(month(period), Boundary { registers, known });
	}

	/// The index of a period.
	pub fn index_of(&mut self, period: u32, value: Price, known: Moment) {
		self.indexes.insert(month(period), Index { value, known });
	}
}

/// The month of a period.
pub fn month(period: u32) -> Month {
	Month::new(FIRST + period).unwrap()
}

/// When a period starts.
pub fn start(period: u32) -> Moment {
	month(period).start()
}

/// So many days after the start of a period.
pub fn day(period: u32, days: u64) -> Moment {
	start(period) + days * DAY_MS
}

/// An agreement made before its start, with `escrow`.
pub fn agreement(terms: Terms, escrow: u128) -> Agreement {
	let mut agreement = Agreement::new(1, terms, start(0) - DAY_MS).unwrap();
	act(
		&mut agreement,
		&Known::default(),
		start(0) - DAY_MS,
		Input::Fund(escrow),
	);
	agreement
}

/// Settles, however many events there are, and checks the invariants.
pub fn settle(agreement: &mut Agreement, known: &Known, now: Moment) {
	assert!(agreement.advance(known, now, u32::MAX).unwrap().done);
	assert_eq!(agreement.broken_invariant(), Ok(None));
}

/// Does something that must be accepted, and checks the invariants.
pub fn act(agreement: &mut Agreement, known: &Known, now: Moment, input: Input) {
	agreement.apply(known, now, u32::MAX, input).unwrap();
	assert_eq!(agreement.broken_invariant(), Ok(None));
}
