//! Sites.

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{calls, units, AccountId, SiteView};
use baseload_primitives::{Balance, MeterId, Moment, SiteDetails, SiteId, Technology, WattHours};
use clap::Subcommand;

use crate::{
	arguments::TechnologyName,
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Sites: where meters stand.
#[derive(Subcommand)]
pub enum Site {
	/// Register a site of yours. Holds a deposit.
	Register {
		/// How it generates.
		#[arg(long, value_enum)]
		technology: TechnologyName,
		/// Bidding zone or grid area, such as DE-LU.
		#[arg(long)]
		zone: String,
		/// The grid operator's name of the connection point.
		#[arg(long)]
		connection_point: String,
		/// Rated AC power, such as "5 MW".
		#[arg(long, value_parser = units::parse_power)]
		nameplate: u64,
		/// When it was commissioned, such as 2024-06-30.
		#[arg(long, value_parser = units::parse_time)]
		commissioned: Moment,
	},
	/// Certify a site: what its revenue meter attests counts as energy cover. For the registrar.
	Certify {
		/// The site.
		site: SiteId,
		/// The one meter at its connection point.
		meter: MeterId,
		/// The date from which measured energy counts, such as 2026-01-31; now if not given.
		#[arg(long, value_parser = units::parse_time)]
		since: Option<Moment>,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Take a site's certificate back. For the registrar.
	Revoke {
		/// The site.
		site: SiteId,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Remove a site of yours that has no meters and is not pledged. Its deposit comes back.
	Remove {
		/// The site.
		site: SiteId,
	},
	/// Show one site.
	Show {
		/// The site.
		site: SiteId,
	},
	/// Show what a site's cover will be if its meter says nothing more.
	Cover {
		/// The site.
		site: SiteId,
		/// When, such as 2026-12-24: now or later by the chain's clock. `site show` tells what it is now.
		#[arg(long, value_name = "TIME", value_parser = units::parse_time)]
		at: Moment,
	},
	/// List all sites.
	List,
}

impl Site {
	/// `baseload site`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Register {
				technology,
				zone,
				connection_point,
				nameplate,
				commissioned,
			} => {
				let details = SiteDetails {
					technology: technology.into(),
					zone: zone
						.into_bytes()
						.try_into()
						.ok()
						.context("the zone is longer than 32 bytes")?,
					connection_point: connection_point
						.into_bytes()
						.try_into()
						.ok()
						.context("the connection point is longer than 64 bytes")?,
					nameplate_w: nameplate,
					commissioned_at: commissioned,
				};
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::register_site(&details)).await?;
				let site: Option<SiteId> = sent.receipt.event("MeterAttestation", "SiteRegistered");
				Ok(sent
					.with("site", "site", Cell::option(site, |site| Cell::number(site.0)))
					.report())
			}
			Self::Certify {
				site,
				meter,
				since,
				root,
			} => {
				let chain = context.chain().await?;
				let since = match since {
					Some(since) => since,
					None => chain.best().await?.timestamp().await?,
				};
				let sent = context
					.send(&chain, root.wrap(calls::certify_site(site, meter, since)))
					.await?;
				Ok(sent
					.with("certified site", "site", Cell::number(site.0))
					.with("revenue meter", "revenue_meter", Cell::number(meter.0))
					.report())
			}
			Self::Revoke { site, root } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, root.wrap(calls::revoke_certificate(site))).await?;
				Ok(sent
					.with("certificate revoked of site", "site", Cell::number(site.0))
					.report())
			}
			Self::Remove { site } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, calls::remove_site(site)).await?;
				let removed: Option<(SiteId, AccountId, Balance)> =
					sent.receipt.event("MeterAttestation", "SiteRemoved");
				Ok(sent
					.with("removed site", "site", Cell::number(site.0))
					.with(
						"deposit back",
						"deposit",
						Cell::option(removed, |(_, _, deposit)| Cell::kwh(deposit)),
					)
					.report())
			}
			Self::Show { site } => {
				let at = context.chain().await?.best().await?;
				match at.site(site).await? {
					Some(view) => Ok(show(site, &view)),
					None => bail!("there is no site {site}"),
				}
			}
			Self::Cover { site, at } => {
				let best = context.chain().await?.best().await?;
				ensure_not_past(at, best.timestamp().await?)?;
				let cover = best.cover_at(site, at).await?;
				Ok(covered(
					site,
					at,
					cover.with_context(|| format!("there is no site {site}"))?,
				))
			}
			Self::List => {
				let at = context.chain().await?.best().await?;
				let mut rows = Vec::new();
				for site in (0..at.next_site().await?.0).map(SiteId) {
					if let Some(view) = at.site(site).await? {
						rows.push(vec![
							Cell::number(site.0),
							Cell::text(technology(view.details.technology)),
							Cell::power(view.details.nameplate_w),
							Cell::option(view.revenue_meter, |meter| Cell::number(meter.0)),
							Cell::option(view.pledged_to, |vault| Cell::number(vault.0)),
							Cell::energy(view.cover),
							Cell::account(&view.owner),
						]);
					}
				}
				Ok(Report::Table {
					name: "sites",
					columns: vec![
						("site", "site"),
						("technology", "technology"),
						("nameplate", "nameplate_w"),
						("revenue meter", "revenue_meter"),
						("vault", "pledged_to"),
						("cover", "cover_wh"),
						("owner", "owner"),
					],
					rows,
				})
			}
		}
	}
}

