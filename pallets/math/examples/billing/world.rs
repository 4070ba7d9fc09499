//! A world in memory: meters, feeds, agreements and projects, and the operations of a scenario on them.

use std::{collections::BTreeMap, fmt};

use baseload_math::{
	billing::{
		shares::{ShareRow, ShareTable},
		sources::{month_mean, registers_at, Boundary, FeedRegister, Index, Proof, Reading},
		wide::I256,
		Agreement, AgreementId, Input, Moment, Month, Price, Progress, Refusal, Sources, Terms,
	},
	waterfall::{self, Tier, Waterfall},
};

/// A meter's final readings and what follows from them.
#[derive(Default)]
pub struct Meter {
	readings: Vec<(Proof, Vec<u64>)>,
	boundaries: BTreeMap<Month, Boundary>,
	tables: BTreeMap<Month, ShareTable>,
}

impl Meter {
	fn read(&mut self, known: Moment, measured_at: Moment, registers: &[u64]) -> Result<(), Refusal> {
		let after = Reading { measured_at, registers };
		if let Some((proof, last)) = self.readings.last() {
			let falls = last.len() != registers.len() || last.iter().zip(registers).any(|(last, now)| now < last);
			if measured_at <= proof.measured_at || falls {
				return Err(Refusal::OutOfOrder);
			}
			let before = Reading {
				measured_at: proof.measured_at,
				registers: last,
			};
			let mut month = Month::of(proof.measured_at).plus(1);
			while month.start() <= measured_at {
				let registers = registers_at(month.start(), Some(before), after)?;
				self.boundaries.insert(month, Boundary { registers, known });
				month = month.plus(1);
			}
		}
		self.readings.push((Proof { measured_at, known }, registers.to_vec()));
		Ok(())
	}

	fn boundary(&self, month: Month) -> Option<Boundary> {
		let (first, registers) = self.readings.first()?;
		if month.start() > first.measured_at {
			return self.boundaries.get(&month).cloned();
		}
		let reading = Reading {
			measured_at: first.measured_at,
			registers,
		};
		let registers = registers_at(month.start(), None, reading).ok()?;
		Some(Boundary {
			registers,
			known: first.known,
		})
	}
}

/// A feed's integral at each month's start, and the means between them.
pub struct Feed {
	register: FeedRegister,
	starts: BTreeMap<Month, I256>,
	means: BTreeMap<Month, Index>,
}

impl Feed {
	fn new(observed_at: Moment, value: Price) -> Self {
		let month = Month::of(observed_at);
		let starts = (month.start() == observed_at).then(|| (month, I256::default()));
		Self {
			register: FeedRegister::new(observed_at, value),
			starts: starts.into_iter().collect(),
			means: BTreeMap::new(),
		}
	}

	fn observe(&mut self, known: Moment, observed_at: Moment, value: Price) -> Result<(), Refusal> {
		let mut register = self.register;
		register.observe(observed_at, value)?;
		let mut month = Month::of(self.register.observed_at()).plus(1);
		while month.start() <= observed_at {
			let closing = self.register.at(month.start())?;
			let ended = month.minus(1);
			if let Some(opening) = self.starts.get(&ended) {
				let value = month_mean(ended, *opening, closing)?;
				self.means.insert(ended, Index { value, known });
			}
			self.starts.insert(month, closing);
			month = month.plus(1);
		}
		self.register = register;
		Ok(())
	}
}

/// What one agreement sees.
pub struct View<'a> {
	meter: Option<&'a Meter>,
	feed: Option<&'a Feed>,
}

impl Sources for View<'_> {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		self.meter?.boundary(month)
	}

	fn index(&self, month: Month) -> Option<Index> {
		self.feed?.means.get(&month).copied()
	}

	fn first_reaching(&self, position: u8, wh: u64) -> Option<Proof> {
		let reaches = |registers: &[u64]| registers.get(usize::from(position)).is_some_and(|stand| *stand >= wh);
		let first = self.meter?.readings.iter().find(|(_, registers)| reaches(registers));
		first.map(|(proof, _)| *proof)
	}

	fn shares(&self, month: Month) -> Option<ShareTable> {
		let (_, table) = self.meter?.tables.range(..=month).next_back()?;
		Some(table.clone())
	}
}

/// An agreement and what it is fed by.
pub struct Contract {
	/// The agreement.
	pub agreement: Agreement,
	meter: u32,
	feed: u32,
}

/// Something that happens in a scenario.
#[derive(Clone, Debug)]
pub enum Op {
	/// A meter's reading turns final.
	Reading(u32, Moment, Vec<u64>),
	/// A feed's observation arrives.
	Observe(u32, Moment, Price),
	/// A meter's share table from a month on.
	Shares(u32, Month, Vec<ShareRow>),
	/// An agreement on a meter and a feed.
	Agree(AgreementId, u32, u32, Box<Terms>),
	/// Somebody settles, playing at most so many events.
	Settle(AgreementId, u32),
	/// A party does something.
	Input(AgreementId, Input),
	/// A project starts.
	Project(u32, Box<Waterfall>),
	/// A project receives revenue.
	ProjectFlow(u32, u128),
	/// A project is billed.
	ProjectBill(u32, Tier, u32, u128),
	/// A project's service date.
	ProjectServiceDue(u32),
	/// A project's cover is tested.
	ProjectTest(u32, u128, u128),
}

