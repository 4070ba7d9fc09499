//! A slow, plain model of what energy costs, in exact fractions. It starts from readings, observations and tables, not from
//! what the code under test derived from them, and divides only where the contract says so.

use std::collections::BTreeMap;

use baseload_math::billing::{
	agreement::Correction,
	shares::{ShareRow, Take},
	terms::{NegativeIndex, Tariff, Terms},
	Agreement, Moment, Month,
};
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::world::Op;

fn int(number: impl Into<BigInt>) -> BigRational {
	BigRational::from_integer(number.into())
}

fn ratio(above: impl Into<BigInt>, below: impl Into<BigInt>) -> BigRational {
	BigRational::new(above.into(), below.into())
}

fn unit() -> BigInt {
	BigInt::from(10).pow(18)
}

fn floor(number: &BigRational) -> BigInt {
	number.floor().to_integer()
}

/// What arrived, and when.
#[derive(Default)]
pub struct Data {
	readings: Vec<(Moment, Moment, Vec<u64>)>,
	observations: Vec<(Moment, Moment, i128)>,
	tables: BTreeMap<Month, Vec<ShareRow>>,
}

impl Data {
	/// Takes in an accepted operation.
	pub fn take_in(&mut self, known: Moment, op: &Op) {
		match op {
			Op::Reading(_, measured_at, registers) => self.readings.push((*measured_at, known, registers.clone())),
			Op::Observe(_, observed_at, value) => self.observations.push((*observed_at, known, *value)),
			Op::Shares(_, month, rows) => drop(self.tables.insert(*month, rows.clone())),
			_ => {}
		}
	}

	/// A register at a month's start, as known by `now`.
	fn boundary(&self, month: Month, register: u8, now: Moment) -> Option<BigInt> {
		let moment = month.start();
		let after = self
			.readings
			.iter()
			.position(|(measured_at, ..)| *measured_at >= moment)?;
		let (closes, known, closing) = &self.readings[after];
		if *known > now {
			return None;
		}
		let closing = int(closing[usize::from(register)]);
		let Some((opens, _, opening)) = after.checked_sub(1).map(|before| &self.readings[before]) else {
			return Some(floor(&closing));
		};
		let opening = int(opening[usize::from(register)]);
		Some(floor(
			&(&opening + (closing - &opening) * ratio(moment - opens, closes - opens)),
		))
	}

	/// A month's mean, as known by `now`.
	fn index(&self, month: Month, now: Moment) -> Option<BigInt> {
		let covered = self.observations.first()?.0 <= month.start();
		let known = self
			.observations
			.iter()
			.find(|(observed_at, ..)| *observed_at >= month.end())?
			.1;
		if !covered || known > now {
			return None;
		}
		let mut sum = BigInt::from(0);
		for (position, (from, _, value)) in self.observations.iter().enumerate() {
			let until = self.observations.get(position + 1).map_or(Moment::MAX, |next| next.0);
			let held = until.min(month.end()).saturating_sub(*(from.max(&month.start())));
			sum += BigInt::from(*value) * held;
		}
		Some(floor(&ratio(sum, month.ms())))
	}

	/// An agreement's share of a register's advance in a month.
	fn share(&self, id: u32, month: Month, advance: &BigInt) -> BigInt {
		let Some((_, rows)) = self.tables.range(..=month).next_back() else {
			return 0.into();
		};
		let mut left = advance.clone();
		let mut share = BigInt::from(0);
		for row in rows {
			if let Take::Priority(cap) = row.take {
				let taken = left.clone().min(cap.into());
				left -= &taken;
				share += taken * u32::from(row.agreement == id);
			}
		}
		let mut percent = 0;
		for row in rows {
			if let Take::Percent(more) = row.take {
				let part = |percent: u32| floor(&(int(left.clone()) * ratio(percent, 1_000_000)));
				share += (part(percent + more) - part(percent)) * u32::from(row.agreement == id);
				percent += more;
			}
		}
		share
	}
}

/// floor(p g_y / 10^36)
fn escalated(price: i128, terms: &Terms, year: u32) -> BigInt {
	let whole = BigInt::from(10).pow(36);
	let growth = (0..year).fold(whole.clone(), |growth, _| {
		floor(&ratio(growth * (1_000_000 + terms.escalator), 1_000_000))
	});
	floor(&ratio(growth * price, whole))
}