/// A question about the past would be answered with the cover of now: what covers were is not kept.
fn ensure_not_past(at: Moment, now: Moment) -> Result<()> {
	ensure!(
		at >= now,
		"{} is past: it is {} on this chain, and what a cover was is not kept; `baseload site show` tells what it is",
		units::format_time(at),
		units::format_time(now)
	);
	Ok(())
}

fn technology(technology: Technology) -> &'static str {
	match technology {
		Technology::Solar => "solar",
		Technology::Wind => "wind",
		Technology::Hydro => "hydro",
		Technology::Firm => "firm",
	}
}

fn covered(site: SiteId, at: Moment, cover: WattHours) -> Report {
	Report::record()
		.with("site", "site", Cell::number(site.0))
		.with("at", "at", Cell::time(at))
		.with("cover", "cover_wh", Cell::energy(cover))
}

fn show(site: SiteId, view: &SiteView) -> Report {
	let words = |bytes: &[u8]| Cell::text(printable(&String::from_utf8_lossy(bytes)));
	Report::record()
		.with("site", "site", Cell::number(site.0))
		.with("owner", "owner", Cell::account(&view.owner))
		.with(
			"technology",
			"technology",
			Cell::text(technology(view.details.technology)),
		)
		.with("zone", "zone", words(&view.details.zone))
		.with(
			"connection point",
			"connection_point",
			words(&view.details.connection_point),
		)
		.with("nameplate", "nameplate_w", Cell::power(view.details.nameplate_w))
		.with(
			"commissioned",
			"commissioned_at",
			Cell::time(view.details.commissioned_at),
		)
		.with(
			"revenue meter",
			"revenue_meter",
			Cell::option(view.revenue_meter, |meter| Cell::number(meter.0)),
		)
		.with(
			"pledged to vault",
			"pledged_to",
			Cell::option(view.pledged_to, |vault| Cell::number(vault.0)),
		)
		.with("last 30 days", "last_30_days_wh", Cell::energy(view.last_30_days))
		.with("last 365 days", "last_365_days_wh", Cell::energy(view.last_365_days))
		.with("cover", "cover_wh", Cell::energy(view.cover))
}

/// A stranger's text without what could move a terminal's cursor.
fn printable(text: &str) -> String {
	text.chars()
		.map(|c| if c.is_control() { '\u{fffd}' } else { c })
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn foreign_text_should_be_shown_without_control_characters() {
		assert_eq!(printable("DE-LU \u{1b}[2J"), "DE-LU \u{fffd}[2J");
	}

	#[test]
	fn cover_should_not_be_asked_for_when_the_time_is_past() {
		let noon = 1_769_860_800_000;
		assert!(ensure_not_past(noon, noon).is_ok());
		let refused = ensure_not_past(noon - 1_000, noon).unwrap_err().to_string();
		assert!(
			refused.starts_with("2026-01-31T11:59:59Z is past: it is 2026-01-31T12:00:00Z on this chain"),
			"{refused}"
		);
	}

	#[test]
	fn cover_should_be_shown_with_its_date() {
		let report = covered(SiteId(1), 1_769_860_800_000, WattHours(12_345));
		let mut out = Vec::new();
		report.print(false, &mut out).unwrap();
		assert_eq!(
			String::from_utf8(out).unwrap(),
			"site   1\nat     2026-01-31T12:00:00Z\ncover  12.345 kWh\n"
		);
	}
}
