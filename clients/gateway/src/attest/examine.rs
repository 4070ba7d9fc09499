//! One meter in one state: compared, told about, vouched for; and what is to be said about it on chain.

use anyhow::Result;
use baseload_client::{calls, files::SignedVoucher, AcceptedReading, Call, Chain, H256};
use baseload_primitives::{MeterId, Moment, SignedReading, Verdict, Voucher, DAY};
use codec::Encode;
use tracing::{error, info, warn};

use super::{
	attestor::{Attestor, Speech},
	compare::{compare_all, Finding, Rule, Stand},
	config::Meter,
	decide::{decide, Decision, Step},
	docket::{Case, Docket, Me},
	journal::{Anchor, Stance},
	own::{Own, Point},
	papers, report,
};

/// How old an anchor becomes before another takes its place.
const ANCHOR_AGE: Moment = 30 * DAY;

impl Attestor<'_> {
	/// Compares a meter's readings, signs the vouchers that are due, and returns what is to be said on chain. `settled`: the
	/// state is that of a final block.
	pub fn examine(
		&mut self,
		chain: &Chain,
		meter: &Meter,
		docket: &Docket,
		me: &Me,
		settled: bool,
	) -> Result<Vec<Speech>> {
		let id = docket.meter;
		let points = self.journal.points(id)?;
		let anchor = self.journal.anchor(id)?;
		let anchor = anchor.filter(|anchor| anchor.device_start == docket.device_start);
		let all = match &anchor {
			Some(anchor) => merged(&anchor.points, &points),
			None => points,
		};
		let own = Own::new(&all, meter.max_gap.0);
		let rule = rule_of(meter);
		let readings: Vec<(Stand, bool)> = docket
			.cases
			.iter()
			.map(|case| (case.stand(), case.reading.flags.is_estimate()))
			.collect();
		let since = anchor.as_ref().map(Anchor::stand);
		let declared = &docket.view.registers;
		let findings = compare_all(declared, &rule, own, docket.base.as_ref(), since.as_ref(), &readings);
		self.tell_findings(docket, &findings);

		let judged = self.journal.judged(id)?;
		let mut decisions = decide(docket, &findings, me, &judged);
		let grid = meter.report.as_ref().map(|every| every.get_ref().0);
		let may_report = me.silenced().is_none() && !me.is_leaving();
		if let (Some(desk), Some(grid), true) = (&docket.desk, grid, may_report) {
			let reading = report::report(desk, declared, grid, &all);
			decisions.extend(reading.map(|reading| Decision {
				sequence: reading.sequence,
				left: grid,
				step: Step::Report(reading),
			}));
		}
		let mut speeches = Vec::new();
		for decision in decisions {
			let case = docket
				.cases
				.iter()
				.find(|case| case.reading.sequence == decision.sequence);
			match (&decision.step, case) {
				(Step::Vouch, Some(case)) if settled => self.vouch(chain, docket, case)?,
				_ => speeches.extend(speech(chain, id, case, decision, &rule, &all)),
			}
		}
		if settled {
			self.tidy(docket, own, anchor.as_ref())?;
		}
		Ok(speeches)
	}

	/// Has the account lost a dispute, nothing that waits now is disputed. A reading that was found to stand waits on without a
	/// trace of the verdict, and nobody should pay for the same mistake twice; nor should an own source that has just been found
	/// wrong accuse others before a person has looked.
	pub fn spare(&self, docket: &Docket) -> Result<()> {
		let waiting: Vec<u64> = docket.cases.iter().map(|case| case.reading.sequence).collect();
		if !waiting.is_empty() {
			warn!(
				meter = docket.meter.0,
				"this account has lost a dispute: what waits at this meter now is not disputed; is the own source right?"
			);
		}
		self.journal.judge(docket.meter, &waiting)
	}

	/// Signs a voucher for a reading and puts it into the folder, once. Only for readings in final blocks: of a sequence there is
	/// one there, so that nobody with this key ever vouches for two.
	fn vouch(&mut self, chain: &Chain, docket: &Docket, case: &Case) -> Result<()> {
		let (meter, sequence) = (docket.meter, case.reading.sequence);
		let Some(folder) = &self.config.vouchers else {
			return Ok(());
		};
		if papers::voucher_path(folder, meter, sequence).exists() {
			return Ok(());
		}
		let row = self.journal.row(meter, sequence.saturating_sub(docket.device_start))?;
		let Some((key, row)) = docket.view.key.zip(row) else {
			return Ok(());
		};
		if !is_of(docket.device_start, &row, &case.reading) {
			return Ok(());
		}
		if let Err(conflict) = self
			.journal
			.take(meter, sequence, content(meter, &case.reading), Stance::Stands)?
		{
			warn!(meter = meter.0, sequence, "not vouched for: {conflict}");
			return Ok(());
		}
		let voucher = Voucher {
			meter,
			key,
			reading: row.reading,
			signature: row.signature,
		};
		// Whoever vouches for a signature that fails loses the bond: looked at once more, just before.
		let payload = voucher.reading.signed_payload(chain.genesis_hash(), meter);
		if !voucher.key.verify(&payload, &voucher.signature) {
			error!(
				meter = meter.0,
				sequence, "not vouched for: the device's signature fails"
			);
			return Ok(());
		}
		let signed = SignedVoucher {
			attestor: self.key.account(),
			signature: self.key.vouch(chain, &voucher)?,
			voucher,
		};
		papers::write_voucher(folder, meter, sequence, &signed)?;
		info!(meter = meter.0, sequence, "vouched for");
		self.shared.attest(meter, |attest| attest.vouched(sequence));
		Ok(())
	}

	/// Moves the anchor when it is old, and forgets what nothing depends on any more.
	fn tidy(&mut self, docket: &Docket, own: Own<'_>, anchor: Option<&Anchor>) -> Result<()> {
		let meter = docket.meter;
		let Some(base) = &docket.base else {
			return Ok(());
		};
		let is_young = |anchor: &Anchor| base.at.saturating_sub(anchor.at) < ANCHOR_AGE;
		if !anchor.is_some_and(is_young) {
			if let Some(points) = own.around(base.at) {
				let anchor = Anchor {
					at: base.at,
					registers: base.registers.clone(),
					device_start: docket.device_start,
					points,
				};
				self.journal.set_anchor(meter, &anchor)?;
			}
		}
		let settled = docket.settled.unwrap_or(0);
		if self.tidied.insert(meter, settled) == Some(settled) {
			return Ok(());
		}
		let of_device = settled.saturating_sub(docket.device_start);
		self.journal.prune(meter, settled, of_device, base.at)?;
		match &self.config.vouchers {
			Some(folder) if folder.exists() => papers::remove_vouchers(folder, meter, settled),
			_ => Ok(()),
		}
	}

	/// Logs what was found, each thing once.
	fn tell_findings(&mut self, docket: &Docket, findings: &[Finding]) {
		let meter = docket.meter.0;
		let before = self.told.remove(&docket.meter).unwrap_or_default();
		let mut told = Vec::with_capacity(findings.len());
		for (case, finding) in docket.cases.iter().zip(findings) {
			let sequence = case.reading.sequence;
			let label = finding.label();
			if !before.contains(&(sequence, label)) {
				match finding {
					Finding::Contradicts(difference) => warn!(meter, sequence, "{label}: {}", difference.explain()),
					Finding::Agrees | Finding::Unclear(_) => info!(meter, sequence, "{label}"),
				}
			}
			if !matches!(finding, Finding::Unclear(_)) {
				self.shared.attest(docket.meter, |attest| attest.compared(sequence));
			}
			told.push((sequence, label));
		}
		self.told.insert(docket.meter, told);
	}
}