/// Why an operation is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
	/// The name is taken, or nobody has it.
	Name,
	/// The month has begun.
	Begun,
	/// Billing refuses.
	Billing(Refusal),
	/// The waterfall refuses.
	Waterfall(waterfall::Refusal),
}

impl fmt::Display for Refused {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::Name => write!(f, "the name is taken or unknown"),
			Self::Begun => write!(f, "the month has begun"),
			Self::Billing(refusal) => write!(f, "{refusal:?}"),
			Self::Waterfall(refusal) => write!(f, "{refusal:?}"),
		}
	}
}

impl From<Refusal> for Refused {
	fn from(refusal: Refusal) -> Self {
		Self::Billing(refusal)
	}
}

impl From<waterfall::Refusal> for Refused {
	fn from(refusal: waterfall::Refusal) -> Self {
		Self::Waterfall(refusal)
	}
}

/// Everything a scenario acts on.
#[derive(Default)]
pub struct World {
	meters: BTreeMap<u32, Meter>,
	feeds: BTreeMap<u32, Feed>,
	/// Agreements by name.
	pub contracts: BTreeMap<AgreementId, Contract>,
	/// Projects by name.
	pub projects: BTreeMap<u32, Waterfall>,
}

impl World {
	/// Lets `op` happen at `at`. What is refused changes nothing.
	pub fn apply(&mut self, at: Moment, op: &Op) -> Result<(), Refused> {
		match op {
			Op::Reading(meter, measured_at, registers) => {
				Ok(self
					.meters
					.entry(*meter)
					.or_default()
					.read(at, *measured_at, registers)?)
			}
			Op::Observe(feed, observed_at, value) => match self.feeds.get_mut(feed) {
				Some(feed) => Ok(feed.observe(at, *observed_at, *value)?),
				None => {
					self.feeds.insert(*feed, Feed::new(*observed_at, *value));
					Ok(())
				}
			},
			Op::Shares(meter, month, rows) => {
				if *month <= Month::of(at) {
					return Err(Refused::Begun);
				}
				let table = ShareTable::new(rows)?;
				self.meters.entry(*meter).or_default().tables.insert(*month, table);
				Ok(())
			}
			Op::Agree(id, meter, feed, terms) => {
				if self.contracts.contains_key(id) {
					return Err(Refused::Name);
				}
				let contract = Contract {
					agreement: Agreement::new(*id, Terms::clone(terms), at)?,
					meter: *meter,
					feed: *feed,
				};
				self.contracts.insert(*id, contract);
				Ok(())
			}
			Op::Settle(id, bound) => self.settle(*id, at, *bound).map(|_| ()),
			Op::Input(id, input) => {
				let (agreement, view) = self.seen_by(*id)?;
				Ok(agreement.apply(&view, at, u32::MAX, *input)?)
			}
			Op::Project(id, project) => {
				if self.projects.contains_key(id) {
					return Err(Refused::Name);
				}
				self.projects.insert(*id, Waterfall::clone(project));
				Ok(())
			}
			Op::ProjectFlow(id, amount) => Ok(self.project(*id)?.receive(*amount)?),
			Op::ProjectBill(id, tier, row, amount) => Ok(self.project(*id)?.bill(*tier, *row, *amount)?),
			Op::ProjectServiceDue(id) => Ok(self.project(*id)?.service_due()?),
			Op::ProjectTest(id, cash_flow, service) => Ok(self.project(*id)?.test(*cash_flow, *service)?),
		}
	}

	/// Settles one agreement at `at`, playing at most `bound` events.
	pub fn settle(&mut self, id: AgreementId, at: Moment, bound: u32) -> Result<Progress, Refused> {
		let (agreement, view) = self.seen_by(id)?;
		Ok(agreement.advance(&view, at, bound)?)
	}

	/// Settles every agreement at `at`.
	pub fn settle_all(&mut self, at: Moment) -> Result<(), Refused> {
		let ids: Vec<_> = self.contracts.keys().copied().collect();
		ids.into_iter()
			.try_for_each(|id| self.settle(id, at, u32::MAX).map(|_| ()))
	}

	/// An agreement and what it sees.
	pub fn seen_by(&mut self, id: AgreementId) -> Result<(&mut Agreement, View<'_>), Refused> {
		let contract = self.contracts.get_mut(&id).ok_or(Refused::Name)?;
		let view = View {
			meter: self.meters.get(&contract.meter),
			feed: self.feeds.get(&contract.feed),
		};
		Ok((&mut contract.agreement, view))
	}

	fn project(&mut self, id: u32) -> Result<&mut Waterfall, Refused> {
		self.projects.get_mut(&id).ok_or(Refused::Name)
	}
}
