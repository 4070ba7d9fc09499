//! What to report of a meter that cannot sign.
//!
//! A quorum must report the very same reading. Members agree without talking to each other because all report the registers at
//! the whole multiples of one time, such as every quarter of an hour, exactly as their sources saw them, and number a report by its
//! time. A member that has nothing for one such time reports the next: nobody waits for anybody.

use baseload_primitives::{ClockStatus, Moment, Quality, Reading, Register, Registers};

use super::{docket::Desk, own::Point};

/// The reading to report now: that of the newest point at a whole multiple of `grid` milliseconds which holds all of the meter's
/// registers. `None` if it is not newer than the meter's newest reading, or this account has reported it or something newer already.
pub fn report(desk: &Desk, declared: &[Register], grid: Moment, points: &[Point]) -> Option<Reading> {
	let newest_at = desk.newest.map_or(0, |(_, at)| at);
	let mut on_grid = points
		.iter()
		.rev()
		.filter(|point| point.at % grid == 0 && point.at > newest_at);
	let (point, counts) = on_grid.find_map(|point| {
		let counts = declared.iter().map(|register| point.count(*register));
		Some((point, counts.collect::<Option<Vec<u64>>>()?))
	})?;
	let sequence = number(desk, grid, point.at)?;
	if desk.mine.as_ref().is_some_and(|mine| mine.sequence >= sequence) {
		return None;
	}
	Some(Reading {
		sequence,
		measured_at: point.at,
		clock: match point.synchronised {
			true => ClockStatus::Synchronised,
			false => ClockStatus::Unsynchronised,
		},
		quality: Quality::Measured,
		registers: Registers::try_from(counts).ok()?,
	})
}

/// The sequence of a report of the time `at`: each member comes to the same, and one step of the grid is one sequence.
fn number(desk: &Desk, grid: Moment, at: Moment) -> Option<u64> {
	match desk.newest {
		None => Some(desk.used.map_or(0, |used| used.saturating_add(1)).max(at / grid)),
		Some((sequence, newest_at)) => {
			let steps = at.checked_sub(newest_at)?.div_ceil(grid);
			desk.used.unwrap_or(0).max(sequence).checked_add(steps)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::{super::own::tests::points, *};
	use baseload_primitives::MINUTE;

	const QUARTER: Moment = 15 * MINUTE;
	const EXPORT: &[Register] = &[Register::Export];

	fn desk(newest: Option<(u64, Moment)>) -> Desk {
		Desk {
			newest,
			used: newest.map(|(sequence, _)| sequence),
			mine: None,
		}
	}

	#[test]
	fn newest_point_on_the_grid_should_be_reported_and_numbered_by_its_time() {
		let seen = points(&[(15, 100), (30, 200), (37, 250)]);
		let first = report(&desk(None), EXPORT, QUARTER, &seen).unwrap();
		assert_eq!(
			(first.sequence, first.measured_at, first.registers[0]),
			(2, 30 * MINUTE, 200)
		);
		let later = points(&[(30, 200), (45, 300), (60, 400)]);
		let next = report(&desk(Some((2, 30 * MINUTE))), EXPORT, QUARTER, &later).unwrap();
		assert_eq!((next.sequence, next.measured_at), (4, 60 * MINUTE));
	}

	#[test]
	fn members_should_number_alike_when_one_of_them_missed_a_point() {
		let newest = desk(Some((10, 15 * MINUTE)));
		let all = report(&newest, EXPORT, QUARTER, &points(&[(30, 1), (45, 2)]));
		let some = report(&newest, EXPORT, QUARTER, &points(&[(45, 2)]));
		assert!(all.is_some() && all == some);
	}

	#[test]
	fn nothing_should_be_reported_when_nothing_is_new_or_the_account_has_said_it() {
		let seen = points(&[(15, 100), (30, 200)]);
		assert_eq!(report(&desk(Some((2, 30 * MINUTE))), EXPORT, QUARTER, &seen), None);
		let mut spoken = desk(None);
		spoken.mine = report(&spoken, EXPORT, QUARTER, &seen);
		assert!(spoken.mine.is_some());
		assert_eq!(report(&spoken, EXPORT, QUARTER, &seen), None);
		// Also when the source says something else by now
		assert_eq!(report(&spoken, EXPORT, QUARTER, &points(&[(30, 201)])), None);
		assert_eq!(report(&desk(None), EXPORT, QUARTER, &points(&[(31, 200)])), None);
		let both = [Register::Export, Register::Import];
		assert_eq!(report(&desk(None), &both, QUARTER, &seen), None);
	}

	#[test]
	fn sequence_should_be_above_those_that_were_dropped() {
		let dropped = Desk {
			used: Some(20),
			..desk(Some((10, 15 * MINUTE)))
		};
		let reading = report(&dropped, EXPORT, QUARTER, &points(&[(30, 1)])).unwrap();
		assert_eq!(reading.sequence, 21);
	}
}