/// What a decision says on chain; `None` if it is about a reading that does not wait.
fn speech(
	chain: &Chain,
	meter: MeterId,
	case: Option<&Case>,
	decision: Decision,
	rule: &Rule,
	points: &[Point],
) -> Option<Speech> {
	let sequence = decision.sequence;
	let said = |call: Call, stance: Option<(H256, Stance)>| Some((call, stance, None));
	let (call, stance, evidence) = match &decision.step {
		Step::Vouch => None,
		Step::Close => said(calls::close_dispute(meter, sequence), None),
		Step::Report(reading) => {
			let about = digest(meter, sequence, reading.measured_at, &reading.registers);
			said(calls::report_reading(meter, reading), Some((about, Stance::Stands)))
		}
		Step::Vote(verdict) => {
			let stance = match verdict {
				Verdict::Stands => Stance::Stands,
				Verdict::Wrong => Stance::Wrong,
			};
			let call = calls::vote_on_reading(meter, sequence, *verdict);
			said(call, Some((content(meter, &case?.reading), stance)))
		}
		Step::Dispute(difference) => {
			let reading = &case?.reading;
			let text = papers::evidence(chain.genesis_hash(), meter, reading, difference, rule, points);
			let call = calls::dispute_reading(meter, sequence, calls::evidence_hash(text.as_bytes()));
			Some((call, Some((content(meter, reading), Stance::Wrong)), Some(text)))
		}
	}?;
	Some(Speech {
		meter,
		decision,
		call,
		stance,
		evidence,
	})
}

