//! A meter as it goes: a table that is drawn anew with every block, or a line for each where nobody looks at a terminal.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use baseload_client::{units::format_register, At, MeterView};
use baseload_primitives::{views::ReadingView, MeterId, Moment, WattHours};
use clap::Args;
use tokio::signal;

use super::{show, view};
use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Puts a terminal's cursor into the upper left corner of an empty screen.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Watches a meter.
#[derive(Args)]
pub struct Watch {
	/// The meter.
	meter: MeterId,
}

impl Watch {
	/// `baseload meter watch`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let mut blocks = chain.new_blocks().await?;
		let style = match (context.json(), io::stdout().is_terminal()) {
			(true, _) => Style::Json,
			(false, true) => Style::Screen,
			(false, false) => Style::Line,
		};
		let stop = signal::ctrl_c();
		tokio::pin!(stop);
		loop {
			let at = tokio::select! {
				at = blocks.next() => at?,
				stopped = &mut stop => {
					stopped?;
					return Ok(Report::record());
				}
			};
			let frame = Frame::take(&at, self.meter).await?;
			frame.print(style, &mut io::stdout().lock())?;
		}
	}
}

/// How a block is shown.
#[derive(Clone, Copy)]
enum Style {
	/// In place of the block before.
	Screen,
	/// As a line of words.
	Line,
	/// As a line of JSON.
	Json,
}

/// A meter at one block.
struct Frame {
	block: u64,
	time: Moment,
	meter: MeterId,
	view: MeterView,
	cover: Option<WattHours>,
}

impl Frame {
	async fn take(at: &At, meter: MeterId) -> Result<Self> {
		let view = view(at, meter).await?;
		Ok(Self {
			block: at.number(),
			time: at.timestamp().await?,
			cover: at.site(view.site).await?.map(|site| site.cover),
			meter,
			view,
		})
	}

	fn print(&self, style: Style, out: &mut impl Write) -> io::Result<()> {
		match style {
			Style::Json => self.json().print(true, out),
			Style::Line => {
				writeln!(out, "{}", self.line())?;
				out.flush()
			}
			Style::Screen => {
				writeln!(
					out,
					"{CLEAR}meter {} at site {}, block {}\n",
					self.meter, self.view.site, self.block
				)?;
				self.readings().print(false, out)?;
				writeln!(out)?;
				self.state().print(false, out)
			}
		}
	}

	/// The newest reading, and the newest final one, side by side.
	fn readings(&self) -> Report {
		let row = |label: String, cell: &dyn Fn(&ReadingView) -> Cell| {
			let both = [&self.view.newest, &self.view.newest_final];
			let [newest, newest_final] = both.map(|reading| Cell::option(reading.as_ref(), cell));
			vec![Cell::text(label), newest, newest_final]
		};
		let mut rows = vec![
			row("sequence".into(), &|reading| Cell::number(reading.sequence)),
			row("measured at".into(), &|reading| Cell::time(reading.measured_at)),
		];
		for (place, register) in self.view.registers.iter().enumerate() {
			rows.push(row(format_register(*register), &|reading| {
				Cell::option(reading.registers.get(place), |count| Cell::count(*register, *count))
			}));
		}
		rows.push(row("flags".into(), &|reading| Cell::flags(reading.flags)));
		Report::Table {
			name: "readings",
			columns: vec![("", "of"), ("provisional", "newest"), ("final", "final")],
			rows,
		}
	}

	fn state(&self) -> Report {
		Report::record()
			.with("time", "time", Cell::time(self.time))
			.with("status", "status", show::status(self.view.status))
			.with("pending", "pending", Cell::number(self.view.pending))
			.with("held", "held", Cell::number(self.view.held))
			.with("disputed", "disputed", Cell::number(self.view.disputed))
			.with("all final in", "final_in", Cell::duration(self.view.final_in))
			.with("cover of site", "cover_wh", Cell::option(self.cover, Cell::energy))
	}

	fn line(&self) -> String {
		let reading = |name: &str, reading: &Option<ReadingView>| match reading {
			None => format!("no {name} reading"),
			Some(reading) => format!(
				"{name} {}: {} [{}]",
				reading.sequence,
				Cell::counts(&self.view.registers, &reading.registers).human(),
				Cell::flags(reading.flags).human()
			),
		};
		let view = &self.view;
		format!(
			"block {}; {}; {}; pending {}, held {}, disputed {}; all final in {}; cover {}",
			self.block,
			reading("provisional", &view.newest),
			reading("final", &view.newest_final),
			view.pending,
			view.held,
			view.disputed,
			Cell::duration(view.final_in).human(),
			Cell::option(self.cover, Cell::energy).human(),
		)
	}

	fn json(&self) -> Report {
		show::record(self.meter, &self.view)
			.with("", "block_number", Cell::number(self.block))
			.with("", "time", Cell::time(self.time))
			.with("", "cover_wh", Cell::option(self.cover, Cell::energy))
	}
}

#[cfg(test)]
mod tests {
	use super::{super::show::tests::meter, *};
	use serde_json::{json, Value};

	fn frame() -> Frame {
		Frame {
			block: 99,
			time: 1_769_860_800_000,
			meter: MeterId(3),
			view: meter(),
			cover: Some(WattHours(3_000_000)),
		}
	}

	fn printed(frame: &Frame, style: Style) -> String {
		let mut out = Vec::new();
		frame.print(style, &mut out).unwrap();
		String::from_utf8(out).unwrap()
	}

	#[test]
	fn screen_should_show_provisional_and_final_side_by_side() {
		assert_eq!(
			printed(&frame(), Style::Screen),
			"\x1b[H\x1b[2Jmeter 3 at site 1, block 99\n\
			 \n\
			 \x20            provisional           final\n\
			 sequence     42                    40\n\
			 measured at  2026-01-31T12:00:00Z  2026-01-31T12:00:00Z\n\
			 2.8.0        12.345 kWh            12.1 kWh\n\
			 1.8.0        20 Wh                 20 Wh\n\
			 flags        gap                   unconfirmed\n\
			 \n\
			 time           2026-01-31T12:00:00Z\n\
			 status         active\n\
			 pending        2\n\
			 held           1\n\
			 disputed       0\n\
			 all final in   1h\n\
			 cover of site  3 MWh\n"
		);
	}

	#[test]
	fn line_should_say_the_same_without_moving_the_cursor() {
		assert_eq!(
			printed(&frame(), Style::Line),
			"block 99; provisional 42: 2.8.0 12.345 kWh, 1.8.0 20 Wh [gap]; final 40: 2.8.0 12.1 kWh, 1.8.0 20 Wh [unconfirmed]; \
			 pending 2, held 1, disputed 0; all final in 1h; cover 3 MWh\n"
		);
		let mut fresh = frame();
		(fresh.view.newest, fresh.view.newest_final, fresh.cover) = (None, None, None);
		let line = printed(&fresh, Style::Line);
		assert!(
			line.contains("no provisional reading; no final reading;") && line.ends_with("cover -\n"),
			"{line}"
		);
	}

	#[test]
	fn json_should_be_one_object_a_line() {
		let text = printed(&frame(), Style::Json);
		assert_eq!(text.lines().count(), 1);
		let seen: Value = serde_json::from_str(&text).unwrap();
		assert_eq!(
			(&seen["block_number"], &seen["cover_wh"], &seen["meter"]),
			(&json!(99), &json!("3000000"), &json!(3))
		);
		assert_eq!(seen["final_registers"], json!(["12100", "20"]));
	}
}
