//! What billing is told of the world, and on which clock.
//!
//! Readings and months are on Unix time; dues, graces and timeouts are in open time, which stands still while nobody can act.
//! Both are compared on one axis: open time counted on from the Unix time of the chain's first block. That clock is never
//! ahead of the calendar and falls behind it by every moment that the chain stood still. So after a halt everything that was
//! to run out does so that much later, and nothing runs out earlier than its date. Which month has begun is asked of
//! the calendar itself: what takes effect at "the next month start" never reaches into a month that has begun.
//!
//! Whatever is asked of storage is asked once per call and remembered.

use alloc::collections::BTreeMap;
use core::cell::{OnceCell, RefCell};

use baseload_math::billing::{
	shares::ShareTable,
	sources::{Boundary, Index, Proof},
	Month, Sources,
};
use baseload_primitives::{
	AgreementId, FeedId, MeterHistory, MeterId, Moment, OpenTime, Register, RegisterSource, Threshold,
};
use frame_support::traits::Time;

use crate::{shares::Book, Config, FixedIndexes, Indexes, Pallet, Shares};

/// A meter's history, as its source tells it.
type HistoryOf<T> = <<T as Config>::Registers as RegisterSource<<T as frame_system::Config>::AccountId>>::History;

/// What one agreement sees of its meter, its feed and its meter's shares.
pub(crate) struct View<T: Config> {
	id: AgreementId,
	meter: MeterId,
	feed: Option<FeedId>,
	history: Option<HistoryOf<T>>,
	registers: OnceCell<alloc::vec::Vec<Register>>,
	book: OnceCell<Book>,
	boundaries: RefCell<BTreeMap<Month, Option<Boundary>>>,
	indexes: RefCell<BTreeMap<Month, Option<Index>>>,
}

impl<T: Config> Pallet<T> {
	/// Now, on the clock of dues.
	pub(crate) fn now() -> Moment {
		Self::on_calendar(T::OpenTime::now())
	}

	/// A moment of open time on the clock of dues.
	pub(crate) fn on_calendar(open: Moment) -> Moment {
		T::OpenTime::began().saturating_add(open)
	}

	/// The calendar month that it is.
	pub(crate) fn month() -> Month {
		Month::of(T::Time::now())
	}
}

impl<T: Config> View<T> {
	/// What agreement `id` on `meter` and `feed` sees.
	pub fn new(id: AgreementId, meter: MeterId, feed: Option<FeedId>) -> Self {
		Self {
			id,
			meter,
			feed,
			history: T::Registers::history(meter),
			registers: OnceCell::new(),
			book: OnceCell::new(),
			boundaries: RefCell::default(),
			indexes: RefCell::default(),
		}
	}

	/// The meter's history.
	pub fn history(&self) -> Option<&HistoryOf<T>> {
		self.history.as_ref()
	}

	/// The first month that starts at or after a threshold was reached.
	pub fn proven(&self, threshold: Threshold) -> Option<Month> {
		let (measured_at, _) = self.history.as_ref()?.reached(threshold)?;
		Some(Month::at_or_after(measured_at))
	}
}

impl<T: Config> Sources for View<T> {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		let ask = || {
			let (registers, known) = self.history.as_ref()?.month_start(month.number())?;
			Some(Boundary {
				registers,
				known: Pallet::<T>::on_calendar(known),
			})
		};
		self.boundaries.borrow_mut().entry(month).or_insert_with(ask).clone()
	}

	fn index(&self, month: Month) -> Option<Index> {
		let ask = || {
			// What took an index's place stays there, whatever becomes known later.
			let feed = self.feed?;
			FixedIndexes::<T>::get(self.id, month).or_else(|| Indexes::<T>::get(feed, month))
		};
		*self.indexes.borrow_mut().entry(month).or_insert_with(ask)
	}

	fn first_reaching(&self, position: u8, wh: u64) -> Option<Proof> {
		let registers = self
			.registers
			.get_or_init(|| T::Registers::registers(self.meter).unwrap_or_default());
		let threshold = Threshold {
			register: *registers.get(usize::from(position))?,
			count: wh,
		};
		let (measured_at, known) = self.history.as_ref()?.reached(threshold)?;
		Some(Proof {
			measured_at,
			known: Pallet::<T>::on_calendar(known),
		})
	}

	fn shares(&self, month: Month) -> Option<ShareTable> {
		let book = self.book.get_or_init(|| Shares::<T>::get(self.meter));
		book.table(self.id, month, |threshold| self.proven(threshold))
	}

	fn month_of(&self, _: Moment) -> Month {
		Pallet::<T>::month()
	}
}
