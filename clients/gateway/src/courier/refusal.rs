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

/// Sorts what the node said about readings, which the meter signed itself or the gateway for it.
pub fn meaning(error: &Error, signed_by_meter: bool) -> Meaning {
	match error {
		// A record stays as it is; what the gateway signs it can sign with another key
		Error::Refused(Refused::Reading(Refusal::BadSignature | Refusal::WrongCurve)) if signed_by_meter => {
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
		meaning(&Error::Refused(refused), false)
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
		assert!(matches!(meaning(&Error::Node("busy".into()), false), Meaning::Later(_)));
		assert!(matches!(
			meaning(&Error::Missing("call".into()), false),
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
		assert_eq!(meaning(&refused(), true), Meaning::Never);
		assert_eq!(meaning(&refused(), false), Meaning::Changed);
	}

	#[test]
	fn attempt_should_be_on_its_way_when_the_pool_has_one() {
		assert_eq!(of(Refused::AlreadyKnown), Meaning::OnItsWay);
		assert_eq!(of(Refused::LowPriority), Meaning::OnItsWay);
		assert_eq!(of(Refused::Reading(Refusal::StaleSequence)), Meaning::Stale);
		assert_eq!(
			meaning(&Error::Connection("reset".into()), false),
			Meaning::Disconnected
		);
	}
}
