//! What it means that the node does not take a batch.

use baseload_client::{Error, Refused};
use baseload_primitives::Refusal;

/// What to do about a batch that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
	/// An earlier attempt with the same first reading is in the node's pool.
	OnItsWay,
	/// The chain is further than its final blocks say, or dropped readings of the meter: ask how far.
	Stale,
	/// The meter's key, device or format is another than the outbox knows: ask.
	Changed,
	/// Nothing is wrong with the readings: try again after so many final blocks.
	Later(u64),
	/// Fewer readings at once, or, of a single one: the chain will never take it.
	Never,
	/// The connection is of no use any more.
	Disconnected,
}

/// Final blocks after which to try again what somebody or time must bring in order.
const LATER: u64 = 16;

/// What matters about a batch beside what the node said.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
	/// The meter signed its readings itself, not the gateway for it.
	pub signed_by_meter: bool,
	/// One of them was measured later than it is now by this machine's clock: a clock stood wrong then.
	pub is_ahead: bool,
}

/// Sorts what the node said about a batch.
pub fn meaning(error: &Error, about: About) -> Meaning {
	match error {
		// The chain's clock may be late, but if this machine's says so too, no time will make it right
		Error::Refused(Refused::Reading(Refusal::FutureTime)) if about.is_ahead => Meaning::Never,
		// A record stays as it is; what the gateway signs it can sign with another key
		Error::Refused(Refused::Reading(Refusal::BadSignature | Refusal::WrongCurve)) if about.signed_by_meter => {
			Meaning::Never
		}
		Error::Refused(Refused::Reading(refusal)) => of_reading(*refusal),
		Error::Refused(Refused::AlreadyKnown | Refused::LowPriority) => Meaning::OnItsWay,
		Error::Refused(Refused::TooLarge) => Meaning::Never,
		Error::Refused(Refused::PoolFull) => Meaning::Later(1),
		error if error.is_connection() => Meaning::Disconnected,
		_ => Meaning::Later(LATER),
	}
}

fn of_reading(refusal: Refusal) -> Meaning {
	match refusal {
		Refusal::StaleSequence => Meaning::Stale,
		Refusal::BadSignature | Refusal::WrongFormat | Refusal::WrongCurve => Meaning::Changed,
		// A gap this wide closes by no reading that follows: somebody must look at it, and nothing is given up meanwhile
		Refusal::SequenceTooFarAhead => Meaning::Later(LATER),
		Refusal::PendingFull => Meaning::Later(2),
		Refusal::UnknownMeter | Refusal::Suspended | Refusal::Paused | Refusal::FutureTime => Meaning::Later(LATER),
		Refusal::EmptyBacklog
		| Refusal::WrongRegisters
		| Refusal::TooSoon
		| Refusal::FallingRegister
		| Refusal::ImpossibleIncrease
		| Refusal::TooOld
		| Refusal::BadRecord
		| Refusal::WrongSerial
		| Refusal::MissingRegister
		| Refusal::Implausible => Meaning::Never,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn of(refused: Refused) -> Meaning {
		meaning(&Error::Refused(refused), About::default())
	}

	#[test]
	fn reading_should_never_be_given_up_when_time_or_people_can_mend_it() {
		for refusal in [
			Refusal::UnknownMeter,
			Refusal::Suspended,
			Refusal::Paused,
			Refusal::FutureTime,
			Refusal::PendingFull,
			Refusal::SequenceTooFarAhead,
		] {
			assert!(
				matches!(of(Refused::Reading(refusal)), Meaning::Later(_)),
				"{refusal:?}"
			);
		}
		for refused in [
			Refused::PoolFull,
			Refused::Banned,
			Refused::NotPermitted,
			Refused::Future,
		] {
			assert!(matches!(of(refused), Meaning::Later(_)));
		}
		assert!(matches!(
			meaning(&Error::Node("busy".into()), About::default()),
			Meaning::Later(_)
		));
		assert!(matches!(
			meaning(&Error::Missing("call".into()), About::default()),
			Meaning::Later(_)
		));
	}

	#[test]
	fn reading_should_be_given_up_only_when_its_own_content_is_refused() {
		let never: Vec<_> = Refusal::ALL
			.into_iter()
			.filter(|refusal| of(Refused::Reading(*refusal)) == Meaning::Never)
			.collect();
		assert_eq!(
			never,
			[
				Refusal::WrongRegisters,
				Refusal::TooSoon,
				Refusal::FallingRegister,
				Refusal::ImpossibleIncrease,
				Refusal::EmptyBacklog,
				Refusal::TooOld,
				Refusal::BadRecord,
				Refusal::WrongSerial,
				Refusal::MissingRegister,
				Refusal::Implausible,
			]
		);
	}

	#[test]
	fn signature_should_count_against_a_record_but_not_against_what_the_gateway_signs() {
		let refused = || Error::Refused(Refused::Reading(Refusal::BadSignature));
		let by_meter = About {
			signed_by_meter: true,
			..About::default()
		};
		assert_eq!(meaning(&refused(), by_meter), Meaning::Never);
		assert_eq!(meaning(&refused(), About::default()), Meaning::Changed);
	}

	#[test]
	fn reading_should_be_given_up_when_it_is_of_the_future_by_every_clock() {
		let refused = Error::Refused(Refused::Reading(Refusal::FutureTime));
		let is_ahead = |is_ahead| About {
			is_ahead,
			..About::default()
		};
		assert!(matches!(meaning(&refused, is_ahead(false)), Meaning::Later(_)));
		assert_eq!(meaning(&refused, is_ahead(true)), Meaning::Never);
		let suspended = Error::Refused(Refused::Reading(Refusal::Suspended));
		assert!(matches!(meaning(&suspended, is_ahead(true)), Meaning::Later(_)));
	}

	#[test]
	fn attempt_should_be_on_its_way_when_the_pool_has_one() {
		assert_eq!(of(Refused::AlreadyKnown), Meaning::OnItsWay);
		assert_eq!(of(Refused::LowPriority), Meaning::OnItsWay);
		assert_eq!(of(Refused::Reading(Refusal::StaleSequence)), Meaning::Stale);
		assert_eq!(
			meaning(&Error::Connection("reset".into()), About::default()),
			Meaning::Disconnected
		);
	}
}