/// What tells an accepted reading from any other of its sequence.
fn content(meter: MeterId, reading: &AcceptedReading) -> H256 {
	digest(meter, reading.sequence, reading.measured_at, &reading.registers)
}

fn digest(meter: MeterId, sequence: u64, measured_at: Moment, registers: &[u64]) -> H256 {
	calls::evidence_hash(&(meter, sequence, measured_at, registers).encode())
}

/// Whether a device's row is what the chain accepted. A replaced device's registers are carried on, so that only its first
/// one's can be compared.
fn is_of(device_start: u64, row: &SignedReading, accepted: &AcceptedReading) -> bool {
	let same_registers = || row.reading.registers[..] == accepted.registers[..];
	row.reading.measured_at == accepted.measured_at && (device_start > 0 || same_registers())
}

fn rule_of(meter: &Meter) -> Rule {
	Rule {
		parts_per_million: meter.tolerance.parts_per_million,
		slack: meter.slack.wh,
		registers: meter.registers.iter().map(|name| name.0).collect(),
	}
}

/// An anchor's points before all others.
fn merged(anchor: &[Point], points: &[Point]) -> Vec<Point> {
	let first = points.first().map_or(Moment::MAX, |first| first.at);
	let earlier = anchor.iter().filter(|point| point.at < first);
	earlier.chain(points).cloned().collect()
}

#[cfg(test)]
mod tests {
	use super::{super::own::tests::points, *};
	use baseload_primitives::{ClockStatus, DeviceSignature, Flags, Quality, Reading, Registers};

	#[test]
	fn anchors_points_should_stand_before_the_others_and_not_twice() {
		let anchor = points(&[(1, 10), (3, 30)]);
		assert_eq!(
			merged(&anchor, &points(&[(3, 30), (9, 90)])),
			points(&[(1, 10), (3, 30), (9, 90)])
		);
		assert_eq!(merged(&anchor, &[]), anchor);
		assert_eq!(merged(&anchor, &points(&[(0, 0), (1, 10)])), points(&[(0, 0), (1, 10)]));
	}

	#[test]
	fn row_should_be_the_accepted_reading_only_when_time_and_registers_are() {
		let accepted = AcceptedReading {
			sequence: 7,
			measured_at: 5,
			registers: vec![1, 2],
			flags: Flags::NONE,
		};
		let row = |measured_at, registers: &[u64]| SignedReading {
			reading: Reading {
				sequence: 7,
				measured_at,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(registers.to_vec()),
			},
			signature: DeviceSignature::Ed25519([7; 64]),
		};
		assert!(is_of(0, &row(5, &[1, 2]), &accepted));
		assert!(!is_of(0, &row(5, &[1, 3]), &accepted) && !is_of(0, &row(6, &[1, 2]), &accepted));
		assert!(is_of(9, &row(5, &[1, 3]), &accepted));
	}

	#[test]
	fn digest_should_differ_when_any_part_of_the_reading_does() {
		let one = digest(MeterId(1), 2, 3, &[4]);
		assert_eq!(one, digest(MeterId(1), 2, 3, &[4]));
		for other in [
			digest(MeterId(2), 2, 3, &[4]),
			digest(MeterId(1), 3, 3, &[4]),
			digest(MeterId(1), 2, 4, &[4]),
			digest(MeterId(1), 2, 3, &[5]),
			digest(MeterId(1), 2, 3, &[4, 0]),
		] {
			assert_ne!(one, other);
		}
	}
}