fn price(terms: &Terms, position: usize, year: u32, index: &BigInt) -> BigInt {
	match &terms.tariff {
		Tariff::Fixed { prices } => escalated(prices[position], terms, year),
		Tariff::Indexed {
			base,
			slope,
			floor: lowest,
			cap,
			..
		} => (floor(&ratio(index * slope, unit())) + base).clamp((*lowest).into(), (*cap).into()),
		Tariff::Cfd { strike, negative, .. } => match (negative, *index < 0.into()) {
			(NegativeIndex::Zero, true) => 0.into(),
			(NegativeIndex::Cap, true) => escalated(*strike, terms, year),
			(_, false) => escalated(*strike, terms, year) - index,
		},
	}
}

/// What normal and excess energy cost in base units.
fn cost(terms: &Terms, price: &BigInt, normal: &BigInt, over: &BigInt) -> BigRational {
	let excess = terms.volume.excess.map_or(1_000_000, |excess| excess.price);
	let excess = floor(&ratio(price * excess, 1_000_000));
	ratio(normal * price + over * excess, unit())
}

/// The exact sum of an agreement's energy, and what else it was billed and credited.
#[derive(Default)]
pub struct Exact {
	sum: BigRational,
	other: BigInt,
}

impl Exact {
	/// The sum of all bills for energy less all credits for it.
	pub fn energy(&self) -> BigInt {
		floor(&self.sum)
	}

	/// True if the agreement's books say so too.
	pub fn agrees(&self, agreement: &Agreement) -> bool {
		let ledger = &agreement.ledger;
		let booked = BigInt::from(ledger.accrued) - ledger.credited - &self.other;
		booked == self.energy() && int(agreement.rem) == (&self.sum - int(self.energy())) * int(unit())
	}

	/// Asserts that it does.
	pub fn check(&self, agreement: &Agreement) {
		assert!(self.agrees(agreement), "{} {agreement:?}", self.sum);
	}

	/// Counts what was billed or credited for something else than energy.
	pub fn besides(&mut self, before: &Agreement, after: &Agreement) {
		let net = |agreement: &Agreement| BigInt::from(agreement.ledger.accrued) - agreement.ledger.credited;
		self.other += net(after) - net(before);
	}

