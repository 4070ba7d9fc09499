//! Random agreements and what happens to them, from a seed.

use baseload_math::billing::{
	calendar::DAY_MS,
	shares::{ShareRow, Take},
	terms::{
		Cuts, DisputeClause, Excess, NegativeIndex, Operation, Outage, Payment, Start, Tariff, Termination, Volume,
	},
	DeclaredAs, Ending, Input, Moment, Month, Terms,
};

use crate::world::Op;

/// Two agreements share meter and feed.
pub const AGREEMENTS: [u32; 2] = [1, 2];
const METER: u32 = 1;
const FEED: u32 = 1;
const UNIT: i128 = 1_000_000_000_000_000_000;
/// January 2027.
const START: u32 = 24_324;

/// SplitMix64: small, and the same everywhere.
pub struct Random(u64);

impl Random {
	/// The sequence of `seed`.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// At least `from`, less than `to`.
	pub fn within(&mut self, from: u64, to: u64) -> u64 {
		from + self.next() % (to - from)
	}

	fn chance(&mut self, of_hundred: u64) -> bool {
		self.within(0, 100) < of_hundred
	}

	fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
		choices[self.within(0, choices.len() as u64) as usize]
	}

	fn days(&mut self, most: u64) -> Moment {
		self.one_of(&[self.0 % (most + 1) * DAY_MS, self.0 % (most * DAY_MS)])
	}

	/// Between 0 and twice `middle`, with sub-unit digits.
	fn price(&mut self, middle: i128) -> i128 {
		middle * self.within(0, 2_000_000_007) as i128 / 1_000_000_007
	}
}

fn tariff(random: &mut Random, registers: usize) -> Tariff {
	match random.within(0, 3) {
		0 => Tariff::Fixed {
			prices: (0..registers)
				.map(|_| random.price(UNIT))
				.collect::<Vec<_>>()
				.try_into()
				.unwrap(),
		},
		1 => {
			let floor = random.price(UNIT / 4);
			Tariff::Indexed {
				base: random.price(UNIT) - UNIT / 2,
				slope: random.price(UNIT),
				floor,
				cap: floor + random.price(UNIT),
				index0: random.price(UNIT),
			}
		}
		_ => Tariff::Cfd {
			strike: random.price(UNIT),
			negative: random.one_of(&[NegativeIndex::Cap, NegativeIndex::Zero]),
			index0: random.price(UNIT),
		},
	}
}

/// Terms with every clause now and then.
pub fn terms(random: &mut Random) -> Terms {
	let registers = random.one_of(&[1, 1, 3]);
	let start = match random.chance(20) {
		true => Start::Operation(Operation {
			register: 0,
			wh: random.within(0, 60_000),
			target: Month::new(START).unwrap().start(),
			longstop: Month::new(START).unwrap().start() + random.days(60),
			delay_per_day: random.within(0, 500).into(),
			delay_cap: random.within(0, 20_000).into(),
		}),
		false => Start::Month(Month::new(START + random.one_of(&[0, 0, 1])).unwrap()),
	};
	Terms {
		registers: (0..registers).collect::<Vec<_>>().try_into().unwrap(),
		tariff: tariff(random, registers.into()),
		escalator: random.one_of(&[0, 25_000, -30_000]),
		months: random.within(1, 30) as u32,
		start,
		volume: Volume {
			quantity: random.one_of(&[0, 300_000, 1_000_000]),
			excess: random.chance(50).then_some(Excess {
				over: random.within(0, 100_000) as u32,
				price: random.within(500_000, 1_200_000) as u32,
			}),
			take_or_pay: random.one_of(&[0, 600_000, 900_000]),
			makeup_years: random.within(0, 3) as u32,
			ref_price: random.price(UNIT),
			guarantee: random.one_of(&[0, 800_000]),
			ld_price: random.price(UNIT / 2),
			ld_cap: random.within(0, 200_000).into(),
		},
		nameplate_w: random.within(0, 200),
		expected: core::array::from_fn(|_| random.within(0, 60_000)),
		outage: Outage {
			estimate: random.within(0, 1_000_001) as u32,
			max_estimates: random.within(0, 5) as u32,
			outage_grace: random.days(20),
			dark_final: random.days(100),
			feed_grace: random.days(20),
			feed_final: random.days(90),
		},
		payment: Payment {
			due: random.days(40),
			late_rate: random.one_of(&[0, 80_000_000_000_000_000, 1_234_567_890_123_456_789]),
			grace: random.days(40),
			topup: random.days(20),
			security_periods: random.within(0, 4) as u32,
		},
		dispute: DisputeClause {
			bond: random.within(0, 200_000) as u32,
			timeout: random.days(60),
			default: random.within(0, 1_000_001) as u32,
		},
		termination: Termination {
			months: random.within(0, 12) as u32,
			buyer: random.within(0, 800_000) as u32,
			seller: random.within(0, 800_000) as u32,
			buyout: random.within(0, 100_000) as u32,
		},
		cuts: Cuts {
			attestor_fee: random.within(0, 50).into(),
			attestor_cap: random.within(0, 20_000) as u32,
			sweep: random.within(0, 500_000) as u32,
		},
	}
}

