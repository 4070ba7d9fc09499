//! How a meter leaves.

use anyhow::{bail, Result};
use baseload_client::{calls, units, At, MeterView};
use baseload_primitives::{Balance, MeterId, Moment, SiteId};
use clap::Args;

use super::view;
use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Removes a meter.
#[derive(Args)]
pub struct Remove {
	/// The meter.
	meter: MeterId,
}

impl Remove {
	/// `baseload meter remove`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let meter = self.meter;
		let chain = context.chain().await?;
		let at = chain.best().await?;
		ensure_free(meter, &view(&at, meter).await?, notice(&at)?)?;
		let unclosed = at.dispute_records(meter).await?;
		ensure_closed(meter, unclosed.iter().map(|(sequence, _)| *sequence))?;

		let sent = context.send(&chain, calls::remove_meter(meter)).await?;
		let removed: Option<(MeterId, SiteId, Balance)> = sent.receipt.event("MeterAttestation", "MeterRemoved");
		Ok(sent
			.with("removed meter", "meter", Cell::number(meter.0))
			.with(
				"deposit back",
				"deposit",
				Cell::option(removed, |(_, _, deposit)| Cell::kwh(deposit)),
			)
			.report())
	}
}

/// How long a meter must have been suspended.
fn notice(at: &At) -> Result<Moment> {
	Ok(at.constant("MeterAttestation", "MeterNotice")?)
}

/// Tells before the fee is paid when the deposit is free.
fn ensure_free(meter: MeterId, view: &MeterView, notice: Moment) -> Result<()> {
	match view.removable_in {
		None => bail!(
			"meter {meter} is not suspended; after `baseload meter suspend {meter}` its deposit is free in {}, so that a fraud of \
			 its device can come to light",
			units::format_duration(notice)
		),
		Some(0) => Ok(()),
		Some(left) => bail!(
			"the deposit of meter {meter} is not free yet: it is in {}, until when a fraud of its device can come to light",
			units::format_duration(left)
		),
	}
}

/// Tells which disputes have to be closed.
fn ensure_closed(meter: MeterId, mut unclosed: impl Iterator<Item = u64>) -> Result<()> {
	match unclosed.next() {
		None => Ok(()),
		Some(sequence) => bail!(
			"a dispute or votes about reading {sequence} of meter {meter} were never closed: `baseload attestor close-dispute \
			 {meter} {sequence}`, by anybody; {} more after it",
			unclosed.count()
		),
	}
}

#[cfg(test)]
mod tests {
	use super::{super::show::tests::meter, *};
	use baseload_primitives::{DAY, HOUR};

	fn refused(result: Result<()>) -> String {
		result.unwrap_err().to_string()
	}

	#[test]
	fn remove_should_tell_when_the_deposit_is_free() {
		let suspended = |left| MeterView {
			removable_in: left,
			..meter()
		};
		let free = |left| ensure_free(MeterId(3), &suspended(left), 61 * DAY);
		assert!(refused(free(None)).starts_with("meter 3 is not suspended; after `baseload meter suspend 3`"));
		assert!(refused(free(None)).contains("free in 61d,"));
		assert!(refused(free(Some(2 * DAY + HOUR))).contains("it is in 2d1h,"));
		assert!(free(Some(0)).is_ok());
	}

	#[test]
	fn remove_should_tell_which_disputes_are_open() {
		assert!(ensure_closed(MeterId(3), [].into_iter()).is_ok());
		let text = refused(ensure_closed(MeterId(3), [7, 9, 11].into_iter()));
		assert!(
			text.contains("`baseload attestor close-dispute 3 7`") && text.ends_with("2 more after it"),
			"{text}"
		);
	}
}