	/// A bill, from the state before it; the year's counts and the bank after it are the model's too.
	pub fn bill(&mut self, data: &Data, before: &Agreement, after: &Agreement, now: Moment) {
		let terms = &before.terms;
		let volume = &terms.volume;
		let period = before.next;
		let year = period / 12;
		let month = before.month(period).unwrap();

		let mut energy = vec![BigInt::from(0); terms.registers.len()];
		if data.boundary(month.plus(1), 0, now).is_some() {
			for unbilled in before.unbilled..=period {
				let month = before.month(unbilled).unwrap();
				for (wh, register) in energy.iter_mut().zip(&terms.registers) {
					let at = |month| data.boundary(month, *register, now).unwrap();
					let share = data.share(before.id, month, &(at(month.plus(1)) - at(month)));
					*wh += share * u32::from(!before.is_suspended(month));
				}
			}
		}
		let metered: BigInt = energy.iter().sum();
		let declared = before.declared.iter().find(|declared| declared.period == period);
		let possible = floor(&ratio(BigInt::from(terms.nameplate_w) * month.ms(), 3_600_000));
		let deemed = declared.map_or(0, |declared| declared.deemed);
		let deemed = BigInt::from(deemed).min((possible - &metered).max(0.into()));
		energy[0] += &deemed;
		let suspended = u64::from(before.is_suspended(month)) * terms.expected_in(month);
		let excused = BigInt::from(declared.map_or(0, |declared| declared.excused)) + suspended;

		let all: BigInt = energy.iter().sum();
		let counted = BigInt::from(before.year.counted);
		let of_quantity = |share: u32| floor(&ratio(BigInt::from(volume.quantity) * share, 1_000_000));
		let first = all
			.clone()
			.min((of_quantity(volume.take_or_pay) - &counted).max(0.into()));
		let mut free = BigInt::from(0);
		let mut bank: Vec<_> = before
			.bank
			.iter()
			.map(|entry| (entry.through, BigInt::from(entry.wh), entry.price))
			.collect();
		for (through, wh, _) in &mut bank {
			if *through >= year {
				let taken = wh.clone().min(&all - &first - &free);
				*wh -= &taken;
				free += taken;
			}
		}
		bank.retain(|(_, wh, _)| *wh > 0.into());
		let over = match volume.excess {
			Some(excess) => {
				let limit = BigInt::from(volume.quantity) + of_quantity(excess.over);
				(&all - &free - (limit - &counted).max(0.into())).max(0.into())
			}
			None => 0.into(),
		};

		let (index, is_true) = index(data, terms, month, now);
		let mut sum = int(0);
		let (mut seen, mut left_seen) = (BigInt::from(0), BigInt::from(0));
		let (mut all_normal, mut all_over) = (BigInt::from(0), BigInt::from(0));
		let part = |amount: &BigInt, of: &BigInt, whole: &BigInt| match *whole == 0.into() {
			true => BigInt::from(0),
			false => floor(&ratio(amount * of, whole.clone())),
		};
		for (position, wh) in energy.iter().enumerate() {
			let before = part(&over, &seen, &all);
			seen += wh;
			let over_here = part(&over, &seen, &all) - before;
			let left = wh - &over_here;
			let whole = &all - &over;
			let before = part(&free, &left_seen, &whole);
			left_seen += &left;
			let free_here = part(&free, &left_seen, &whole) - before;
			let normal = left - free_here;
			sum += cost(terms, &price(terms, position, year, &index), &normal, &over_here);
			all_normal += normal;
			all_over += over_here;
		}
		if !is_true {
			let noted = after.corrections.last().unwrap();
			assert_eq!(
				(noted.period, BigInt::from(noted.normal), BigInt::from(noted.over)),
				(period, all_normal, all_over)
			);
		}

		let mut counts = [counted + &all - &free, metered, deemed, excused].into_iter();
		let year_before = before.year;
		let mut count = |so_far: u64| counts.next().unwrap() + so_far;
		let mut counts = [
			count(0),
			count(year_before.delivered),
			count(year_before.deemed),
			count(year_before.excused),
		];
		let mut damages = BigInt::from(0);
		let months = period % 12 + 1;
		if months == 12 || period + 1 == before.end {
			let [counted, delivered, deemed, excused] = &counts;
			bank.retain(|(through, ..)| *through > year);
			let quantity = floor(&ratio(BigInt::from(volume.quantity) * months, 12));
			let of_year = |share: u32| floor(&ratio(&quantity * share, 1_000_000));
			let base = match terms.tariff {
				Tariff::Cfd { strike, .. } => strike,
				_ => volume.ref_price,
			};
			let reference = escalated(base, terms, year);
			let short = of_year(volume.take_or_pay) - excused - counted;
			if short > 0.into() {
				sum += ratio(&short * &reference, unit());
				bank.push((year + volume.makeup_years, short, reference.try_into().unwrap()));
			}
			let missing = (of_year(volume.guarantee) - delivered - deemed - excused).max(0.into());
			damages = floor(&ratio(missing * volume.ld_price, unit())).min(volume.ld_cap.into());
		}
		if months == 12 {
			counts.fill(0.into());
		}
		self.sum += sum;
		self.other -= damages;

		let year = after.year;
		assert_eq!(
			counts,
			[year.counted, year.delivered, year.deemed, year.excused].map(BigInt::from)
		);
		let after_bank: Vec<_> = after
			.bank
			.iter()
			.map(|entry| (entry.through, BigInt::from(entry.wh), entry.price))
			.collect();
		assert_eq!(bank, after_bank);
		assert_eq!(BigInt::from(before.wh) + all, after.wh.into());
	}

	/// A correction, from the state before it.
	pub fn correct(&mut self, data: &Data, before: &Agreement, now: Moment) {
		let terms = &before.terms;
		let Correction {
			period,
			normal,
			over,
			price: used,
		} = before.corrections[0];
		if let (index, true) = index(data, terms, before.month(period).unwrap(), now) {
			let cost = |price: &BigInt| cost(terms, price, &normal.into(), &over.into());
			self.sum += cost(&price(terms, 0, period / 12, &index)) - cost(&used.into());
		}
	}
}

/// The index that a month is billed at, and whether it is its own.
fn index(data: &Data, terms: &Terms, month: Month, now: Moment) -> (BigInt, bool) {
	let index0 = match terms.tariff {
		Tariff::Fixed { .. } => return (0.into(), true),
		Tariff::Indexed { index0, .. } | Tariff::Cfd { index0, .. } => index0,
	};
	match data.index(month, now) {
		Some(index) => (index, true),
		None => {
			let earlier = (1..=12).find_map(|back| data.index(month.minus(back), now));
			(earlier.unwrap_or(index0.into()), false)
		}
	}
}