fn input(random: &mut Random, at: Moment) -> Input {
	let money = |random: &mut Random| random.within(0, 120_000).into();
	let bill = |random: &mut Random| random.within(1, 40) as u32;
	match random.within(0, 100) {
		0..=39 => Input::Fund(money(random)),
		40..=47 => Input::Secure(money(random)),
		48..=54 => Input::PostBond(money(random)),
		55..=59 => Input::Withdraw(money(random)),
		60..=68 => {
			let kind = random.one_of(&[DeclaredAs::Deemed, DeclaredAs::Excused]);
			let period = Month::of(at).since(Month::new(START).unwrap()) + random.within(0, 3) as u32;
			Input::Declare(kind, period, random.within(0, 40_000))
		}
		69..=78 => Input::Dispute(bill(random), random.within(0, 20_000).into()),
		79..=84 => Input::Resolve(bill(random), random.within(0, 1_000_001) as u32),
		85..=86 => {
			let endings = [
				Ending::Seller,
				Ending::Seller,
				Ending::Buyer,
				Ending::Buyer,
				Ending::Buyout,
				Ending::Longstop,
			];
			Input::Terminate(random.one_of(&endings))
		}
		87..=89 => Input::Suspend,
		90..=92 => Input::Resume,
		93..=94 => Input::VaultDebt(money(random)),
		95..=97 => Input::SetBlocked(random.chance(50)),
		_ => Input::Claim,
	}
}

fn rows(random: &mut Random) -> Vec<ShareRow> {
	let mut rows = Vec::new();
	for agreement in AGREEMENTS {
		let take = match random.chance(30) {
			true => Take::Priority(random.within(0, 30_000)),
			false => Take::Percent(random.within(0, 500_001) as u32),
		};
		rows.push(ShareRow { agreement, take });
	}
	rows
}

/// What happens in some three years, in order of time. Not all of it is accepted.
pub fn story(random: &mut Random) -> Vec<(Moment, Op)> {
	let mut at = Month::new(START - 1).unwrap().start() + random.days(20);
	let mut ops = vec![(at, Op::Shares(METER, Month::new(START).unwrap(), rows(random)))];
	for id in AGREEMENTS {
		ops.push((at, Op::Agree(id, METER, FEED, Box::new(terms(random)))));
	}
	let mut registers = [random.within(0, 1_000), 0, 0];
	let (mut meter_silent, mut feed_silent) = (at, at);
	for _ in 0..random.within(20, 160) {
		at += random.one_of(&[0, 3_600_000, random.0 % (6 * DAY_MS), random.0 % (12 * DAY_MS)]);
		if random.chance(10) {
			at = Month::of(at).end();
		}
		let op = match random.within(0, 100) {
			0..=34 if at >= meter_silent => {
				let measured_at = at - random.one_of(&[0, 60_000, random.0 % (2 * DAY_MS)]);
				let rise = random.within(0, 30_000);
				registers = [registers[0] + rise, registers[1] + rise / 3, registers[2] + rise / 7];
				Op::Reading(METER, measured_at, registers.to_vec())
			}
			35..=59 if at >= feed_silent => {
				let value = random.price(UNIT) - UNIT / 5;
				Op::Observe(FEED, at - random.0 % DAY_MS, value)
			}
			60 => {
				meter_silent = at + random.days(150);
				continue;
			}
			61 => {
				feed_silent = at + random.days(150);
				continue;
			}
			62..=63 => Op::Shares(METER, Month::of(at).plus(random.within(0, 3) as u32), rows(random)),
			_ => {
				let id = random.one_of(&AGREEMENTS);
				Op::Input(id, input(random, at))
			}
		};
		ops.push((at, op));
	}
	ops
}
